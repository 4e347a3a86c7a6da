"""Benchmark of guided upsampling and of `correct`: quality, speed and memory.

    python benchmarks/correct.py --json benchmarks/results/correct.json   a quarter of an hour
    python benchmarks/correct.py --quick                                  fewer photos, no folder

Quality is measured on the 24 Kodak photos, where they lie in ``../shared/data/kodak24`` (or in
``KODAK24``). Two fits are compared, the library's fast guided filter and a bilateral grid of affine
maps (`fitted_grid.py`), and plain enlargement beside them. First with the exact exposure curve
in the network's place, where the right answer is known: the curve applied at full size. Then with
the network that ships.

Speed is measured on the same photos, repeated side by side to the size that is named, and written
as JPEG.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from common import Report, arguments, finish, photo_folder
from fitted_grid import upsample_by_grid

from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.camera import draw_camera_response, render
from exposure_lab.data.synthesis.exposure import EVS, apply_ev
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.resize import resize
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.guided_upsampling import upsample_correction
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import psnr

KODAK = photo_folder("KODAK24", "kodak24")
SEEN = 256
"""px: side of the square that the network sees."""

Upsampling = Callable[[Array, Array, Array], Array]

MEMORY = r"""
import re, sys
from pathlib import Path
from exposure_lab.inference.batch import Options, correct_files
from exposure_lab.inference.output_names import plan_jobs

def run(source, out):
    jobs = plan_jobs([Path(source)], Path(out)).jobs
    (outcome,) = correct_files(jobs, Options("unet-16", overwrite=True))
    assert outcome.written, outcome

def status(key):
    return int(re.search(key + r":\s+(\d+)", open("/proc/self/status").read())[1])

run(sys.argv[1], sys.argv[3])  # a small one: torch and the model are loaded now
open("/proc/self/clear_refs", "w").write("5")  # forget the peak so far
before = status("VmRSS")
run(sys.argv[2], sys.argv[4])
print(before, status("VmHWM"))
"""
"""Corrects a small photo, then a large one; prints resident memory before and its peak, kB."""


def enlarge(image: Array, small_input: Array, small_output: Array) -> Array:
    """Enlarge the network's output itself, bicubic: what everybody does first."""
    height, width = image.shape[:2]
    return resize(small_output, height, width)


METHODS: dict[str, Upsampling] = {
    "guided": upsample_correction,
    "grid": upsample_by_grid,
    "bicubic": enlarge,
}


def kodak(count: int) -> list[Array]:
    return [read_image(path) for path in sorted(KODAK.glob("*.png"))[:count]]


def measure_curve(report: Report, photos: Sequence[Array]) -> None:
    """The upsampling alone: the exact curve at 256 px against the curve at full size."""
    scores, seconds = defaultdict(list), defaultdict(list)
    for photo in photos:
        small = resize(photo, SEEN, SEEN)
        for ev in EVS:
            if ev:
                for name, method in METHODS.items():
                    start = time.perf_counter()
                    upsampled = method(photo, small, apply_ev(small, ev))
                    seconds[name].append((time.perf_counter() - start) / photo[..., 0].size * 1e6)
                    scores[name].append(psnr(upsampled, apply_ev(photo, ev)))
    for name, values in scores.items():
        report.figure(f"curve_{name}_psnr", mean(values))
        report.figure(f"curve_{name}_psnr_worst", min(values))
        report.figure(f"curve_{name}_s_per_mp", seconds[name])
    report.figure("curve_over_bicubic_db", mean(scores["guided"]) - mean(scores["bicubic"]))
    report.bar("curve_guided_psnr", ">=", 40)
    report.bar("curve_over_bicubic_db", ">=", 10)


def measure_network(report: Report, photos: Sequence[Array]) -> None:
    """The network that ships, on renderings as it was trained on, through 8 bits."""
    corrector = Corrector.load("unet-16")
    scores: dict[str, dict[float, list[float]]] = {name: defaultdict(list) for name in METHODS}
    boards: dict[str, list[float]] = {name: [] for name in METHODS}
    for i, photo in enumerate(photos):
        response = draw_camera_response("random", f"kodak{i}", seed=0)
        for ev in EVS:
            real_input = from_uint8(to_uint8(render(photo, ev, response)))
            small = resize(real_input, SEEN, SEEN)
            output = corrector.run(small)
            for name, method in METHODS.items():
                shown = from_uint8(to_uint8(method(real_input, small, output)))
                scores[name][ev].append(psnr(shown, photo))
                boards[name].append(checkerboard_energy(shown) / checkerboard_energy(photo))
    for name, by_ev in scores.items():
        for ev, values in by_ev.items():
            report.figure(f"network_{name}_psnr_ev{ev:+g}", mean(values))
        report.figure(f"network_{name}_checkerboard_over_target", mean(boards[name]))
    gains = [mean(scores["guided"][ev]) - mean(scores["bicubic"][ev]) for ev in EVS]
    report.figure("network_over_bicubic_db_worst_ev", min(gains))
    report.bar("network_over_bicubic_db_worst_ev", ">=", 0)
    report.bar("network_guided_checkerboard_over_target", "<=", 1.05)


def write_large(path: Path, megapixels: float, turn: int = 0) -> Path:
    """A JPEG of photos side by side, in full detail."""
    height = int(np.sqrt(megapixels * 1e6 * 2 / 3))
    width = height * 3 // 2
    photo = sample_photo(list(SAMPLE_SPLITS)[turn % len(SAMPLE_SPLITS)])
    times = -(-height // photo.shape[0]), -(-width // photo.shape[1]), 1
    write_image(path, np.tile(to_uint8(apply_ev(photo, -1)), times)[:height, :width], quality=92)
    return path


def measure_speed(report: Report, folder: Path, rounds: int) -> None:
    """JPEG to JPEG in this process, with the model loaded."""
    from exposure_lab.inference.batch import Options, correct_files
    from exposure_lab.inference.output_names import plan_jobs

    options = Options("unet-16", overwrite=True)
    for megapixels, bar in ((12, 2.5), (24, 5.0)):
        jobs = plan_jobs(
            [write_large(folder / f"{megapixels}mp.jpg", megapixels)], folder / "out"
        ).jobs
        times = []
        for turn in range(rounds + 1):
            start = time.perf_counter()
            (outcome,) = correct_files(jobs, options)
            assert outcome.written, outcome
            if turn:  # the first loads the model
                times.append(time.perf_counter() - start)
        report.figure(f"jpeg_{megapixels}mp_s", times)
        report.bar(f"jpeg_{megapixels}mp_s", "<=", bar)


def measure_memory(report: Report, folder: Path) -> None:
    """Peak above the process with torch and model loaded, over the decoded picture's bytes."""
    small = write_large(folder / "small.jpg", 0.1)
    large = write_large(folder / "large.jpg", 24)
    command = [sys.executable, "-c", MEMORY, str(small), str(large)]
    command += [str(folder / "small-out.jpg"), str(folder / "large-out.jpg")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    before, peak = map(int, done.stdout.split())
    decoded = to_uint8(read_image(large)).nbytes
    report.figure("peak_over_decoded", (peak - before) * 1024 / decoded)
    report.bar("peak_over_decoded", "<=", 12)


def measure_folder(report: Report, folder: Path, count: int) -> None:
    """A folder of photos of 4 MP: one process on one thread, and two processes."""
    for i in range(count):
        write_large(folder / "many" / f"{i:03d}.jpg", 4.2, turn=i)
    seconds = {}
    for jobs in (1, 2):
        command = [
            sys.executable,
            "-c",
            "from exposure_lab.cli.main import main; main()",
            "correct",
        ]
        command += [str(folder / "many"), "--out", str(folder / f"jobs{jobs}"), "--jobs", str(jobs)]
        start = time.perf_counter()
        subprocess.run(
            command, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True
        )
        seconds[jobs] = time.perf_counter() - start
        report.figure(f"folder_photos_per_s_{jobs}_jobs", count / seconds[jobs])
    report.figure("folder_two_jobs_over_one", seconds[1] / seconds[2])
    report.bar("folder_two_jobs_over_one", ">=", 1.5)


def main() -> None:
    options = arguments("Measure how photos are corrected at native size.")
    report = Report("correct")
    photos = kodak(4 if options.quick else 24)
    with tempfile.TemporaryDirectory(prefix="exposure-lab-correct-") as name:
        folder = Path(name)
        measure_speed(report, folder, rounds=1 if options.quick else 5)
        measure_memory(report, folder)
        if options.quick:
            report.skip("folder_two_jobs_over_one", "left out by --quick")
        else:
            measure_folder(report, folder, 200)
    if photos:
        measure_curve(report, photos)
        measure_network(report, photos)
    else:
        for figure in ("curve_guided_psnr", "network_over_bicubic_db_worst_ev"):
            report.skip(figure, f"the Kodak photos are not at {KODAK.name}: name their folder")
    finish(report, options.json)


if __name__ == "__main__":
    main()
