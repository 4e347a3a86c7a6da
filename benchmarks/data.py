"""How fast sets are verified, synthesized and packed, and how fast a packed set is read.

    python benchmarks/data.py --json benchmarks/results/data.json        ten minutes, 2 GB in /tmp
    python benchmarks/data.py --quick                                    a tenth of the pictures

The photos are the built-in ones, repeated side by side to one megapixel, the size of MSEC's: not
enlarged, since a smooth picture is quicker to code than a photo. Everything is read from a warm
page cache, since what is measured is the code and not the disk.
"""

import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import Report, arguments, finish

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import decode_photo, find_pairs
from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.exposure import EVS
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.data.verification.verify import verify
from exposure_lab.images.io import write_image
from exposure_lab.images.resize import shrink
from exposure_lab.profiles.load import load_profile

HEIGHT, WIDTH = 820, 1230
"""px: 1.0 MP."""

PAIRS = 2000
PACK_SIZES = (1, 10, 100)

GROWTH = """
import sys, numpy as np
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.profiles.load import load_profile
photos = PackedPairs(sys.argv[1], "training", load_profile("report").data)
order = np.random.default_rng(0).permutation(len(photos))
def private():
    text = open("/proc/self/status").read()
    return int(text.partition("RssAnon:")[2].split()[0])
def read(count):
    return sum(int(photos[int(order[i % len(order)])][0][0, 0, 0]) for i in range(count))
read(200)
before = private()
read(5000)
print(before, private())
"""
"""Reads pairs at random in a process of its own; prints its private memory in kB, twice."""


def photos(folder: Path, count: int) -> Path:
    """Photos of MSEC's size, each a little wider than the one before."""
    for i, name in zip(range(count), itertools.cycle(SAMPLE_SPLITS), strict=False):
        photo = sample_photo(name)
        width = WIDTH + i
        times = -(-HEIGHT // photo.shape[0]), -(-width // photo.shape[1]), 1
        write_image(folder / f"{name}_{i:04d}.jpg", np.tile(photo, times)[:HEIGHT, :width])
    return folder


def measure_synthesis(report: Report, folder: Path, count: int) -> Path:
    """Megapixels written a second by one process, targets included."""
    source = photos(folder / "photos", count)
    rates = []
    for i in range(3):
        out = folder / f"set{i}"
        start = time.perf_counter()
        synthesize(source, out, val=0.1, jobs=1)
        seconds = time.perf_counter() - start
        pixels = sum(HEIGHT * (WIDTH + i) for i in range(count))  # each is written six times
        rates.append(pixels * (1 + len(EVS)) / 1e6 / seconds)
    report.figure("synthesize_mp_per_s_and_core", rates)
    report.bar("synthesize_mp_per_s_and_core", ">=", 25)
    return folder / "set0"


def measure_verify(report: Report, data: Path, jobs: int) -> None:
    """Files a minute, each decoded."""
    rates = []
    for _ in range(3):
        start = time.perf_counter()
        verified = verify(data, jobs=jobs)
        files = sum(count.inputs + count.targets for count in verified.counts)
        rates.append(60 * files / (time.perf_counter() - start))
    report.figure(f"verify_files_per_min_{jobs}_jobs", rates)


def measure_reading(report: Report, data: Path, folder: Path, config: DataConfig) -> None:
    """Images a second from JPEGs in the loop, and from the pack of the same set."""
    pairs = find_pairs(data, "training")
    chosen = [pairs[i % len(pairs)] for i in range(PAIRS)]
    start = time.perf_counter()
    packed = PackedPairs(pack(data, folder / "set.pack", config), "training", config)
    report.figure("pack_images_per_s", len(packed.photos) / (time.perf_counter() - start))
    order = np.random.default_rng(0).permutation(PAIRS) % len(packed)
    start = time.perf_counter()
    for pair in chosen:
        for path in pair[:2]:
            decode_photo(path, config)
    jpeg = 2 * PAIRS / (time.perf_counter() - start)
    rates = []
    for _ in range(5):
        start = time.perf_counter()
        for first in range(0, PAIRS, 64):
            batch = [packed[int(i)] for i in order[first : first + 64]]
            np.stack([pair[0] for pair in batch])  # the one copy there is: into the batch
            np.stack([pair[1] for pair in batch])
        rates.append(2 * PAIRS / (time.perf_counter() - start))
    report.figure("jpeg_images_per_s", jpeg)
    report.figure("packed_images_per_s", rates)
    report.figure("packed_over_jpeg", [rate / jpeg for rate in rates])
    report.bar("packed_over_jpeg", ">=", 8)


def measure_memory(report: Report, folder: Path) -> None:
    """Private memory of a reader of sets of 1, 10 and 100 times the size."""
    config = load_profile("report").data
    base = 20
    source = folder / "tiny"
    for i in range(base):
        name = list(SAMPLE_SPLITS)[i % 6]
        write_image(source / f"{i:03d}.jpg", shrink(sample_photo(name), 64))
    synthesize(source, folder / "tiny-set", val=0)
    small = pack(folder / "tiny-set", folder / "x1.pack", config)
    held = {}
    for times in PACK_SIZES:
        path = small if times == 1 else grown(small, folder / f"x{times}.pack", times)
        command = [sys.executable, "-c", GROWTH, str(path)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        held[times] = int(done.stdout.split()[1])
    report.figure("reader_private_mb", held[1] / 1024)
    growth = [held[times] / held[1] - 1 for times in PACK_SIZES[1:]]
    report.figure("reader_private_growth", max(growth))
    report.bar("reader_private_growth", "<=", 0.05)


def grown(pack_folder: Path, out: Path, times: int) -> Path:
    """The same pack with its photos and pairs several times over."""
    import json

    from exposure_lab.files.checksum import sha256

    out.mkdir()
    photos, pairs = np.load(pack_folder / "photos.npy"), np.load(pack_folder / "training.npy")
    pixels = (pack_folder / "pixels.bin").read_bytes()
    more_photos, more_pairs = np.tile(photos, times), np.tile(pairs, times)
    turn = np.repeat(np.arange(times), len(photos))
    more_photos["offset"] += turn * len(pixels)
    for side in ("input", "target"):
        more_pairs[side] += np.repeat(np.arange(times), len(pairs)).astype("i4") * len(photos)
    with (out / "pixels.bin").open("wb") as file:
        for _ in range(times):
            file.write(pixels)
    np.save(out / "photos.npy", more_photos)
    np.save(out / "training.npy", more_pairs)
    index = json.loads((pack_folder / "index.json").read_text("utf-8"))
    index["pixels"] = len(pixels) * times
    index["tables"] = {name: sha256(out / f"{name}.npy") for name in ("photos", "training")}
    (out / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return out


def main() -> None:
    options = arguments("Time what happens to data before training.")
    report = Report("data")
    count = 12 if options.quick else 60
    with tempfile.TemporaryDirectory(prefix="exposure-lab-data-") as name:
        folder = Path(name)
        data = measure_synthesis(report, folder, count)
        for jobs in (1, 2):
            measure_verify(report, data, jobs)
        report.bar("verify_files_per_min_2_jobs", ">=", 10_000)
        measure_reading(report, data, folder, load_profile("report").data)
        measure_memory(report, folder)
    finish(report, options.json)


if __name__ == "__main__":
    main()
