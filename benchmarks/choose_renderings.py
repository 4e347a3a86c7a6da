"""Choice of the pairs that the shipped grid learns from, on a fold of its training photos.

    python benchmarks/choose_renderings.py WORK --json benchmarks/results/choose_renderings.json

Each variant is a row of `VARIANTS`: what it changes in the recipe `grid-s`. A network of 128 px
trains on four fifths of the training photos, rendered so, for 2,000 steps, and is scored on the
other fifth, rendered plainly at five exposures, and on real brackets at 320 px. The fifth is split
by how bright a photo is: one with an unusual mean may be dark or bright on purpose. So each variant
shows what it costs to leave those alone. Of the brackets those that are off by little are a set of
their own as well. The photos held out for the card are not read. What is done is kept in WORK, and
a second call goes on; a variant takes ten minutes.

The photos are read from ``../shared/data`` or from ``PHOTOS``: ``bsds500``, and ``brackets`` with
real exposures of 100 scenes.
"""

import argparse
import shutil
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from common import Report, finish, photo_folder

from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import Pair, find_pairs
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink
from exposure_lab.inference.corrector import Corrector
from exposure_lab.metrics.pixel import psnr
from exposure_lab.profiles.load import with_overrides
from exposure_lab.training.trainer import train
from exposure_lab.weights.shipped import load_recipe

PHOTOS = photo_folder("PHOTOS")
SIDE = 320
HELD_OUT = 0.2
USUAL = (0.33, 0.55)
"""Mean of the stored values of a photo of usual brightness."""

NEAR = 13.4
"""Decibels that doing nothing scores on a bracket that is off by little: 16.3 over all of those."""


@dataclass(frozen=True)
class Variant:
    """What a variant changes in the recipe."""

    variation: dict[str, Any] = field(default_factory=dict)
    """In its `Variation`."""
    settings: tuple[str, ...] = ()
    """In what the network is trained by."""


VARIANTS = {
    "recipe": Variant(),
    "farther": Variant({"ev_range": (-4.0, 4.0)}),
    "crops": Variant(settings=("data.short_side=160",)),
}


def prepare(work: Path) -> None:
    """Copy the training photos, and render the fifth that is held out as every variant sees it."""
    if not (work / "photos").is_dir():
        for name in ("train", "test"):
            shutil.copytree(PHOTOS / "bsds500" / name, work / "photos.part" / name)
        (work / "photos.part").rename(work / "photos")
    synthesize(work / "photos", work / "held-out", val=HELD_OUT)


def trained(work: Path, name: str) -> Corrector:
    """The network of a variant, trained where it is not there yet."""
    recipe = load_recipe("grid-s")
    assert recipe.rendering is not None, "the recipe of a grid says how its photos are rendered"
    rendering = dict(recipe.rendering)
    changes = VARIANTS[name]
    variation = replace(Variation(**rendering.pop("variation")), **changes.variation)
    config = with_overrides(
        recipe.config, ["data.image_size=128", "training.epochs=8", *changes.settings]
    )
    folder = work / name
    packed = folder.with_suffix(".pack")
    if not packed.exists():
        synthesize(work / "photos", folder, variation=variation, **(rendering | {"val": HELD_OUT}))
        pack(folder, packed, config.data)
        shutil.rmtree(folder)
    run = folder.with_suffix(".run")
    train(config, packed, run, resume=run.exists(), quiet=True)
    return Corrector.load(run, "torch")


def small(path: Path) -> Array:
    return shrink(read_image(path), SIDE)


def scored(corrector: Corrector, pairs: list[Pair], folder: str) -> dict[str, list[float]]:
    """PSNR of each pair, by what it shows."""
    scores = defaultdict(list)
    for pair in pairs:
        target = small(pair.target_path)
        kind = "good" if pair.ev == 0 else "dark" if pair.ev < 0 else "bright"
        if folder == "held_out" and not USUAL[0] <= float(target.mean()) <= USUAL[1]:
            kind = f"unusual_{kind}"
        before = small(pair.input_path)
        after = psnr(corrector(before), target)
        scores[f"{folder}_{kind}"].append(after)
        if folder == "brackets" and pair.ev and psnr(before, target) > NEAR:
            scores["brackets_near"].append(after)
    return scores


def measure(work: Path, name: str) -> dict[str, float]:
    """Mean scores of a variant, from its record where it has one."""
    record = work / f"{name}.json"
    if not record.exists():
        corrector = trained(work, name)
        scores = scored(corrector, find_pairs(work / "held-out", "validation"), "held_out")
        scores |= scored(corrector, find_pairs(PHOTOS / "brackets", "test"), "brackets")
        write_json(record, {key: sum(values) / len(values) for key, values in scores.items()})
    return read_json_object(record)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder for photos, runs and records")
    parser.add_argument("--only", choices=VARIANTS, action="append", help="a variant; repeat")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the report there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    report = Report("choose_renderings")
    options.work.mkdir(parents=True, exist_ok=True)
    prepare(options.work)
    for name in options.only or VARIANTS:
        for key, value in measure(options.work, name).items():
            report.figure(f"{name}_{key}", value)
    finish(report, options.json)


if __name__ == "__main__":
    main()
