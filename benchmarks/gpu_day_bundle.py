"""Collect what a machine without network lacks for `gpu_day.py`.

At most 55 MB, and 64 MiB with the checkout, which a lent machine gets too; with `--alone` it does
not. The machine has Python, torch, torchvision and what those two bring along; `--has` names what
else is there, which brings what it needs in turn. A machine for work with torch mostly has

    --has matplotlib psutil pytest requests rich safetensors scikit-image scipy tqdm

FOLDER gets

- `site.tar.xz`: this package and all that it imports here, unpacked from their wheels for Linux on
  x86-64, without their tests and sources: as wheels they would be twice as large;
- `weights.tar.xz`: the weights that ship, which chapter 11 asks for, where there is room;
- `project.tar.xz`: benchmarks, the GPU's tests and the chapters;
- `photos/`: as many as there is room for, see `gpu_day_photos.py`; they are rendered and packed on
  the other machine, since their renderings would be six times as much;
- `run.sh`.

Versions are those of `constraints.txt`; of torch and torchvision the other machine's count.
"""

import lzma
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from gpu_day_photos import write_photos
from gpu_day_report import ROOT
from gpu_day_wheels import LEFT_OUT, fetch_wheels, known_files, needed, unpack_wheels

from exposure_lab.provenance import commit

LARGEST = 55_000_000
"""Bytes of a bundle."""
TRAVELS = 64 * 2**20
"""Bytes of a bundle and the checkout together."""
MARGIN = 20_000
"""Bytes for `run.sh` and the entries of folders."""

THERE = ("torch", "torchvision")

WEIGHTS = "exposure_lab/weights/*.safetensors"
FEW_PHOTOS = 4_000_000
"""Bytes that the weights leave to photos: a hundred of them."""

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
for archive in "$here"/*.tar.xz; do
    "$python" -W ignore -m tarfile -e "$archive" "$work"
done
PYTHONPATH="$work/site" "$python" \\
    "$work/project/benchmarks/gpu_day.py" --minutes "$minutes" --out "$out" PHOTOS "$@"
"""


def write_archive(target: Path, folder: str, root: Path, files: Iterable[Path]) -> None:
    """Compress files below a root as small as it goes, each with its path below it in a folder."""
    with (
        lzma.open(target, "wb", filters=FILTERS) as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        for path in files:
            archive.add(path, f"{folder}/{path.relative_to(root).as_posix()}")


def build_bundle(
    folder: Path, photos: Path | None, has: Sequence[str], python: str, alone: bool
) -> int:
    """Collect all of it in a new folder.

    Returns:
        The exit code: 1 where it is too large, 2 where the folder is there already.
    """
    if folder.exists():
        print(f"Expected no folder at {folder} yet: name another one, or remove it.")
        return 2
    folder.mkdir(parents=True)
    names = needed(("exposure-lab", *BESIDE), python) - needed((*THERE, *has), python)
    names.discard("exposure-lab")
    checkout = 0 if alone else sum(path.stat().st_size for path in known_files(["."]))
    room = min(LARGEST, TRAVELS - checkout)
    with tempfile.TemporaryDirectory(prefix="exposure-lab-bundle-") as scratch:
        wheels, site = Path(scratch, "wheels"), Path(scratch, "site")
        wheels.mkdir()
        fetch_wheels(names, python, wheels)
        unpack_wheels(wheels, site)
        (site / "exposure_lab" / "COMMIT").write_text(commit(), encoding="utf-8")
        found = sorted(path for path in site.rglob("*") if path.is_file())
        write_archive(folder / "site.tar.xz", "site", site, found)
    write_archive(folder / "project.tar.xz", "project", ROOT, known_files(PROJECT))
    left = room - MARGIN - sum(path.stat().st_size for path in folder.iterdir())
    weights = known_files([WEIGHTS])
    if sum(path.stat().st_size for path in weights) + FEW_PHOTOS <= left:
        write_archive(folder / "weights.tar.xz", "site", ROOT, weights)
        left -= (folder / "weights.tar.xz").stat().st_size
    else:
        print(f"left out: {len(weights)} files of weights, for want of room; chapter 11 will fail")
    if photos and left > 0:
        write_photos(photos, folder / "photos", left)
    option = '--photos "$here/photos"' if photos else ""
    (folder / "run.sh").write_text(RUN.replace("PHOTOS", option), encoding="utf-8")
    return report_size(folder, names, room)


def report_size(folder: Path, names: Iterable[str], room: int) -> int:
    """Print what was collected; 1 where it is more than there is room for."""
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
    print(f"{total / 1e6:8.2f} MB  of {room / 1e6:.2f}")
    if total > room:
        print(
            f"Expected at most {room:,} bytes, {LARGEST:,} and with the checkout {TRAVELS:,}, but "
            f"the bundle has {total:,}: name what is there already with --has."
        )
    return int(total > room)
