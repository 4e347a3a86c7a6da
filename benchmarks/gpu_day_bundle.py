"""Collect what a machine without network lacks for `gpu_day.py`, in at most 55 MB.

The machine has Python, torch, torchvision and what those two bring along; `--has` names what else
is there. FOLDER gets

- `site.tar.xz`: this package and all that it imports here, unpacked from their wheels for Linux on
  x86-64, without their tests and sources: as wheels they would be twice as large;
- `project.tar.xz`: benchmarks, the GPU's tests and the chapters;
- `photos/`: as many as there is room for, see `gpu_day_photos.py`; they are rendered and packed on
  the other machine, since their renderings would be six times as much;
- `run.sh`.

Versions are those of `constraints.txt`; of torch and torchvision the other machine's count.
"""

import lzma
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gpu_day_photos import write_photos
from gpu_day_report import ROOT
from gpu_day_wheels import LEFT_OUT, fetch_wheels, known_files, needed, unpack_wheels

LARGEST = 55_000_000
"""Bytes of a bundle."""
MARGIN = 20_000
"""Bytes for `run.sh` and the entries of folders."""

THERE = ("torch", "torchvision")

BESIDE = ("pytest",)
"""What the day needs and the package itself does not."""

FILTERS = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 9}]
"""Of xz; the first one is for machine code, which most of it is."""

PROJECT = (
    "benchmarks/*.py",
    "benchmarks/results/chapters.json",
    "book/*.ipynb",
    "pyproject.toml",
    ":(glob)tests/*.py",
    "tests/gpu/*.py",
)

RUN = """\
#!/bin/sh
# A GPU day from this folder alone:  sh run.sh [OUT [MINUTES [OPTION ...]]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-day}
minutes=${2:-9}
[ $# -le 2 ] && set -- || shift 2
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for part in site project; do
    "$python" -W ignore -m tarfile -e "$here/$part.tar.xz" "$work/$part"
done
PYTHONPATH="$work/site" PYTHONDONTWRITEBYTECODE=1 \\
    "$python" "$work/project/benchmarks/gpu_day.py" --minutes "$minutes" --out "$out" PHOTOS "$@"
"""


def write_archive(target: Path, files: Iterator[tuple[Path, str]]) -> None:
    """Compress files, each under its name, as small as it goes."""
    with (
        lzma.open(target, "wb", filters=FILTERS) as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        for path, name in files:
            archive.add(path, name)


def build_bundle(folder: Path, photos: Path | None, has: Sequence[str], python: str) -> int:
    """Collect all of it in a new folder; exit code 1 where it is too large, 2 where it is there."""
    if folder.exists():
        print(f"Expected no folder at {folder} yet: name another one, or remove it.")
        return 2
    folder.mkdir(parents=True)
    names = needed(("exposure-lab", *BESIDE), python) - needed((*THERE, *has), python)
    names.discard("exposure-lab")
    with tempfile.TemporaryDirectory(prefix="exposure-lab-bundle-") as scratch:
        wheels, site = Path(scratch, "wheels"), Path(scratch, "site")
        wheels.mkdir()
        fetch_wheels(names, python, wheels)
        unpack_wheels(wheels, site)
        found = sorted(path for path in site.rglob("*") if path.is_file())
        write_archive(folder / "site.tar.xz", ((p, str(p.relative_to(site))) for p in found))
        commit = Path(scratch, "COMMIT")
        describe = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
        commit.write_bytes(subprocess.run(describe, cwd=ROOT, capture_output=True).stdout)
        files = [(path, str(path.relative_to(ROOT))) for path in known_files(PROJECT)]
        write_archive(folder / "project.tar.xz", iter([*files, (commit, "COMMIT")]))
    if photos:
        used = sum(path.stat().st_size for path in folder.iterdir())
        write_photos(photos, folder / "photos", LARGEST - used - MARGIN)
    option = '--photos "$here/photos"' if photos else ""
    (folder / "run.sh").write_text(RUN.replace("PHOTOS", option), encoding="utf-8")
    return report_size(folder, names)


def report_size(folder: Path, names: Iterable[str]) -> int:
    """Print what was collected; 1 where it is more than a bundle may be."""
    sizes = {
        path.name: sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())
        for path in sorted(folder.iterdir())
    }
    print(f"packages: {', '.join(sorted(names))}")
    for name, why in LEFT_OUT.items():
        print(f"left out: {name} ({why})")
    for name, size in sizes.items():
        print(f"{size / 1e6:8.2f} MB  {name}")
    total = sum(sizes.values())
    print(f"{total / 1e6:8.2f} MB  of {LARGEST / 1e6:.0f}")
    if total > LARGEST:
        print(f"Expected at most {LARGEST:,} bytes: name what is there with --has.")
    return int(total > LARGEST)
