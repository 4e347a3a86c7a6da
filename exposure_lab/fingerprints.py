"""Hashes over sources, versions and contents: what must be done again, what was edited."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import exposure_lab
from exposure_lab.errors import DataError
from exposure_lab.files.json_files import read_json_object, write_json

FINGERPRINT = "fingerprint"
"""Key, in a JSON file of results, of the fingerprint of all its other content."""

KERNEL_PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "matplotlib",
    "pillow",
    "scikit-image",
    "ipython",
    "ipykernel",
    "nbclient",
    "papermill",
)
"""Packages whose versions can change what a chapter shows."""

PAGE_PACKAGES = (
    "jupyter-book",
    "sphinx",
    "myst-nb",
    "sphinx-book-theme",
    "pydata-sphinx-theme",
    "sphinx-design",
    "sphinx-exercise",
    "sphinxcontrib-bibtex",
)
"""Packages whose versions can change how a page looks."""


def digest(*parts: Any) -> str:
    """SHA-256 of values that JSON can hold, hex."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def with_fingerprint(content: Mapping[str, Any]) -> dict[str, Any]:
    """Add the fingerprint of a content to it, SHA-256, 16 digits, in place of an older one."""
    others = {key: value for key, value in content.items() if key != FINGERPRINT}
    return {**others, FINGERPRINT: digest(others)[:16]}


def write_fingerprinted(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object with the fingerprint of its content.

    Raises:
        FilesError: as `write_json` does.
    """
    write_json(path, with_fingerprint(content))


def read_fingerprinted(path: Path) -> dict[str, Any]:
    """Read a JSON object that bears the fingerprint of its content; it is left out.

    Raises:
        DataError: it was edited by hand, since the fingerprint is another one or is missing.
        FilesError: as `read_json_object` does.
    """
    content = read_json_object(path)
    if content != with_fingerprint(content):
        raise DataError(
            f"Expected {path} as the program wrote it, but its fingerprint does not fit its "
            "content: take it back from version control, or delete it and run again."
        )
    return {key: value for key, value in content.items() if key != FINGERPRINT}


def tree_digest(root: Path | str, files: Iterable[Path] | None = None) -> str:
    """SHA-256 of names and contents below a folder, hex; hidden files and caches do not count."""
    root = Path(root)
    chosen = _list_sources(root) if files is None else files
    result = hashlib.sha256()
    for path in sorted(chosen, key=lambda path: path.parts):  # paths of Windows sort without case
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        result.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return result.hexdigest()


def package_digest() -> str:
    """SHA-256 of every file of this package, hex: code, profiles, photos, results, styles."""
    return tree_digest(Path(exposure_lab.__file__).parent)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Look up installed versions by name, and Python's; ``-`` where a package is absent."""
    installed = {"python": platform.python_version()}
    for name in packages:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "-"
    return installed


def _list_sources(root: Path) -> list[Path]:
    return [
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts
        )
    ]
