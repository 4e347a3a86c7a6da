"""Benchmark of the study's scoring: pairs a second that one thread scores, at the report's 256 px.

    python benchmarks/scoring.py --json benchmarks/results/scoring.json
    python benchmarks/scoring.py --quick        one scene in place of four

Scenes are squares of the built-in photos at five exposures; what is scored is the untouched input,
so that no network's time is in it. The first round warms up.
"""

import time

import numpy as np
import torch
from common import Report, arguments, finish

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.study.scoring import ScoredPair, score

SIDE = 256
EVS = (-1.5, -1.0, 0.0, 1.0, 1.5)
NAMES = ("china", "flower", "coffee", "rocket")
REPEATS = 5


def pairs_of(name: str) -> list[ScoredPair]:
    """Centre square of a photo at five exposures, each beside the photo as it is."""
    photo = sample_photo(name)
    top, left = ((side - SIDE) // 2 for side in photo.shape[:2])
    target = photo[top : top + SIDE, left : left + SIDE]
    stored = [np.ascontiguousarray(to_uint8(apply_ev(target, ev)).transpose(2, 0, 1)) for ev in EVS]
    return [
        ScoredPair(name, ev, picture, stored[EVS.index(0.0)])
        for ev, picture in zip(EVS, stored, strict=True)
    ]


def untouched(image: Array) -> Array:
    """Leave a picture as it is."""
    return image


def main() -> None:
    """Score the scenes several times and write the report."""
    options = arguments(__doc__)
    torch.set_num_threads(1)
    report = Report("scoring")
    pairs = [pair for name in NAMES[: 1 if options.quick else None] for pair in pairs_of(name)]
    rates = []
    for _ in range(REPEATS + 1):
        begun = time.perf_counter()
        score(untouched, pairs)
        rates.append(len(pairs) / (time.perf_counter() - begun))
    report.figure("pairs_per_s", rates[1:])
    finish(report, options.json)


if __name__ == "__main__":
    main()
