"""Benchmark of the change below which a correction is left out, on real brackets.

    python benchmarks/least_change.py --json benchmarks/results/least_change.json

For several thresholds: the share of good frames (0 EV) and of wrong ones that are left alone, and
the PSNR of each. The higher it lies, the more good photos stay as they are, and the more bad ones.
The brackets are read from ``../shared/data/brackets`` or from ``BRACKETS``, at 320 px.
"""

import numpy as np
from common import Report, arguments, finish, photo_folder

from exposure_lab.data.pairs import find_pairs
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink
from exposure_lab.inference.bilateral_grid import mean_change
from exposure_lab.inference.corrector import LEAST_CHANGE, Corrector
from exposure_lab.metrics.pixel import psnr

BRACKETS = photo_folder("BRACKETS", "brackets")
SIDE = 320
THRESHOLDS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06)


def measured(corrector: Corrector, before: Array, target: Array) -> tuple[float, float, float]:
    """Change that is predicted, and PSNR without it and with it."""
    small = corrector._small_copy(before)
    grid = corrector.network.predict_grid(small)
    assert grid is not None, "the network that ships by default predicts a correction"
    after = corrector.network.grid_correction(grid, None, 1.0).apply(before)
    return (
        mean_change(grid, small),
        psnr(before, target),
        psnr(from_uint8(to_uint8(after)), target),
    )


def main() -> None:
    options = arguments(__doc__ or "")
    report = Report("least_change")
    if not BRACKETS.is_dir():
        report.skip("brackets", f"no photos in {BRACKETS}")
        finish(report, options.json)
        return
    corrector = Corrector.load()
    pairs = find_pairs(BRACKETS, "test")[:: 10 if options.quick else 1]
    rows = np.array(
        [
            (
                pair.ev == 0,
                *measured(
                    corrector,
                    shrink(read_image(pair.input_path), SIDE),
                    shrink(read_image(pair.target_path), SIDE),
                ),
            )
            for pair in pairs
        ]
    )
    is_good, change, before, after = rows.T
    for threshold in THRESHOLDS:
        left = change < threshold
        scored = np.where(left, before, after)
        for name, chosen in (("good", is_good == 1), ("wrong", is_good == 0)):
            report.figure(f"{name}_left_alone_{threshold:g}", float(left[chosen].mean()))
            report.figure(f"{name}_psnr_{threshold:g}", float(scored[chosen].mean()))
    print(f"{len(pairs)} frames; the threshold that ships is {LEAST_CHANGE:g}")
    if not options.quick:
        report.bar(f"good_psnr_{LEAST_CHANGE:g}", ">=", 30)
    finish(report, options.json)


if __name__ == "__main__":
    main()
