"""The packages of a bundle: which ones, their wheels, and what of them is unpacked."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path, PurePosixPath

from gpu_day_report import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LEFT_OUT = {
    "gdown": "downloads from Google Drive",
    "jupyterlab-widgets": "the part of widgets that runs in a browser",
    "widgetsnbextension": "the part of widgets that runs in a browser",
    "typer": "the command line, which no part uses",
}
"""What this package asks for and the day does not import."""

CODECS = ("_jpegxl", "_shared", "libjxl", "libbrotli")
"""Libraries of imagecodecs that the panoramas of chapter 01 take; the others, for photos of 16 bits
and for colour profiles, are not read that day."""

PLATFORMS = ("2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
"""Versions of the C library that wheels are made for, up to that of a machine of 2024."""

NOT_RUN = {"tests", "test", "testing_data", "include", "sample_data", "__pycache__"}
"""Folders of a package that nothing imports."""
NOT_READ = {".pyi", ".pyx", ".pxd", ".h", ".c", ".cpp", ".hpp", ".js", ".map", ".ts", ".a"}
COMPILED_TWICE = ("fontTools",)
"""Packages whose compiled modules are there as Python too, and quick enough as that."""


def needed(roots: Iterable[str], python: str) -> set[str]:
    """Names of the packages that some need, themselves included, as installed here."""
    place = {"python_version": python, "sys_platform": "linux", "extra": ""}
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found or name in LEFT_OUT:
            continue
        found.add(name)
        lines: list[str] = []
        with suppress(PackageNotFoundError):  # what is there, and not here
            lines = requires(name) or []
        for requirement in map(Requirement, lines):
            if requirement.marker is None or requirement.marker.evaluate(place):
                waiting.append(requirement.name)
    return found


def pins(python: str) -> dict[str, str]:
    """Name to the version in `constraints.txt`, for one Python."""
    versions: dict[str, str] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate({"python_version": python}):
                versions[canonicalize_name(pin.name)] = str(pin.specifier)
    return versions


def fetch_wheels(names: Iterable[str], python: str, folder: Path) -> None:
    """Download the wheels of some packages, and build that of this one."""
    versions = pins(python)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    command = [*pip, "download", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    command += ["--python-version", python, "--implementation", "cp"]
    for version in PLATFORMS:
        command += ["--platform", f"manylinux_{version}_x86_64"]
    command += ["--platform", "manylinux2014_x86_64", "--platform", "manylinux1_x86_64"]
    subprocess.run([*command, *(f"{name}{versions[name]}" for name in sorted(names))], check=True)
    with tempfile.TemporaryDirectory() as copy:
        for path in known_files(["exposure_lab", "pyproject.toml", "README.md", "LICENSE"]):
            target = Path(copy, path.relative_to(ROOT))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        own = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
        subprocess.run([*own, copy], check=True)


def known_files(patterns: Sequence[str]) -> list[Path]:
    """Files that git knows, or would with `git add`, and that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted({ROOT / name for name in listed.split("\0") if (ROOT / name).is_file() and name})


def unpack_wheels(folder: Path, site: Path) -> None:
    """Unpack wheels as an install does, without what is only tested, compiled or shown."""
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in (name for name in archive.namelist() if not name.endswith("/")):
                parts = list(PurePosixPath(name).parts)
                if parts[0].endswith(".data"):
                    if parts[1] not in ("purelib", "platlib"):
                        continue  # scripts and pages
                    parts = parts[2:]
                if not is_run(parts):
                    continue
                target = site.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))


def is_run(parts: Sequence[str]) -> bool:
    """Whether the day needs a file of an installed package, by the parts of its path."""
    suffix = PurePosixPath(parts[-1]).suffix
    if parts[0] == "exposure_lab":
        return suffix != ".safetensors"  # in an archive of their own, where there is room
    if parts[0] in ("imagecodecs", "imagecodecs.libs"):
        return suffix == ".py" or parts[-1].startswith(CODECS)
    if suffix == ".so" and parts[0] in COMPILED_TWICE:
        return False
    if suffix == ".pyi" and parts[0] == "skimage":
        return True  # it reads from them what to import when
    return not NOT_RUN & set(parts) and suffix not in NOT_READ
