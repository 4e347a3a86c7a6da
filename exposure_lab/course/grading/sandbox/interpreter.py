"""This Python as the sandbox sees it: its folders, those of its packages, and what they hide."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import exposure_lab

PACKAGE = Path(exposure_lab.__file__).resolve().parent

SITE_NAMES = ("site-packages", "dist-packages")

ALWAYS_VISIBLE = Path("/usr")


@dataclass(frozen=True)
class Interpreter:
    """What a worker needs of the Python that grades."""

    executable: Path
    own: tuple[Path, ...]
    """What is shown of its prefix, where that lies outside ``/usr``."""
    sites: tuple[Path, ...]
    """Folders of installed packages, in the order in which they are searched."""
    hidden: tuple[Path, ...]
    """Folders within these that hold this package, which answers the questions."""


def this_interpreter() -> Interpreter:
    """Find what a worker needs of the Python that runs here, in a virtual environment or not."""
    executable = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    prefix = Path(sys.base_prefix).resolve()
    libraries = [folder for folder in (prefix / "lib", prefix / "lib64") if folder.is_dir()]
    own: list[Path] = []
    if not prefix.is_relative_to(ALWAYS_VISIBLE):
        own = [executable, *(folder for folder in libraries if not folder.is_symlink())]
    sites = [Path(p) for p in sys.path if Path(p).name in SITE_NAMES and Path(p).is_dir()]
    return Interpreter(executable, tuple(own), tuple(sites), tuple(_hidden(libraries, sites)))


def _hidden(libraries: list[Path], sites: list[Path]) -> list[Path]:
    """Installed copies of this package, and its checkout, within what is shown."""
    searched = [*libraries, ALWAYS_VISIBLE / "lib", ALWAYS_VISIBLE / "local/lib"]
    found = {site / PACKAGE.name for site in sites}
    for folder in searched:
        for name in SITE_NAMES:
            found.update(folder.glob(f"python*/{name}/{PACKAGE.name}"))
    checkout = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else PACKAGE
    shown = (ALWAYS_VISIBLE, *libraries, *sites)
    if any(checkout.is_relative_to(folder) for folder in shown):
        found.add(checkout)
    return sorted(folder for folder in found if folder.is_dir())
