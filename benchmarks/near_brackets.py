"""Real exposures that are off by little: what models make of them, and of the good ones.

    python benchmarks/near_brackets.py --json benchmarks/results/near_brackets.json

Many frames of the brackets are off by three stops and more, and little of them is left to correct.
So the wrong frames are sorted by what doing nothing scores, and the nearest ones are taken: as many
as bring its mean to 16.3 dB, which is what it scores on 42 other scenes, whose steps are smaller.
The good frames are all taken. Each is scored by protocol `lab`, at its own size.

The brackets are read from ``../shared/data/brackets`` or from ``BRACKETS``.
"""

import numpy as np
import torch
from common import Report, arguments, finish, photo_folder

from exposure_lab.data.pairs import Pair, find_pairs
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.images.io import read_image
from exposure_lab.inference.resolve import resolve
from exposure_lab.metrics.pixel import psnr

BRACKETS = photo_folder("BRACKETS", "brackets")
AS_FAR_OFF = 16.3
"""dB: mean of doing nothing on the other scenes."""

MODELS = ("identity", "stretch", "white-point", "auto-exposure", "unet-16", "grid-s")


def nearest(pairs: list[Pair]) -> list[Pair]:
    """The wrong frames nearest to their targets, as many as bring the mean to `AS_FAR_OFF`."""
    before = [psnr(read_image(pair.input_path), read_image(pair.target_path)) for pair in pairs]
    order = np.argsort(before)[::-1]
    means = np.cumsum(np.array(before)[order]) / np.arange(1, len(pairs) + 1)
    return [pairs[i] for i in order[: int((means >= AS_FAR_OFF).sum())]]


def main() -> None:
    options = arguments(__doc__ or "")
    torch.set_num_threads(1)
    report = Report("near_brackets")
    if not BRACKETS.is_dir():
        report.skip("brackets", f"no photos in {BRACKETS}")
        finish(report, options.json)
        return
    pairs = find_pairs(BRACKETS, "test")
    near = nearest([pair for pair in pairs if pair.ev])
    good = [pair for pair in pairs if pair.ev == 0]
    scores = evaluate({name: resolve(name) for name in MODELS}, near + good)
    report.figure("frames", len(near))
    report.figure("dark frames", sum(pair.ev < 0 for pair in near))
    for model in scores.models:
        wrong = model.mean_wrong
        assert wrong is not None and wrong.ssim is not None, (
            "wrong frames, scored by a protocol with SSIM"
        )
        report.figure(f"{model.name}_psnr", wrong.psnr)
        report.figure(f"{model.name}_ssim", wrong.ssim)
        report.figure(f"{model.name}_good", model.by_ev[0.0].psnr)
    report.bar("grid-s_psnr", ">=", 22.5)
    report.bar("grid-s_ssim", ">=", 0.805)
    report.bar("grid-s_good", ">=", 30)
    finish(report, options.json)


if __name__ == "__main__":
    main()
