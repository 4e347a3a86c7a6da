"""Questions of chapter 06, training, and the judges of their answers."""

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

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
from exposure_lab.course.graded.ch06_resume_state import CHOICE
from exposure_lab.course.questions.ch06_train_step import judge_train_step
from exposure_lab.losses import adversarial_loss, generator_loss, l1_loss

IMAGES, BATCH = 1000, 48
"""Images of a set, and of a batch, whose steps the first question counts."""

RUNS = ((2e-3, 250, 0.5), (1e-4, 40, 0.25), (1e-3, 20, 1.0))
"""(base rate, steps, share of them before the fall) of the second question."""


def _judge_steps_per_epoch(answer: Any) -> None:
    steps, last = pair(
        answer, "Expected two numbers: the steps of an epoch and the size of its last batch."
    )
    steps, last = number(steps, "the steps"), number(last, "the last batch")
    expect(
        steps == int(steps) and last == int(last),
        "Expected whole numbers, but got a fraction: nobody takes part of a step.",
    )
    expect(
        steps != IMAGES,
        "Expected steps, but got images: each step takes a whole batch of them.",
    )
    expect(
        steps != IMAGES // BATCH,
        "Expected every image to be used, but the steps leave some over: the rest is a step too.",
    )
    expect(
        steps == -(-IMAGES // BATCH),
        "Expected as many batches as it takes to use every image once, but got another number.",
    )
    expect(
        last != BATCH,
        "Expected the last batch to be what remains, but got a full one: the images run out.",
    )
    expect(
        last == IMAGES % BATCH,
        "Expected the images that no full batch has used, but got another number: subtract them.",
    )


def _judge_generator_loss(answer: Any) -> None:
    draw = torch.Generator().manual_seed(6)
    fake, real = (2 * torch.rand(2, 3, 4, 4, generator=draw) - 1 for _ in range(2))
    for logits in (torch.randn(2, 1, 3, 3, generator=draw), torch.full((2, 1, 3, 3), -200.0)):
        for weight in (100.0, 7.0):
            pictures = (logits.requires_grad_(), fake.requires_grad_(), real)
            loss = tensor(call(answer, *pictures, weight), (), "the loss")
            expect(
                loss.requires_grad,
                "Expected a loss that G can learn from, but it carries no gradient: leave out "
                "`item`, `detach` and `no_grad`.",
            )
            value, right = float(loss.detach()), float(generator_loss(*pictures, weight).detach())
            if not _same(value, right):
                raise Wrong(_explain_loss(value, logits.detach(), fake.detach(), real, weight))


_same = partial(close, tolerance=0, relative=1e-4)


def _explain_loss(loss: float, z: Tensor, fake: Tensor, real: Tensor, weight: float) -> str:
    adversarial, l1 = adversarial_loss(z), l1_loss(fake, real)
    mistakes = {
        "the weight is on the adversarial term": weight * adversarial + l1,
        "the adversarial term asks D to call the picture fake": F.softplus(z).mean() + weight * l1,
        "the adversarial term is the form that is flat where G is worst: label the picture real": (
            weight * l1 - F.softplus(z).mean()
        ),
        "the absolute differences were summed: take their mean": adversarial
        + weight * (fake - real).abs().sum(),
        "the adversarial terms of the patches were summed: take their mean": F.softplus(-z).sum()
        + weight * l1,
        "the differences were squared: that is L2": adversarial + weight * F.mse_loss(fake, real),
        "the L1 term is missing": adversarial,
        "the adversarial term is missing": weight * l1,
        "the weight is missing": adversarial + l1,
        "the adversarial term enters with a minus": weight * l1 - adversarial,
        "the sigmoid was applied twice: the form with logits applies it itself": weight * l1
        + adversarial_loss(torch.sigmoid(z)),
    }
    if cause := first_cause(mistakes, loss, _same):
        return f"Expected the sum of two terms, but {cause}."
    if float(z.min()) < -100:
        return (
            "Expected the loss also where a logit is far below zero, but the logarithm gave way: "
            "take the form of BCE that accepts logits."
        )
    return "Expected the adversarial term plus weighted L1, but the sum differs: check each term."


def _judge_learning_rate(answer: Any) -> None:
    same = partial(close, tolerance=1e-6)
    for lr, steps, start in RUNS:
        factors = [number(call(answer, i, steps, lr, start), "the rate") / lr for i in range(steps)]
        if same(factors, [min(1.0, line) for line in _falling_line(steps, start)]):
            continue
        if cause := first_cause(_wrong_factors(lr, steps, start), factors, same):
            raise Wrong(f"Expected another learning rate: {cause}.")
        raise Wrong(
            "Expected the base rate, then a straight line to zero, but some step has another rate: "
            "print the first, the turning point and the last."
        )


def _falling_line(steps: int, start: float, offset: int = 0) -> list[float]:
    """Line that is 1 at the turning point and 0 at the end; 1 throughout where nothing falls."""
    return [(1 - (i + offset) / steps) / (1 - start) if start < 1 else 1.0 for i in range(steps)]


def _wrong_factors(lr: float, steps: int, start: float) -> dict[str, list[float]]:
    line = _falling_line(steps, start)
    return {
        "it falls from the first step on: keep it until the turning point": [
            1 - i / steps for i in range(steps)
        ],
        "it starts above the base rate: before the turning point it stays": line,
        "it drops to zero at once: let it fall in a straight line": [
            1.0 if i < start * steps else 0.0 for i in range(steps)
        ],
        "it has not come near zero at the end: divide by the share that is left": [
            min(1.0, 1 - (i / steps - start)) for i in range(steps)
        ],
        "it is the factor alone: multiply by the base rate": [
            min(1.0, height) / lr for height in line
        ],
        "it is one step ahead: the first step is step zero": [
            min(1.0, height) for height in _falling_line(steps, start, offset=1)
        ],
    }


QUESTIONS = (
    Question("06.steps-per-epoch", 1, _judge_steps_per_epoch),
    Question("06.learning-rate", 3, _judge_learning_rate),
    Question("06.generator-loss", 4, _judge_generator_loss),
    Question("06.train-step", 4, judge_train_step),
    Question("06.resume-state", 2, CHOICE),
)
