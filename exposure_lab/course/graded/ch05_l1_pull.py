"""Graded form of chapter 05's pull of L1: another mean, and the gradient or the push against it."""

# B batch, C channels, H height, W width

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import pick, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

if TYPE_CHECKING:
    from torch import Tensor

    Pull = Callable[[Tensor, Tensor, float], Tensor]

DIFFERENT, RIGHT = "values that differ", "values that are right already"

MEANS = {
    "pictures": "The differences are **summed over each picture**, and the mean is over the "
    "pictures of the batch.",
    "pixels": "The differences are **summed over the channels**, and the mean is over the pixels "
    "of all pictures.",
    "channels": "The differences are **summed over each channel**, and the mean is over the "
    "channels of all pictures.",
    "nothing": "The differences are **summed over all values** of the batch, in place of a mean.",
}


def _draw(rng: np.random.Generator) -> Variant:
    return {"mean_over": pick(rng, list(MEANS)), "give": pick(rng, ["gradient", "push"])}


def _edits(variant: Variant) -> Mapping[str, str]:
    edits = {"The mean is over all values of the batch.": MEANS[variant["mean_over"]]}
    if variant["give"] == "push":
        edits["the gradient of $"] = (
            "the **push** by which a step of descent with learning rate 1 changes G's pictures. It "
            "is minus the gradient of $"
        )
        edits['"""Gradient of the weighted L1 loss by'] = '"""Push of the weighted L1 loss on'
    return edits


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def case(part: str) -> Case:
        batch, height, width = (int(n) for n in rng.integers((2, 2, 2), (5, 7, 7)))
        real = uniform(rng, -1, 1, batch, 3, height, width)
        fake = uniform(rng, -1, 1, batch, 3, height, width)
        if part == RIGHT:
            fake = torch.where(uniform(rng, 0, 1, *real.shape) < 0.4, real, fake)
        return Case(part, (fake, real, float(rng.uniform(2, 200))))

    return [*(case(DIFFERENT) for _ in range(3)), *(case(RIGHT) for _ in range(3))]


def _pull(
    variant: Variant,
    fake: "Tensor",
    real: "Tensor",
    weight: float,
    *,
    mean_over: str | None = None,
    turned: bool = False,
    like: str = "L1",
    weighted: bool = True,
) -> "Tensor":
    """Gradient or push that the variant asks for, or that of a usual mistake."""
    import torch

    away = fake - real
    of_one = {
        "L1": torch.sign(away),
        "L2": 2 * away,
        "distance": away,
        "size": torch.sign(away).abs(),
        "never zero": torch.where(away >= 0, 1.0, -1.0),
    }[like]
    batch, channels, height, width = fake.shape
    count = {
        "pictures": batch,
        "pixels": batch * height * width,
        "channels": batch * channels,
        "nothing": 1,
        "values": fake.numel(),
    }[mean_over or variant["mean_over"]]
    sign = -1 if (variant["give"] == "push") != turned else 1
    return sign * (weight if weighted else 1.0) * of_one / count


def _reference(variant: Variant) -> "Pull":
    return partial(_pull, variant)


def _mistakes(variant: Variant) -> "dict[str, Pull]":
    turned = {
        "gradient": "its sign is turned: that is the way a step goes, against the gradient",
        "push": "its sign is turned: a step goes against the gradient",
    }[variant["give"]]
    counts = {
        "values": "it divides by the number of all values: see what is summed here",
        "nothing": "it is that of a sum: see over what the mean goes here",
        "pictures": "it divides by the number of pictures: see over what the mean goes here",
        "pixels": "it divides by the number of pixels: see over what the mean goes here",
        "channels": "it divides by the number of channels: see over what the mean goes here",
    }
    options: dict[str, dict[str, Any]] = {
        turned: {"turned": True},
        "the weight is missing": {"weighted": False},
        "it grows with the distance: that is how L2 pulls": {"like": "L2"},
        "it grows with the distance: L1 knows only on which side it is": {"like": "distance"},
        "it has no direction: keep the sign of the difference": {"like": "size"},
        "where nothing differs it still pulls: the difference there has no sign": {
            "like": "never zero"
        },
    }
    for mean_over, cause in counts.items():
        if mean_over != variant["mean_over"]:
            options[cause] = {"mean_over": mean_over}
    return {cause: partial(_pull, variant, **how) for cause, how in options.items()}


L1_PULL = GradedQuestion(
    "05.l1-pull",
    "l1_pull",
    "derive how L1 pulls on a picture",
    "the pull of the weighted L1 loss on each value",
    parts={DIFFERENT: 2, RIGHT: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    # The values may be small, but they are exact: a product and a quotient.
    tolerance=Tolerance(relative=1e-4, absolute=1e-7),
)
