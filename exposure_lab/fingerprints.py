"""Hashes over sources and versions, which decide whether work must be done again."""

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import exposure_lab

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
