"""Capstone: the generator, a U-Net whose width, depth, kernel and order a release draws."""

# B batch, C channels, S side of a picture

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.ch90_probe import probe_network
from exposure_lab.course.graded.ch90_variant import BOOK, FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.draws import uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

if TYPE_CHECKING:
    from torch import nn

SHAPES, COUNT = "the shapes of what comes out", "the number of parameters"
SKIPS, VALUES = "the skip connections", "what it computes"

KEYS = ("width", "halvings", "kernel", "times", "slope", "beside")

CAUSES = {
    "template": "they are those of the template: look up what this release asks",
    "kernel": "they are those of the other kernel: look up the one of this release",
    "no skips": "the skip connections are missing",
    "deeper": "it halves once more than this release asks",
    "other order": "the two maps that are laid side by side have changed places",
    "slope": "the slope of the leaky ReLU is another one",
    "plain": "the way down has a plain ReLU: it takes the leaky one",
    "leaky": "the way up has the leaky ReLU: it takes the plain one",
    "no norm": "BatchNorm is missing",
    "norm everywhere": "BatchNorm also stands where it may not: the first and the last map of the "
    "way down have none",
    "no tanh": "tanh is missing at the end",
    "no bias": "the layers before BatchNorm have no bias: here each layer has one",
}


def _way_down(variant: Variant) -> str:
    return (
        f"**The way down** has {variant['halvings']} layers. Each is a convolution with a kernel "
        f"of {variant['kernel']}x{variant['kernel']}, stride 2 and padding 1. The first gives "
        f"{variant['width']} channels; each further one gives twice as many, but never more than "
        f"{variant['times']} times {variant['width']}. Leaky ReLU with slope {variant['slope']:g} "
        "follows each."
    )


def _laid_beside(variant: Variant) -> str:
    order = {
        "the way up first": "the map of the way up first, then that of the way down",
        "the way down first": "the map of the **way down first**, then that of the way up",
    }[variant["beside"]]
    return f"The two are laid side by side along the channels: {order}."


def generator(variant: Variant, mistake: str = "") -> "nn.Module":
    """Build the generator that a variant asks for, or one with a usual mistake."""
    import torch
    from torch import nn

    asked = dict(BOOK if mistake == "template" else variant)
    if mistake == "kernel":
        asked["kernel"] = 7 - asked["kernel"]
    halvings = asked["halvings"] + (mistake == "deeper")
    channels = [asked["width"] * min(2**i, asked["times"]) for i in range(halvings)]
    slopes = {"plain": 0.0, "slope": asked["slope"] + 0.15}
    slope = slopes.get(mistake, float(asked["slope"]))
    down_first = (asked["beside"] == "the way down first") != (mistake == "other order")

    def layers(layer: nn.Module, out: int, norm: bool, activation: nn.Module) -> nn.Module:
        normed = norm and mistake != "no norm"
        return nn.Sequential(layer, *([nn.BatchNorm2d(out)] if normed else []), activation)

    class Generator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
            for i, out in enumerate(channels):
                norm = 0 < i < halvings - 1 or mistake == "norm everywhere"
                bias = not (norm and mistake == "no bias")
                given = channels[i - 1] if i else 3
                layer = nn.Conv2d(given, out, asked["kernel"], 2, 1, bias=bias)
                self.downs.append(layers(layer, out, norm, nn.LeakyReLU(slope)))
            given = channels[-1]
            for out in [*channels[-2::-1], 3]:
                last = out == 3
                up = nn.ConvTranspose2d(given, out, 4, 2, 1, bias=last or mistake != "no bias")
                relu = nn.LeakyReLU(slope) if mistake == "leaky" else nn.ReLU()
                end = nn.Identity() if mistake == "no tanh" else nn.Tanh()
                self.ups.append(layers(up, out, not last, end if last else relu))
                given = out if mistake == "no skips" else 2 * out

        def forward(self, x: Any) -> Any:
            maps = []
            for down in self.downs:
                x = down(x)
                maps.append(x)
            for up, beside in zip(self.ups, [*maps[-2::-1], None], strict=True):
                x = up(x)
                if beside is not None and mistake != "no skips":
                    x = torch.cat([beside, x] if down_first else [x, beside], dim=1)
            return x

    return Generator()


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    smallest = 2 ** variant["halvings"]

    def call(part: str, want: str, times: int = 1, count: int = 1) -> Case:
        key = round(float(rng.uniform(1, 9)), 3)
        picture = uniform(rng, -1, 1, count, 3, times * smallest, smallest)
        return Case(part, (want, key, [picture]))

    return [
        call(SHAPES, "shape", count=int(rng.integers(2, 4))),
        call(SHAPES, "shape", times=2),
        call(COUNT, "count"),
        call(SKIPS, "layers"),
        call(SKIPS, "skips"),
        call(VALUES, "values", count=2),
        call(VALUES, "values"),
    ]


def _reference(variant: Variant) -> "Callable[[], nn.Module]":
    return partial(generator, variant)


def _mistakes(variant: Variant) -> "dict[str, Callable[[], nn.Module]]":
    return {cause: partial(generator, variant, name) for name, cause in CAUSES.items()}


UNET = GradedQuestion(
    id="90.unet",
    name="Generator",
    objective="write a U-Net with skip connections from its description",
    what="the generator's own figures",
    parts={SHAPES: 1, COUNT: 2, SKIPS: 2, VALUES: 3},
    reference=_reference,
    cases=_cases,
    draw=draws(*KEYS),
    edits=edits(_way_down, _laid_beside),
    mistakes=_mistakes,
    harness=probe_network,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
