"""Thresholds of the capstone: the template's own solutions, trained over releases and seeds.

    python benchmarks/capstone_thresholds.py                        # profile smoke, minutes
    python benchmarks/capstone_thresholds.py --profile colab        # needs a GPU, and the photos

Each run trains a release's solution and is measured on several draws of hidden photos. A threshold
is what the worst of all these reached, less a margin. Once colab is there, set ``PROFILE`` in
``exposure_lab/course/graded/ch90_trained.py`` to it.
"""

import argparse
import json
import math
import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from capstone_solution import BOOK, run_notebook, solve

from exposure_lab.course.grading.trained.measured import gains_of
from exposure_lab.course.grading.trained.photos import hidden_photos
from exposure_lab.course.grading.trained.thresholds import FILE
from exposure_lab.course.release.choice import CAPSTONE
from exposure_lab.course.release.release import Course
from exposure_lab.course.release.release_folder import write_release
from exposure_lab.files.atomic import write_text
from exposure_lab.provenance import provenance
from exposure_lab.runtime import device_name

TARGET = BOOK.parent / "exposure_lab/course/grading/trained" / FILE

MARGIN = 1.0
"""What a network of another seed, machine or variant may fall short of the worst run, dB."""

LEAST_GAIN = 0.3
"""Gain below which a correction is none, dB: the smallest effect that matters in the ledger."""

DRAWS = range(100, 110)
"""Seeds of the hidden photos."""

WHAT = ("dark", "bright", "well")


def train_and_measure(
    release_seed: int, seed: int, steps: int
) -> tuple[list[dict[str, float]], torch.device, int]:
    """Train one release's solution; gives what it reached on each draw, the device, the steps."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        made = Course(BOOK, release_seed, (CAPSTONE,)).release()
        write_release(root / "release", made)
        notebook = solve(root / "release", made.manifest)
        (root / "run").mkdir()
        settings = f"SEED = {seed}\n" + (f"steps = {steps}\n" if steps else "")
        names = run_notebook(notebook, root / "run", settings, last="main-run")
    weights = names["weights_of"](names["generator"])
    reached = []
    for draw in DRAWS:
        photos = hidden_photos(np.random.default_rng(draw))
        reached.append(gains_of(names["correct"](weights, photos.inputs), photos.to_wire()))
    return reached, names["device"], names["steps"]


def thresholds_of(reached: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Thresholds from all that was reached, rounded down to tenths, dB."""
    worst = {what: min(one[what] for one in reached) for what in WHAT}
    lowered = {what: math.floor(10 * (worst[what] - MARGIN)) / 10 for what in WHAT}
    return {what: max(lowered[what], LEAST_GAIN) for what in WHAT}


def to_toml(content: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Text of tables in tables, whose values are numbers, texts and lists."""
    lines = ["# Written by benchmarks/capstone_thresholds.py; see there how. All in dB.", ""]
    for profile, parts in content.items():
        for part, values in parts.items():
            lines.append(f"[{profile}.{part}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
            lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--releases", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=0, help="0: as the profile says")
    parser.add_argument("--out", type=Path, default=TARGET)
    chosen = parser.parse_args()
    os.environ |= {"EXPOSURE_LAB_PROFILE": chosen.profile, "EXPOSURE_LAB_HEADLESS": "1"}
    every, runs = [], []
    for release_seed in chosen.releases:
        for seed in chosen.seeds:
            reached, device, steps = train_and_measure(release_seed, seed, chosen.steps)
            every += reached
            worst = {what: round(min(one[what] for one in reached), 2) for what in WHAT}
            runs.append(worst)
            print(f"release {release_seed}, seed {seed}, {steps} steps: worst of draws {worst}")
    origin = provenance(device=device_name(device), seed=chosen.seeds[0])
    known = tomllib.loads(chosen.out.read_text(encoding="utf-8")) if chosen.out.exists() else {}
    known[chosen.profile] = {
        "thresholds": thresholds_of(every),
        "runs": {
            "releases": chosen.releases,
            "seeds": chosen.seeds,
            "steps": steps,
            "draws": len(DRAWS),
            "margin": MARGIN,
            **{f"worst_{what}": [run[what] for run in runs] for what in WHAT},
        },
        "provenance": {
            **{key: origin[key] for key in ("commit", "date", "device", "processor", "python")},
            "torch": origin["versions"]["torch"],
        },
    }
    write_text(chosen.out, to_toml(known))
    print(f"{chosen.out.name}: {known[chosen.profile]['thresholds']}")


if __name__ == "__main__":
    main()
