"""Provenance of results: commit, versions, device, seed and data behind a number."""

import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from exposure_lab.files.ownership import SYSTEM_FILES

COMMIT = Path(__file__).with_name("COMMIT")
"""What a copy of the package was made from that has neither a repository nor a version of its own,
such as that in a bundle for a machine without network. Whoever makes the copy writes it."""

PACKAGES = ("exposure-lab", "torch", "torchvision", "numpy", "pillow", "scikit-image")


def provenance(
    device: str | None = None, seed: int | None = None, data: str | None = None
) -> dict[str, Any]:
    """Collect what is needed to reproduce a number.

    Args:
        device: such as ``"cpu"``; the name of the processor stands beside it anyway.
        seed: of the run.
        data: a fingerprint from `data_fingerprint`.

    Returns:
        A flat dictionary that is strict JSON; the date is UTC in ISO 8601.
    """
    return {
        "commit": commit(),
        "versions": {name: _version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": processor(),
        "device": device,
        "seed": seed,
        "data": data,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def data_fingerprint(folder: Path | str) -> str:
    """SHA-256, 16 digits, over the names and sizes of all files below a folder.

    Names and sizes, not contents: reading 20 GB before each run would cost more than the run gains.
    Hidden files do not count, nor do those that file managers leave behind.
    """
    folder = Path(folder)
    digest = hashlib.sha256()
    # By the parts, since paths of Windows sort without case.
    for path in sorted(folder.rglob("*"), key=lambda path: path.parts):
        hidden = path.name.startswith(".") or path.name.lower() in SYSTEM_FILES
        if path.is_file() and not hidden:
            # As the system has it: a name need not be text, and what is no UTF-8 has no other form.
            digest.update(os.fsencode(path.relative_to(folder).as_posix()))
            digest.update(f" {path.stat().st_size}\n".encode())
    return digest.hexdigest()[:16]


@cache
def commit() -> str:
    """Commit of the source tree, ``-dirty`` where files differ from it; else the version.

    A copy of the tree tells its commit where `COMMIT` names it.
    """
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        if COMMIT.exists():
            return COMMIT.read_text(encoding="utf-8").strip()
        return f"release {_version('exposure-lab')}"
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


@cache
def processor() -> str:
    """Name of the processor, where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
