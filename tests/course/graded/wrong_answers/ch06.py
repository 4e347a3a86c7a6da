"""Answers to the graded questions of chapter 06 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


def _counts(change: Callable[[int, int], Any]) -> Any:
    return lambda variant: change(variant["images"], variant["batch"])


def _rates(
    *,
    warm: bool = True,
    first: int = 1,
    end: float | None = None,
    begin: float | None = None,
    below: bool = True,
    straight: bool = True,
    ahead: int = 0,
    times_lr: bool = True,
) -> Any:
    """A maker of learning_rate; without options the answer is right."""

    def make(variant: Any) -> Any:
        share = variant["end_percent"] / 100 if end is None else end

        def learning_rate(step: int, steps: int, lr: float, decay_from: float) -> Any:
            step += ahead
            turn = steps * (decay_from if begin is None else begin)
            factor = 1.0
            if turn < steps and (step >= turn or not below):
                left = (steps - step) / (steps - turn) if straight else 0.0
                factor = share + (1 - share) * left
            if warm and step + first < variant["warmup"]:
                factor *= (step + first) / variant["warmup"]
            return factor * lr if times_lr else factor

        return learning_rate

    return make


def _bce(z: Any, label: float) -> Any:
    return F.binary_cross_entropy_with_logits(z, torch.full_like(z, label))


def _loss(
    *,
    adversarial: Callable[[Any, float], Any] = _bce,
    distance: Callable[[Any, Any], Any] = F.l1_loss,
    label: float = 0.0,
    weigh: Callable[[Any, Any, float], Any] = lambda a, b, w: a + w * b,
    after: Callable[[Any], Any] = lambda loss: loss,
) -> Any:
    """A maker of loss_of_generator; without options the answer is right."""

    def make(variant: Any) -> Any:
        wanted = label or variant["label"]
        return lambda z, fake, real, w: after(
            weigh(adversarial(z, wanted), distance(fake, real), w)
        )

    return make


def _by_softplus(z: Any, label: float) -> Any:
    return (label * F.softplus(-z) + (1 - label) * F.softplus(z)).mean()


def _by_logarithm(z: Any, label: float) -> Any:
    p = torch.sigmoid(z)
    return -(label * torch.log(p) + (1 - label) * torch.log(1 - p)).mean()


def _steps(
    *,
    d_first: bool = False,
    label: float = 0.0,
    fake_label: Callable[[float], float] = lambda real: 0.0,
    g_label: float = 1.0,
    picture: str = "",
    clear: str = "dg",
    freeze: bool = False,
    thaw: bool = True,
    half: float = 0.5,
    weigh: Callable[[Any, Any, float], Any] = lambda a, b, w: a + w * b,
    returned: Callable[[Any, Any], Any] = lambda d, g: (d, g),
) -> Any:
    """A maker of one_step; without options the answer is right."""

    def make(variant: Any) -> Any:
        real_label = label or variant["label"]
        shown = picture or variant["picture"]

        def one_step(g: Any, d: Any, by_g: Any, by_d: Any, x: Any, y: Any, w: float) -> Any:
            fake = g(x)

            def teach_g() -> float:
                d.requires_grad_(not freeze)
                loss = weigh(_bce(d(x, fake), g_label), F.l1_loss(fake, y), w)
                if "g" in clear:
                    by_g.zero_grad()
                loss.backward()
                by_g.step()
                d.requires_grad_(thaw or not freeze)
                return float(loss.detach())

            def teach_d() -> float:
                other = g(x) if shown == "after" and not d_first else fake
                loss = _bce(d(x, y), real_label)
                loss = (loss + _bce(d(x, other.detach()), fake_label(real_label))) * half
                if "d" in clear:
                    by_d.zero_grad()
                loss.backward()
                by_d.step()
                return float(loss.detach())

            if d_first:
                loss_d = teach_d()
                return returned(loss_d, teach_g())
            loss_g = teach_g()
            return returned(teach_d(), loss_g)

        return one_step

    return make


def _right_letters(variant: Any) -> set[str]:
    return {letter for letter, old in zip("ABCDEFG", variant["order"], strict=True) if old in RIGHT}


def _letters(without: str = "", beside: str = "") -> Any:
    """A maker of letters: the right ones, without some and with others, by the chapter's names."""

    def make(variant: Any) -> set[str]:
        here = dict(zip(variant["order"], "ABCDEFG", strict=True))
        letters = _right_letters(variant) - {here[old] for old in without}
        return letters | {here[old] for old in beside}

    return make


def _nothing_learned(variant: Any) -> Any:
    return lambda *arguments: (0.0, 0.0)


def _by_numpy(value: Any) -> Any:
    return value.detach().numpy()


RIGHT = "ABCEF"

WRONG: dict[str, list[tuple[Any, str]]] = {
    "06.steps-per-epoch": [
        (_counts(lambda n, b: (n // b, n % b)), "leave some images over"),
        (_counts(lambda n, b: (n // b + 1, b)), "run out"),
        (_counts(lambda n, b: (n, n % b)), "whole batch"),
        (_counts(lambda n, b: (n / b, n % b)), "a fraction"),
        (_counts(lambda n, b: (n // b + 1, b - n % b)), "lacks"),
        (_counts(lambda n, b: (n % b, n // b + 1)), "another order"),
        (_counts(lambda n, b: n // b + 1), "2 numbers"),
        (lambda variant: (21, 40), "differ"),
    ],
    "06.learning-rate": [
        (_rates(warm=False, end=0.0), "chapter's rate"),
        (_rates(warm=False), "warm up"),
        (_rates(first=0), "zero"),
        (_rates(end=0.0), "falls to zero"),
        (_rates(begin=0.0), "from the first step on"),
        (_rates(straight=False), "at once"),
        (_rates(below=False), "above the base rate"),
        (_rates(times_lr=False), "factor alone"),
        (_rates(ahead=1), "one step ahead"),
        (lambda variant: lambda i, n, lr, s: lr * min(1, (1 - i / n) / (1 - s)), "ZeroDivision"),
        (lambda variant: lambda step, steps, lr, decay_from: None, "`return`"),
        (lambda variant: lambda step, steps, lr, decay_from: float("nan"), "NaN"),
    ],
    "06.generator-loss": [
        (_loss(label=1.0), "chapter's"),
        (_loss(adversarial=lambda z, label: _bce(z, 1 - label)), "call the picture fake"),
        (_loss(weigh=lambda a, b, w: w * a + b), "weight is on"),
        (_loss(distance=lambda a, b: (a - b).abs().sum()), "absolute differences were summed"),
        (_loss(adversarial=lambda z, label: _bce(z, label) * z.numel()), "patches were summed"),
        (_loss(distance=F.mse_loss), "squared"),
        (_loss(weigh=lambda a, b, w: a), "L1 term is missing"),
        (_loss(weigh=lambda a, b, w: w * b + 0 * a), "adversarial term is missing"),
        (_loss(weigh=lambda a, b, w: a + b), "weight is missing"),
        (_loss(weigh=lambda a, b, w: w * b - a), "with a minus"),
        (_loss(adversarial=lambda z, label: label * F.softplus(-z).mean()), "two terms"),
        (_loss(adversarial=lambda z, label: _bce(torch.sigmoid(z), label)), "applied twice"),
        (_loss(adversarial=_by_logarithm), "NaN or infinity"),
        (
            _loss(
                adversarial=lambda z, t: F.binary_cross_entropy(z.sigmoid(), torch.full_like(z, t))
            ),
            "accepts logits",
        ),
        (_loss(after=lambda loss: loss.detach()), "no gradient"),
        (_loss(after=lambda loss: loss.item()), "no gradient"),
        (_loss(after=_by_numpy), "no gradient"),
        (_loss(adversarial=lambda z, label: _bce(z, label) + 0 * z), "torch tensor"),
    ],
    "06.train-step": [
        (_steps(d_first=True, label=1.0), "chapter's step"),
        (_steps(d_first=True), "before D's"),
        (_steps(label=1.0), "chapter's"),
        (
            lambda variant: _steps(picture="before" if variant["picture"] == "after" else "after")(
                variant
            ),
            "two pictures",
        ),
        (_steps(clear="g"), "another `backward`"),
        (_steps(clear="d"), "G's new ones"),
        (_steps(clear=""), "both networks' first"),
        (_steps(fake_label=lambda real: 1 - real), "softened too"),
        (lambda variant: _steps(g_label=variant["label"])(variant), "label in G's turn"),
        (_steps(half=1.0), "two halves"),
        (_steps(g_label=0.0), "look fake"),
        (_steps(weigh=lambda a, b, w: w * a + b), "weight is on"),
        (_steps(freeze=True, thaw=False), "does not require grad"),
        (_steps(returned=lambda d, g: (g, d)), "changed places"),
        (_steps(returned=lambda d, g: d + g), "as a list or tuple"),
        (_steps(returned=lambda d, g: None), "`return`"),
        (_nothing_learned, "differ"),
    ],
    "06.resume-state": [
        (lambda variant: set(RIGHT), "Expected"),
        (_letters(without="C"), "another length"),
        (_letters(without="B"), "beginner"),
        (_letters(without="F"), "dropout"),
        (_letters(without="E"), "rate"),
        (_letters(without="A"), "nothing to go on"),
        (_letters(beside="D"), "thrown away"),
        (_letters(beside="G"), "for people"),
        (lambda variant: {"X"}, "A to G"),
        (lambda variant: 5, "letters"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "06.steps-per-epoch": [
        _counts(lambda n, b: [float(-(-n // b)), np.int64(n - n // b * b)]),
        _counts(lambda n, b: np.array([n // b + 1, n % b])),
    ],
    "06.learning-rate": [
        _rates(),
        lambda variant: lambda *arguments: np.float64(_rates()(variant)(*arguments)),
    ],
    "06.generator-loss": [_loss(), _loss(adversarial=_by_softplus)],
    "06.train-step": [
        _steps(),
        _steps(freeze=True),
        _steps(returned=lambda d, g: [np.float64(d), torch.tensor(g)]),
    ],
    "06.resume-state": [
        _right_letters,
        lambda variant: ", ".join(_right_letters(variant)).lower(),
    ],
}
