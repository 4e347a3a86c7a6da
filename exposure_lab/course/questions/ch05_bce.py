"""Judge of chapter 05's binary cross-entropy from logits."""

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.course.expectations import Wrong, call, close, expect, first_cause, tensor


def judge_bce_from_logits(answer: Any) -> None:
    """Judge ``bce_from_logits(logits, target)`` on labels, on soft targets and far from zero.

    Raises:
        Wrong: value or gradient differs, or is not finite; with the likely cause.
    """
    draw = torch.Generator().manual_seed(5)
    plain = 2 * torch.randn(2, 1, 3, 4, generator=draw)
    far = torch.tensor([[[[-200.0, 200.0, -150.0, 0.5]]]])
    soft = torch.rand(2, 1, 3, 4, generator=draw)
    cases = (
        (plain, (torch.rand(plain.shape, generator=draw) < 0.4).float(), "a label"),
        (plain, soft, "a target between the labels"),
        (far, torch.tensor([[[[1.0, 0.0, 0.0, 1.0]]]]), "a logit far from zero"),
    )
    for z, target, what in cases:
        logits = z.clone().requires_grad_()
        result = _check_scalar(call(answer, logits, target.clone()), what)
        expect(
            result.requires_grad,
            "Expected a loss that a network can learn from, but it carries no gradient: leave out "
            "`item`, `detach` and `no_grad`.",
        )
        value, right = result.item(), F.binary_cross_entropy_with_logits(z, target).item()
        if not _same(value, right):
            raise Wrong(_explain_loss(value, z, target, what))
        (slope,) = torch.autograd.grad(result, logits, allow_unused=True)
        expect(
            slope is not None and bool(torch.isfinite(slope).all()),
            "Expected a finite gradient for every logit, but some is NaN or infinite: a branch "
            "that was not chosen still takes part in the gradient.",
        )
        expect(
            close(slope.numpy(), ((torch.sigmoid(z) - target) / z.numel()).numpy(), 1e-5),
            "Expected each logit to be pulled by how far its probability is from its target, but "
            "the gradient differs: is a logit clipped on its way?",
        )


_same = partial(close, tolerance=0, relative=1e-4)


def _check_scalar(value: Any, what: str) -> Tensor:
    """Check that a value is one finite number as a tensor; NaN and infinity have causes here."""
    if isinstance(value, Tensor) and value.shape == () and not torch.isfinite(value):
        if "far" in what:
            raise Wrong(
                "Expected a finite loss also where a logit is far from zero, but the probability "
                "was rounded to zero or one there: put logarithm and sigmoid together on paper."
            )
        raise Wrong(
            "Expected a finite loss, but it is NaN or infinite: logits may be negative, so turn "
            "them into probabilities before any logarithm."
        )
    return tensor(value, (), "the loss")


def _explain_loss(loss: float, z: Tensor, target: Tensor, what: str) -> str:
    p = torch.sigmoid(z)
    each = F.binary_cross_entropy_with_logits(z, target, reduction="none")
    mistakes = {
        "the answers were summed: take their mean": each.sum(),
        "only the batch was counted: the mean goes over every logit": each.sum() / len(z),
        "it is the likelihood's logarithm without the minus": -each.mean(),
        "the labels are swapped: the probability is that of label one": (
            F.binary_cross_entropy_with_logits(z, 1 - target)
        ),
        "the half for label zero is missing": -(target * F.logsigmoid(z)).mean(),
        "the half for label one is missing": -((1 - target) * F.logsigmoid(-z)).mean(),
        "it is a distance of probabilities: take the logarithm": (p - target).abs().mean(),
        "the sigmoid was applied twice": F.binary_cross_entropy_with_logits(p, target),
        "the sigmoid is missing": F.binary_cross_entropy(z.clamp(0, 1), target),
        "the logarithm is that of another base: take the natural one": each.mean() / math.log(2),
        "the two halves were averaged once too often": each.mean() / 2,
    }
    if cause := first_cause(mistakes, loss, _same):
        return f"Expected the mean negative log-likelihood, but {cause}."
    if "far" in what:
        return (
            "Expected the exact price also where a logit is far from zero, but it stops growing: "
            "clipping the probability hides the worst answers."
        )
    return f"Expected the mean negative log-likelihood, but for {what} it differs: check each half."
