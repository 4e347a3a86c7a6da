"""Benchmark of a bilateral grid at full size: seconds for 24 megapixels.

    python benchmarks/grid_speed.py --json OUT
    python benchmarks/grid_speed.py --quick        a sixth of the pixels

The network has random weights: what it answers makes no difference to the time. Timed are the
small copy and its grid, and applying the grid, from 8 bits to 8 bits, on two threads of the
processor; then the whole on a GPU, where there is one. Files are neither read nor written.

Then `exposure-lab correct` as one starts it, with the weights that ship and onnxruntime where that
is installed: on a photo of one pixel, which is the start alone, and on a JPEG of 12 megapixels,
from the shell to the written file. Its peak of memory is held against the pixels of a large photo.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from common import Report, arguments, finish
from numpy.typing import NDArray

from exposure_lab.config import DataConfig
from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.images.array import to_uint8
from exposure_lab.images.io import write_image
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference.bilateral_grid import BilateralGrid, GridSlicer
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.grid_slicing import row_places, slice_grid
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import device_name

MEGAPIXELS = 24
THREADS = 2
REPEATS = 5


def picture(megapixels: float) -> NDArray[np.uint8]:
    """Photos side by side, 3 to 2."""
    height = int(np.sqrt(megapixels * 1e6 * 2 / 3))
    width = height * 3 // 2
    photo = to_uint8(sample_photo("coffee"))
    times = -(-height // photo.shape[0]), -(-width // photo.shape[1]), 1
    return np.ascontiguousarray(np.tile(photo, times)[:height, :width])


def corrector(data: DataConfig, device: str) -> Corrector:
    """A network as large as one that is trained, which changes every tone."""
    torch.manual_seed(0)
    network = BilateralGridNet(data.image_size)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)  # more than is left out
    return Corrector(TorchNetwork(network, torch.device(device)), data)


def timed(task: Callable[[], object], device: str) -> list[float]:
    """Seconds of each repetition; one before them warms up, and a GPU is waited for."""
    seconds = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        task()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def measure_correction(report: Report, photo: PhotoFile, data: DataConfig, device: str) -> None:
    """The whole of `correct_photo`, and of it the small copy with its grid."""
    model = corrector(data, device)
    view = PhotoFile(picture(0.01))
    whole = timed(lambda: model.correct_photo(photo), device)
    report.figure(f"{device}_s", whole)
    # A photo of a hundredth of a megapixel has the same small copy, and next to nothing to slice.
    report.figure(f"{device}_network_s", timed(lambda: model.correct_photo(view), device))
    report.figure(f"{device}_s_per_mp", [one / photo.pixels[..., 0].size * 1e6 for one in whole])


def measure_slices(report: Report, width: int) -> None:
    """Strips of rows against one sampler in three dimensions, on a megapixel of 12 numbers each.

    Beside them the products of matrices that the processor takes, which mix colours as well.
    """
    rows = 1_000_000 // width
    grid = torch.randn(1, 12, 8, 8, 8)
    depth = torch.rand(1, rows, width) * 7
    places = torch.rand(1, 1, rows, width, 3) * 2 - 1

    all_rows = row_places(rows, grid)

    def in_strips() -> None:
        for top in range(0, rows, 8):
            slice_grid(grid, depth[:, top : top + 8], all_rows[top : top + 8])

    def at_once() -> None:
        torch.nn.functional.grid_sample(grid, places, align_corners=False, padding_mode="border")

    with torch.inference_mode():
        strips, whole = (timed(task, "cpu") for task in (in_strips, at_once))
    report.figure("strips_s_per_mp", strips)
    report.figure("three_dimensions_s_per_mp", whole)
    values = BilateralGrid(
        grid[0].numpy(), np.full(3, 1 / 3, np.float32), np.linspace(0, 1, 8, dtype=np.float32)
    )
    slicer, picture = GridSlicer(values, width), np.random.rand(3, rows, width).astype(np.float32)
    heights = (np.arange(rows) + 0.5) / rows

    def by_products() -> None:
        for top in range(0, rows, 8):
            slicer.change(picture[:, top : top + 8], heights[top : top + 8])

    report.figure("products_s_per_mp", timed(by_products, "cpu"))


def measure_command(report: Report, folder: Path) -> None:
    """The command, from the shell to the written file, and its memory."""
    photos = {
        "pixel": np.full((1, 1, 3), 90, np.uint8),
        "medium": picture(12) // 3,
        "large": picture(48) // 3,  # too dark: a photo that needs nothing would be copied
    }
    paths = {name: folder / f"{name}.jpg" for name in photos}
    for name, path in paths.items():
        write_image(path, photos[name])
    report.figure("start_s", timed(lambda: correct(paths["pixel"]), "cpu"))
    report.figure("command_12_mp_s", timed(lambda: correct(paths["medium"]), "cpu"))
    start, whole = correct(paths["pixel"]), correct(paths["large"])
    report.figure("memory_by_pixels", (whole - start) / photos["large"].size)


def correct(photo: Path) -> int:
    """Correct one photo in a process of its own; returns its peak of memory, bytes."""
    # Of the process's own memory: `resource` would tell that of the one which started it.
    program = (
        "from pathlib import Path; from exposure_lab.cli.main import app\n"
        f"app(['correct', {str(photo)!r}, '--overwrite'], standalone_mode=False)\n"
        "print(Path('/proc/self/status').read_text())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", result.stdout)[-1])


def main() -> None:
    options = arguments(__doc__ or "")
    torch.set_num_threads(THREADS)
    report = Report("grid_speed")
    megapixels = MEGAPIXELS / 6 if options.quick else MEGAPIXELS
    pixels = picture(megapixels)
    data = load_profile("report").data
    photo = PhotoFile(pixels)
    print(
        f"{pixels.shape[1]} x {pixels.shape[0]} px, {torch.get_num_threads()} threads, "
        f"{device_name(torch.device('cpu'))}, torch {torch.__version__}"
    )
    measure_slices(report, pixels.shape[1])
    measure_correction(report, photo, data, "cpu")
    with tempfile.TemporaryDirectory() as folder:
        measure_command(report, Path(folder))
    if not options.quick:
        report.bar("cpu_s", "<=", 1.0)
        report.bar("start_s", "<=", 0.7)
        report.bar("command_12_mp_s", "<=", 2.0)
        report.bar("memory_by_pixels", "<=", 5.0)
    if torch.cuda.is_available():
        print(device_name(torch.device("cuda")))
        measure_correction(report, photo, data, "cuda")
        if not options.quick:
            report.bar("cuda_s", "<=", 0.06)
    else:
        report.skip("cuda_s", "this machine has no GPU")
    finish(report, options.json)


if __name__ == "__main__":
    main()
