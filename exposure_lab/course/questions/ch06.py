"""Chapter 06, training: the questions and who judges them."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, call, close, expect, letters, number, tensor
from exposure_lab.course.questions.ch06_train_step import judge_train_step
from exposure_lab.losses import adversarial_loss, generator_loss, l1_loss

IMAGES, BATCH = 1000, 48
"""Of the set whose steps the first question counts."""


def _steps_per_epoch(answer: Any) -> None:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("Expected two numbers: the steps of an epoch and the size of its last batch.")
    steps, last = number(answer[0], "the steps"), number(answer[1], "the last batch")
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


def _generator_loss(answer: Any) -> None:
    draw = torch.Generator().manual_seed(6)
    fake, real = (2 * torch.rand(2, 3, 4, 4, generator=draw) - 1 for _ in range(2))
    for logits in (torch.randn(2, 1, 3, 3, generator=draw), torch.full((2, 1, 3, 3), -200.0)):
        for weight in (100.0, 7.0):
            given = (logits.requires_grad_(), fake.requires_grad_(), real)
            loss = tensor(call(answer, *given, weight), (), "the loss")
            expect(
                loss.requires_grad,
                "Expected a loss that G can learn from, but it carries no gradient: leave out "
                "`item`, `detach` and `no_grad`.",
            )
            value, right = (float(one.detach()) for one in (loss, generator_loss(*given, weight)))
            if abs(value - right) > 1e-4 * right:
                raise Wrong(_why_not_loss(value, logits.detach(), fake.detach(), real, weight))


def _why_not_loss(loss: float, z: Tensor, fake: Tensor, real: Tensor, weight: float) -> str:
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
    for cause, wrong in mistakes.items():
        if abs(loss - float(wrong)) <= 1e-4 * abs(float(wrong)):
            return f"Expected the sum of two terms, but {cause}."
    if float(z.min()) < -100:
        return (
            "Expected the loss also where a logit is far below zero, but the logarithm gave way: "
            "take the form of BCE that accepts logits."
        )
    return "Expected the adversarial term plus weighted L1, but the sum differs: check each term."


def _learning_rate(answer: Any) -> None:
    for lr, steps, start in ((2e-3, 250, 0.5), (1e-4, 40, 0.25), (1e-3, 20, 1.0)):
        got = [number(call(answer, at, steps, lr, start), "the rate") / lr for at in range(steps)]
        left = [(1 - at / steps) / (1 - start) if start < 1 else 1.0 for at in range(steps)]
        right = [min(1.0, one) for one in left]
        mistakes = {
            "it falls from the first step on: keep it until the turning point": [
                1 - at / steps for at in range(steps)
            ],
            "it starts above the base rate: before the turning point it stays": left,
            "it drops to zero at once: let it fall in a straight line": [
                1.0 if at < start * steps else 0.0 for at in range(steps)
            ],
            "it has not come near zero at the end: divide by the share that is left": [
                min(1.0, 1 - (at / steps - start)) for at in range(steps)
            ],
            "it is the factor alone: multiply by the base rate": [one / lr for one in right],
            "it is one step ahead: the first step is step zero": [
                min(1.0, (1 - (at + 1) / steps) / (1 - start) if start < 1 else 1.0)
                for at in range(steps)
            ],
        }
        if close(got, right, 1e-6):
            continue
        for cause, wrong in mistakes.items():
            expect(not close(got, wrong, 1e-6), f"Expected another learning rate: {cause}.")
        raise Wrong(
            "Expected the base rate, then a straight line to zero, but some step has another rate: "
            "print the first, the turning point and the last."
        )


def _resume_state(answer: Any) -> None:
    chosen = letters(answer, "ABCDEFG")
    for letter, cause in {
        "D": "one of the chosen things is thrown away before anybody reads it again",
        "G": "one of the chosen things is written down for people; no update ever reads it",
    }.items():
        expect(letter not in chosen, f"Expected only what the next step needs, but {cause}.")
    for letter, cause in {
        "A": "a resumed run has nothing to go on from",
        "B": "the critic starts anew and G is judged by a beginner",
        "C": "the next update has another length and direction",
        "E": "the same photos come again and the rate does not fall on time",
        "F": "dropout switches off other units than it would have",
    }.items():
        expect(letter in chosen, f"Expected all that the next step needs, but without one {cause}.")


QUESTIONS = (
    Question("06.steps-per-epoch", 1, _steps_per_epoch),
    Question("06.learning-rate", 3, _learning_rate),
    Question("06.generator-loss", 4, _generator_loss),
    Question("06.train-step", 4, judge_train_step),
    Question("06.resume-state", 2, _resume_state),
)
