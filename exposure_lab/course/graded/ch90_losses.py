"""Capstone: what each network lowers, with the labels and the weight that a release draws."""

# B batch; logits (B, 1, h, w); pictures (B, 3, S, S) in [-1, 1]

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import BOOK, FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.draws import normal, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

OF_D, OF_G = "what D lowers", "what G lowers"
FAR, PUSH = "both losses where D is very sure", "the gradients that reach G"

CAUSES = {
    "labels": "the labels are the template's: look up those of this release",
    "weight": "the weight of L1 is the template's: look up the one of this release",
    "sum": "D's two halves were added: take their mean",
    "real alone": "D's answers to fakes are missing",
    "helps": "G asks D to call its picture fake",
    "hard": "G's label is a hard one: it is the one that D gives real pictures",
    "l2": "the differences were squared: that is L2",
    "no l1": "the L1 term is missing",
    "no critic": "the adversarial term is missing",
    "half": "L1 was taken on the scale from zero to one",
    "cut": "the logarithm gave way far from zero: take the form of BCE that accepts logits",
    "cut off": "it carries no gradient: leave out `item`, `detach` and `no_grad`",
}


def _labels(variant: Variant) -> str:
    real, fake = variant["real"], variant["fake"]
    return (
        f"D is to answer {real:g} to a real picture and {fake:g} to a fake one. Its loss is the "
        "mean of the two binary cross entropies, real and fake; G's is the binary cross entropy "
        f"of D's answers to its pictures with the label {real:g}, plus {variant['lambda_l1']} "
        "times the mean absolute difference from the targets."
    )


def _of_d(variant: Variant, mistake: str, real_logits: "Tensor", fake_logits: "Tensor") -> "Tensor":
    """Loss of D, or that of a usual mistake."""
    labels = BOOK if mistake == "labels" else variant
    halves = [_cross_entropy(real_logits, labels["real"], mistake)]
    if mistake != "real alone":
        halves.append(_cross_entropy(fake_logits, labels["fake"], mistake))
    loss: Tensor = sum(halves[1:], halves[0])
    return loss if mistake in ("sum", "real alone") else loss / 2


def _of_g(
    variant: Variant, mistake: str, fake_logits: "Tensor", fake: "Tensor", target: "Tensor"
) -> "Tensor":
    """Loss of G, or that of a usual mistake."""
    right = float(variant["lambda_l1"])
    weights = {"no l1": 0.0, "weight": BOOK["lambda_l1"], "half": right / 2}
    weight = weights.get(mistake, right)
    labels = {
        "labels": BOOK["real"],
        "helps": variant["fake"],
        "hard": float(round(variant["real"])),
    }
    label = labels.get(mistake, float(variant["real"]))
    adversarial = _cross_entropy(fake_logits, label, mistake)
    adversarial = 0 * adversarial if mistake == "no critic" else adversarial
    difference = fake - target
    distance = difference.square().mean() if mistake == "l2" else difference.abs().mean()
    loss: Tensor = adversarial + weight * distance
    return loss.detach() if mistake == "cut off" else loss


def _cross_entropy(logits: "Tensor", label: float, mistake: str) -> "Tensor":
    import torch
    from torch.nn import functional as F

    labels = torch.full_like(logits, label)
    if mistake == "cut":
        return F.binary_cross_entropy(logits.sigmoid(), labels)
    return F.binary_cross_entropy_with_logits(logits, labels)


def measure_losses(losses: "Any", want: str, tensors: "list[Tensor]") -> "Any":
    """Ask a pair of losses for D's, for G's, or for the gradients of G's by logits and picture."""
    import torch

    loss_of_d, loss_of_g = losses
    real_logits, fake_logits, fake, target = tensors
    if want == "D":
        return loss_of_d(real_logits, fake_logits)
    if want == "G":
        return loss_of_g(fake_logits, fake, target)
    inputs = [one.clone().requires_grad_() for one in (fake_logits, fake)]
    loss = loss_of_g(*inputs, target)
    if not loss.requires_grad:
        return [torch.zeros_like(one) for one in inputs]
    found = torch.autograd.grad(loss, inputs, allow_unused=True)
    pairs = zip(found, inputs, strict=True)
    return [torch.zeros_like(one) if gradient is None else gradient for gradient, one in pairs]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def call(part: str, want: str, spread: float = 1.5) -> Case:
        count, side = int(rng.integers(1, 4)), int(rng.integers(2, 6))
        logits = [spread * normal(rng, count, 1, side, side + 1) - spread / 3 for _ in range(2)]
        pictures = [uniform(rng, -1, 1, count, 3, 2 * side, 3 * side) for _ in range(2)]
        return Case(part, (want, [*logits, *pictures]))

    return [
        *(call(OF_D, "D") for _ in range(2)),
        *(call(OF_G, "G") for _ in range(2)),
        *(call(FAR, want, spread=300.0) for want in "DG"),
        *(call(PUSH, "push") for _ in range(2)),
    ]


def _pair(variant: Variant, mistake: str = "") -> tuple[Any, Any]:
    return partial(_of_d, variant, mistake), partial(_of_g, variant, mistake)


def _mistakes(variant: Variant) -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    return {
        cause: _pair(variant, name)
        for name, cause in CAUSES.items()
        if name != "hard" or variant["real"] not in (0.0, 1.0)
    }


LOSSES = GradedQuestion(
    id="90.losses",
    name="losses",
    objective="write what both networks lower, so that it also works where D is sure",
    what="the losses of this release",
    parts={OF_D: 2, OF_G: 2, FAR: 1, PUSH: 1},
    reference=_pair,
    cases=_cases,
    draw=draws("real", "fake", "lambda_l1"),
    edits=edits(_labels),
    mistakes=_mistakes,
    harness=measure_losses,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
