"""What the smoke profile learns, and how long it takes: three seeds on the built-in photos.

    python benchmarks/smoke.py --json benchmarks/results/smoke.json --picture
    python benchmarks/smoke.py --quick                                    one seed

Gain: held-out PSNR after the run minus that of doing nothing, in dB. L1 ratio: on the training
photos, after the run by before the first step. Time is reported and never judged. `--picture` also
draws `book/images/smoke_pair.jpg`, the before/after of README and the index page, from the first
seed.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from common import Report, finish

from exposure_lab.data.sample.sample_set import sample_photo, write_sample
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.io import write_image
from exposure_lab.inference.corrector import Corrector
from exposure_lab.profiles.load import load_profile
from exposure_lab.training.trainer import train

SEEDS = (7, 11, 13)
PICTURE = Path(__file__).resolve().parent.parent / "book" / "images" / "smoke_pair.jpg"
PHOTO, EV = "china", -1.5


def draw_pair(run: Path) -> None:
    """The held-out photo, underexposed and corrected, side by side with a white line between."""
    before = apply_ev(sample_photo(PHOTO), EV)
    after = Corrector.from_run(run)(before)
    line = np.ones((before.shape[0], 8, 3), np.float32)
    write_image(PICTURE, np.concatenate([before, line, after], axis=1), quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the smoke profile over seeds.")
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the report there")
    parser.add_argument("--picture", action="store_true", help="draw README's before/after")
    options = parser.parse_args()
    summaries: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        data = write_sample(Path(folder) / "sample")
        for seed in SEEDS[: 1 if options.quick else None]:
            run = Path(folder) / f"seed{seed}"
            config = load_profile("smoke", [f"seed={seed}"])
            summaries.append(train(config, data, run, quiet=True))
        if options.picture:
            draw_pair(Path(folder) / f"seed{SEEDS[0]}")
    report = Report("smoke")
    gains = [one["val_psnr_last"] - one["val_psnr_identity"] for one in summaries]
    ratios = [one["train_l1_last"] / one["train_l1_first"] for one in summaries]
    report.figure("gain_db", gains)
    # The bars speak of each run, so they are held against the worst one.
    report.figure("worst_gain_db", min(gains))
    report.bar("worst_gain_db", ">=", 3.0)
    report.figure("l1_ratio", ratios)
    report.figure("worst_l1_ratio", max(ratios))
    report.bar("worst_l1_ratio", "<=", 0.5)
    report.figure("val_psnr_identity_db", summaries[0]["val_psnr_identity"])
    report.figure("seconds", [one["seconds"] for one in summaries])
    report.figure("images_per_s", [one["images_per_s"] for one in summaries])
    finish(report, options.json)


if __name__ == "__main__":
    main()
