"""Graded form of chapter 06's loss of G: the adversarial term asks for another label than 1."""

# z patch logits (B, 1, h, w); fake, real pictures (B, 3, H, W) in [-1, 1]; w weight of L1

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

ADVERSARIAL = "the adversarial term alone, at a weight of zero"
BOTH = "both terms together"
FAR = "logits far from zero"
GRADIENTS = "the gradients that G learns from"

CAUSES = {
    "no gradient": "it carries no gradient: leave out `item`, `detach` and `no_grad`",
    "chapter": "the label is the chapter's: look up the one of this release",
    "opposite": "the adversarial term asks D to call the picture fake",
    "weight": "the weight is on the adversarial term",
    "sum": "the absolute differences were summed: take their mean",
    "patches": "the adversarial terms of the patches were summed: take their mean",
    "squared": "the differences were squared: that is L2",
    "no l1": "the L1 term is missing",
    "no adversarial": "the adversarial term is missing",
    "no weight": "the weight is missing",
    "minus": "the adversarial term enters with a minus",
    "one half": "the term of the fake label is missing: where the label is not 1, cross entropy "
    "has two terms",
    "twice": "the sigmoid was applied twice: the form with logits applies it itself",
    "cut": "the logarithm gave way far from zero: take the form of BCE that accepts logits",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"label": round(float(rng.integers(70, 96)) / 100, 2)}


def _note(variant: Variant) -> str:
    label = variant["label"]
    return (
        f"G asks for the label {label:g} where the equation has 1: the "
        "adversarial term is the binary cross entropy of D's answers with that label, "
        rf"$-{label:g} \log \sigma(z) - {1 - label:.2g} \log (1 - \sigma(z))$ for a logit $z$."
    )


def _loss(
    variant: Variant, z: "Tensor", fake: "Tensor", real: "Tensor", w: float, *, mistake: str = ""
) -> "Tensor":
    """Loss of G, or that of a usual mistake."""
    import torch
    from torch.nn import functional as F

    label = torch.full_like(z, 1.0 if mistake == "chapter" else variant["label"])
    reduction = "sum" if mistake == "patches" else "mean"
    logits = z.sigmoid() if mistake == "twice" else z
    if mistake == "opposite":
        label = 1 - label
    adversarial = F.binary_cross_entropy_with_logits(logits, label, reduction=reduction)
    if mistake == "cut":
        adversarial = F.binary_cross_entropy(z.sigmoid(), label)
    if mistake == "one half":
        adversarial = variant["label"] * F.softplus(-z).mean()
    distance = (fake - real).abs().mean()
    if mistake == "sum":
        distance = (fake - real).abs().sum()
    if mistake == "squared":
        distance = (fake - real).square().mean()
    signs = {"minus": -1.0, "no adversarial": 0.0, "weight": w}
    weights = {"no l1": 0.0, "no weight": 1.0, "weight": 1.0}
    loss = signs.get(mistake, 1.0) * adversarial + weights.get(mistake, w) * distance
    return loss.detach() if mistake == "no gradient" else loss


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_loss, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_loss, variant, mistake=name) for name, cause in CAUSES.items()}


def loss_or_gradients(
    loss_of_generator: "Callable[..., Any]",
    want: str,
    fake_logits: "Tensor",
    fake_target: "Tensor",
    real_target: "Tensor",
    lambda_l1: float,
) -> "Any":
    """Ask an answer for the loss, or take its gradients by logits and picture; zeros for none."""
    import torch

    inputs = [one.clone().requires_grad_() for one in (fake_logits, fake_target)]
    loss = loss_of_generator(*inputs, real_target, lambda_l1)
    is_number = isinstance(loss, torch.Tensor) and loss.ndim == 0
    if want == "loss":
        return loss.item() if is_number else loss
    if not is_number or not loss.requires_grad:
        return [torch.zeros_like(one) for one in inputs]
    gradients = torch.autograd.grad(loss, inputs, allow_unused=True)
    pairs = zip(gradients, inputs, strict=True)
    return [torch.zeros_like(one) if gradient is None else gradient for gradient, one in pairs]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def call(part: str, weight: float, spread: float = 1.5, want: str = "loss") -> Case:
        count, side = int(rng.integers(1, 4)), int(rng.integers(2, 6))
        z = spread * rng.standard_normal((count, 1, side, side + 1))
        pictures = rng.uniform(-1, 1, (2, count, 3, 3 * side, 2 * side))
        z[0, 0, 0, 0] -= spread  # the patches are never as many real as fake
        tensors = (torch.tensor(one, dtype=torch.float32) for one in (z, *pictures))
        return Case(part, (want, *tensors, weight))

    weights = [round(float(weight), 1) for weight in rng.uniform(2, 100, 4)]
    return [
        call(ADVERSARIAL, 0.0),
        call(ADVERSARIAL, 0.0, spread=4.0),
        call(BOTH, weights[0]),
        call(BOTH, weights[1]),
        call(FAR, weights[2], spread=300.0),
        call(FAR, 0.0, spread=300.0),
        call(GRADIENTS, weights[3], want="gradients"),
        call(GRADIENTS, 1.0, want="gradients"),
    ]


GENERATOR_LOSS = GradedQuestion(
    id="06.generator-loss",
    name="loss_of_generator",
    objective="write what the generator lowers, so that it also works where D is sure",
    what="the adversarial term plus weighted L1",
    parts={ADVERSARIAL: 1, BOTH: 1, FAR: 1, GRADIENTS: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    mistakes=_mistakes,
    harness=loss_or_gradients,
    leaves_out=("exposure_lab.losses",),
)
