"""Graded form of chapter 05's cross-entropy: a label weighs more, and another mean is taken."""

# z logits, t targets

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import normal, pick, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

    Loss = Callable[[Tensor, Tensor], Tensor]

LABELS, BETWEEN = "targets of zero and one", "targets in between"
FAR, GRADIENT = "logits far from zero", "the gradient"

MEANS = {
    "values": "The mean goes over all logits.",
    "pictures": "The terms are **summed over each picture**, and the mean goes over the pictures "
    "of the batch.",
}

TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "weight": pick(rng, list(TIMES)),
        "of": pick(rng, ["real", "fake"]),
        "mean_over": pick(rng, list(MEANS)),
    }


def _note(variant: Variant) -> str:
    term = {"real": r"$\log p$", "fake": r"$\log (1 - p)$"}[variant["of"]]
    return (
        f"The term with {term} **counts {TIMES[variant['weight']]}**. {MEANS[variant['mean_over']]}"
    )


def _edits(_variant: Variant) -> Mapping[str, str]:
    return {
        '"""Mean binary cross-entropy; logits and target, from 0 to 1, have one shape."""': (
            '"""Weighted binary cross-entropy; logits and target, from 0 to 1, have one shape."""'
        )
    }


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def shape() -> list[int]:
        return [int(n) for n in rng.integers((2, 1, 2, 2), (4, 2, 6, 6), 4)]

    def case(part: str, *, soft: bool, far: bool = False) -> Case:
        z = 2 * normal(rng, *shape())
        t = uniform(rng, 0.1, 0.9, *z.shape)
        if not soft:
            t = (t > 0.5).float()
            t[0, 0, 0, :2] = torch.tensor([0.0, 1.0])  # both labels are there
        if far:  # sure, and wrong about as often as right
            signs = torch.from_numpy(rng.choice([-1.0, 1.0], z.shape).astype(np.float32))
            z = signs * uniform(rng, 120, 250, *z.shape)
            z[0, 0, 0, :2] = torch.tensor([150.0, -150.0])
        return Case(part, (z, t, part == GRADIENT))

    return [
        *(case(LABELS, soft=False) for _ in range(2)),
        *(case(BETWEEN, soft=True) for _ in range(2)),
        *(case(FAR, soft=False, far=True) for _ in range(2)),
        case(GRADIENT, soft=False),
        case(GRADIENT, soft=True),
        case(GRADIENT, soft=False, far=True),
    ]


def loss_or_gradient(
    bce_from_logits: "Callable[..., Any]", logits: "Tensor", target: "Tensor", gradient: bool
) -> "Any":
    """Call an answer for its loss, or for the loss's gradient by the logits."""
    import torch

    if not gradient:
        loss = bce_from_logits(logits, target)
        return torch.tensor(loss) if isinstance(loss, float) else loss
    logits = logits.clone().requires_grad_()
    loss = bce_from_logits(logits, target)
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
        raise TypeError("the loss carries no gradient: leave out `item`, `detach` and `no_grad`")
    (slope,) = torch.autograd.grad(loss, logits)
    return slope


def _loss(
    variant: Variant,
    z: "Tensor",
    t: "Tensor",
    *,
    weights: tuple[float, float] | None = None,
    mean_over: str | None = None,
    swapped: bool = False,
    factor: float = 1.0,
    cut: float | None = None,
    twice: bool = False,
) -> "Tensor":
    """Loss that the variant asks for, or that of a usual mistake."""
    import torch
    from torch.nn import functional as F

    t = 1 - t if swapped else t
    z = torch.sigmoid(z) if twice else z
    one, zero = weights or _weights(variant)
    if cut is None:
        each = one * t * F.softplus(-z) + zero * (1 - t) * F.softplus(z)
    else:
        p = torch.sigmoid(z).clamp(cut, 1 - cut)
        each = -one * t * torch.log(p) - zero * (1 - t) * torch.log(1 - p)
    means = {"values": z.numel(), "pictures": len(z), "nothing": 1}
    return factor * each.sum() / means[mean_over or variant["mean_over"]]


def _weights(variant: Variant) -> tuple[float, float]:
    """Weights of the terms of label one and of label zero."""
    return (variant["weight"], 1.0) if variant["of"] == "real" else (1.0, variant["weight"])


def _reference(variant: Variant) -> "Loss":
    return partial(_loss, variant)


def _mistakes(variant: Variant) -> "dict[str, Loss]":
    one, zero = _weights(variant)
    other_mean = {
        "values": "only the batch was counted: the mean goes over every logit",
        "pictures": "the mean goes over all logits: each picture's are summed first",
    }[variant["mean_over"]]
    options: dict[str, dict[str, Any]] = {
        "no term counts more than the other": {"weights": (1.0, 1.0)},
        "the other term counts more": {"weights": (zero, one)},
        "both terms count more: only one of them does": {"weights": (one * zero, one * zero)},
        other_mean: {"mean_over": "pictures" if variant["mean_over"] == "values" else "values"},
        "all answers were summed: take their mean": {"mean_over": "nothing"},
        "it is the likelihood's logarithm without the minus": {"factor": -1.0},
        "the labels are swapped: the probability is that of label one": {"swapped": True},
        "the half for label zero is missing": {"weights": (one, 0.0)},
        "the half for label one is missing": {"weights": (0.0, zero)},
        "the sigmoid was applied twice": {"twice": True},
        "the logarithm is that of another base: take the natural one": {"factor": 1 / np.log(2)},
        "the two halves were averaged once too often": {"factor": 0.5},
        "it stops growing far from zero: clipping the probability hides the worst answers": {
            "cut": 1e-6
        },
        "it stops growing so far from zero: clipping the probability hides the worst answers": {
            "cut": 1e-7
        },
    }
    return {cause: partial(_loss, variant, **how) for cause, how in options.items()}


BCE_FROM_LOGITS = GradedQuestion(
    "05.bce-from-logits",
    "bce_from_logits",
    "write a cross-entropy from logits that never overflows",
    "the weighted negative log-likelihood, or its gradient",
    parts={LABELS: 1, BETWEEN: 1, FAR: 1, GRADIENT: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    harness=loss_or_gradient,
)
