"""Questions of chapter 05, losses, and the judges of their answers."""

import math
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import (
    Wrong,
    call,
    close,
    expect,
    first_cause,
    number,
    pair,
    tensor,
)
from exposure_lab.course.graded.ch05_explain import CHOICE
from exposure_lab.course.questions.ch05_bce import judge_bce_from_logits

SURE = 0.9
"""Probability of being real that D gives in the first question."""


def _judge_prices(answer: Any) -> None:
    real, fake = pair(
        answer, "Expected two numbers: the price for a real picture and that for a fake one."
    )
    got = number(real, "the price for a real one"), number(fake, "the price for a fake one")
    right = -math.log(SURE), -math.log(1 - SURE)
    near = [close(price, exact, 0.05) for price, exact in zip(got, right, strict=True)]
    mistakes = {
        "the two are in the other order: agreeing with the truth is cheap": right[::-1],
        "these are probabilities: the price is a logarithm of one": (1 - SURE, SURE),
        "these are base-ten logarithms: take the natural one": (
            -math.log10(SURE),
            -math.log10(1 - SURE),
        ),
        "these are base-two logarithms: take the natural one": (
            -math.log2(SURE),
            -math.log2(1 - SURE),
        ),
        "both are negative: a price has a minus before its logarithm": (-right[0], -right[1]),
    }
    if not all(near) and (cause := first_cause(mistakes, got, partial(close, tolerance=0.02))):
        raise Wrong(f"Expected the price of D's answer in each case, but {cause}.")
    expect(
        near[0],
        "Expected another price where the picture is real: which probability did D give to what "
        "is true?",
    )
    expect(
        near[1],
        "Expected another price where the picture is fake: D then gave the truth only what is "
        "left of its probability.",
    )


def _judge_l1_gradient(answer: Any) -> None:
    draw = torch.Generator().manual_seed(55)
    fake, real = (2 * torch.rand(2, 3, 4, 5, generator=draw) - 1 for _ in "ab")
    real[0, 0] = fake[0, 0]  # nothing pulls where G is right already
    for weight in (100.0, 3.0):
        result = tensor(
            call(answer, fake.clone(), real.clone(), weight), tuple(fake.shape), "the gradient"
        ).detach()
        right = weight * torch.sign(fake - real) / fake.numel()
        same = partial(torch.allclose, rtol=1e-4, atol=1e-7)
        if same(result, right):
            continue
        if cause := first_cause(_wrong_gradients(fake, real, weight), result, same):
            raise Wrong(f"Expected the gradient of the weighted L1 loss, but {cause}.")
        raise Wrong(
            "Expected the gradient of the weighted L1 loss, but some value differs: write the loss "
            "as a sum over the values and derive it for one of them."
        )


def _wrong_gradients(fake: Tensor, real: Tensor, weight: float) -> dict[str, Tensor]:
    sign = torch.sign(fake - real)
    pixels = fake.shape[-1] * fake.shape[-2]
    return {
        "its sign is turned: that is the way a step goes, against the gradient": (
            -weight * sign / fake.numel()
        ),
        "it is that of a sum: the mean divides by the number of values": weight * sign,
        "it divides by the pixels of a picture: count every value of the batch": (
            weight * sign / pixels
        ),
        "it divides by the batch alone: count every value": weight * sign / len(fake),
        "it forgets the batch: count the values of all its pictures": (
            weight * sign * len(fake) / fake.numel()
        ),
        "the weight is missing": sign / fake.numel(),
        "it grows with the distance: that is how L2 pulls": (
            2 * weight * (fake - real) / fake.numel()
        ),
        "it grows with the distance: L1 knows only on which side it is": (
            weight * (fake - real) / fake.numel()
        ),
        "it has no direction: keep the sign of the difference": weight * sign.abs() / fake.numel(),
        "where nothing differs it still pulls: the difference there has no sign": (
            weight * (2 * (fake >= real).float() - 1) / fake.numel()
        ),
    }


def _judge_best_constant(answer: Any) -> None:
    sets = (
        np.array([0.9, 0.1, 0.2, 0.15, 0.85]),
        np.array([0.3, 0.95, 0.1, 0.7]),
        np.array([0.2, 0.2, 0.2, 1.0, 0.6, 0.9, 0.4]),
    )
    for values in sets:
        for loss in ("l1", "l2"):
            got = number(call(answer, values, loss), "the constant")
            best = float(np.median(values) if loss == "l1" else values.mean())
            if _mean_loss(got, values, loss) > _mean_loss(best, values, loss) + 1e-6:
                raise Wrong(_explain_constant(got, values, loss))


def _mean_loss(constant: float, values: np.ndarray[Any, Any], loss: str) -> float:
    distances = np.abs(values - constant)
    return float(np.mean(distances if loss == "l1" else distances**2))


def _explain_constant(got: float, values: np.ndarray[Any, Any], loss: str) -> str:
    mean, median = float(values.mean()), float(np.median(values))
    other = "L2" if loss == "l1" else "L1"
    usual, counts = np.unique(values, return_counts=True)
    centre = mean if loss == "l2" else median
    mistakes = {
        f"it is the best one for {other}: see which derivative each loss has": (
            mean if loss == "l1" else median
        ),
        "it is the middle of smallest and largest: the values between them count too": (
            (values.min() + values.max()) / 2
        ),
        "it is the value in the middle of the list: the list is not in order": values[
            len(values) // 2
        ],
        "it is the most frequent value": usual[counts.argmax()],
        "it is the loss that the best constant has: return the constant": (
            _mean_loss(centre, values, loss)
        ),
    }
    if cause := first_cause(mistakes, got, partial(close, tolerance=1e-6)):
        return f"Expected the constant with the lowest mean {loss.upper()} loss, but {cause}."
    return (
        f"Expected the constant with the lowest mean {loss.upper()} loss, but another one has a "
        "lower: try it on three values by hand."
    )


QUESTIONS = (
    Question("05.confident", 1, _judge_prices),
    Question("05.bce-from-logits", 4, judge_bce_from_logits),
    Question("05.l1-pull", 3, _judge_l1_gradient),
    Question("05.best-constant", 3, _judge_best_constant),
    Question("05.explain", 2, CHOICE),
)
