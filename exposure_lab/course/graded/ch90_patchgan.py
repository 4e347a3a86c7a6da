"""Capstone: the discriminator, a PatchGAN that sees the input beside a picture."""

# B batch, S side of a picture; h, w sides of the map of logits

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

MAP, FIELD = "the size of the map", "the receptive field of a logit"
COUNT, VALUES = "the number of parameters", "what it computes"

FIELDS = {0: 7, 1: 16, 2: 34, 3: 70, 4: 142}
"""Layers with stride 2 to the side of the square that a logit depends on, px."""

CAUSES = {
    "template": "they are those of the template: look up what this release asks",
    "fewer": "one layer with stride 2 is missing",
    "more": "there is one layer with stride 2 too many",
    "strided": "the layer before the last has stride 2: it moves by one pixel",
    "alone": "the picture is judged alone: the input belongs beside it",
    "other order": "input and picture have changed places",
    "no norm": "BatchNorm is missing",
    "first norm": "BatchNorm also stands behind the first layer: it would hide the brightness",
    "sigmoid": "they are probabilities: the losses take logits",
    "relu": "the activation is a plain ReLU: it is the leaky one",
    "mean": "there is one number a picture: each patch has its own",
}


def _layers(variant: Variant) -> str:
    strided, width = variant["strided"], variant["d_width"]
    first = "one layer" if strided == 1 else f"{strided} layers"
    return (
        f"It has {first} with stride 2, of which the first gives {width} channels and each further "
        "one twice as many. Then comes a layer with stride 1 that gives twice as many once more, "
        "and a last one with stride 1 to a single channel."
    )


def _seen(variant: Variant) -> str:
    order = {"the input first": "the input first", "the picture first": "the **picture first**"}
    return f"It sees both laid side by side along the channels, {order[variant['pair']]}."


def discriminator(variant: Variant, mistake: str = "") -> "nn.Module":
    """Build the discriminator that a variant asks for, or one with a usual mistake."""
    import torch
    from torch import nn

    asked = BOOK if mistake == "template" else variant
    width, strided = asked["d_width"], asked["strided"] + {"fewer": -1, "more": 1}.get(mistake, 0)
    picture_first = (asked["pair"] == "the picture first") != (mistake == "other order")
    channels = [3 if mistake == "alone" else 6, *(width * 2**i for i in range(strided + 1))]
    leak = nn.ReLU() if mistake == "relu" else nn.LeakyReLU(0.2)

    class Discriminator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            for i, out in enumerate(channels[1:]):
                stride = 2 if i < strided or mistake == "strided" else 1
                normed = (i or mistake == "first norm") and mistake != "no norm"
                layers += [nn.Conv2d(channels[i], out, 4, stride, 1)]
                layers += [*([nn.BatchNorm2d(out)] if normed else []), leak]
            self.layers = nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 4, 1, 1))

        def forward(self, real_input: Any, picture: Any) -> Any:
            both = [picture, real_input] if picture_first else [real_input, picture]
            seen = picture if mistake == "alone" else torch.cat(both, dim=1)
            logits = self.layers(seen)
            logits = logits.sigmoid() if mistake == "sigmoid" else logits
            return logits.mean((2, 3)) if mistake == "mean" else logits

    return Discriminator()


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    field = FIELDS[variant["strided"]]

    def call(part: str, want: str, least: int, count: int = 1) -> Case:
        key = round(float(rng.uniform(1, 9)), 3)
        height, width = (int(side) for side in rng.integers(least, least + 24, 2))
        pictures = [uniform(rng, -1, 1, count, 3, height, width) for _ in range(2)]
        return Case(part, (want, key, pictures))

    return [
        call(MAP, "shape", 40, count=2),
        call(MAP, "shape", 64),
        call(FIELD, "field", field + 18),
        call(COUNT, "count", 40),
        call(VALUES, "values", 40, count=2),
        call(VALUES, "values", 50),
    ]


def _reference(variant: Variant) -> "Callable[[], nn.Module]":
    return partial(discriminator, variant)


def _mistakes(variant: Variant) -> "dict[str, Callable[[], nn.Module]]":
    return {cause: partial(discriminator, variant, name) for name, cause in CAUSES.items()}


PATCHGAN = GradedQuestion(
    id="90.patchgan",
    name="Discriminator",
    objective="write a PatchGAN and say how much of a picture each of its answers sees",
    what="the discriminator's own figures",
    parts={MAP: 1, FIELD: 2, COUNT: 1, VALUES: 2},
    reference=_reference,
    cases=_cases,
    draw=draws("d_width", "strided", "pair"),
    edits=edits(_layers, _seen),
    mistakes=_mistakes,
    harness=probe_network,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
