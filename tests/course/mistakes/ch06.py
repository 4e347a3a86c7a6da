"""Mistakes that students make in chapter 06, each with a word of the sentence it gets."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from exposure_lab.losses import adversarial_loss, discriminator_loss, generator_loss, l1_loss

NAMES = {"torch": torch, "F": F, "discriminator_loss": discriminator_loss}


def _falling(step: int, steps: int, lr: float, start: float) -> float:
    return lr * (1 - step / steps) / (1 - start) if start < 1 else lr


def _dropping(step: int, steps: int, lr: float, start: float) -> float:
    return lr if step < start * steps else 0.0


def _from_the_first(step: int, steps: int, lr: float, start: float) -> float:
    return lr * (1 - step / steps)


def _too_slowly(step: int, steps: int, lr: float, start: float) -> float:
    return lr * min(1.0, 1 - (step / steps - start))


def _halving(step: int, steps: int, lr: float, start: float) -> float:
    return lr if step < start * steps else lr / 2


def _schedule(step: int, steps: int, lr: float, start: float) -> float:
    return min(lr, _falling(step, steps, lr, start))


def _step(
    *,
    detach: bool = True,
    retain: bool = False,
    clear: str = "dg",
    g_first: bool = False,
    d_labels: bool = True,
    g_label: float = 1.0,
    half: bool = True,
    thaw: bool = True,
    freeze: bool = False,
    weight_on_l1: bool = True,
    returned: Callable[[float, float], Any] = lambda d, g: (d, g),
) -> Any:
    """A training step as a student may write it; without options it is right."""

    def step(g: Any, d: Any, by_g: Any, by_d: Any, x: Any, y: Any, w: float) -> Any:
        fake = g(x)

        def teach_d() -> float:
            real_logits, fake_logits = d(x, y), d(x, fake.detach() if detach else fake)
            if not d_labels:
                real_logits, fake_logits = fake_logits, real_logits
            loss = discriminator_loss(real_logits, fake_logits) * (1 if half else 2)
            if "d" in clear:
                by_d.zero_grad()
            if "early" in clear:
                by_g.zero_grad()
            loss.backward(retain_graph=retain)
            by_d.step()
            return float(loss.detach())

        def teach_g() -> float:
            if freeze:
                d.requires_grad_(False)
            logits = d(x, fake)
            terms = [
                F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, g_label)),
                l1_loss(fake, y),
            ]
            loss = terms[0] + w * terms[1] if weight_on_l1 else w * terms[0] + terms[1]
            if "g" in clear:
                by_g.zero_grad()
            loss.backward()
            by_g.step()
            if freeze and thaw:
                d.requires_grad_(True)
            return float(loss.detach())

        if g_first:
            loss_g = teach_g()
            return returned(teach_d(), loss_g)
        return returned(teach_d(), teach_g())

    return step


def _loss(
    adversarial: Any = adversarial_loss,
    distance: Any = l1_loss,
    a: float = 1.0,
    weigh: Any = lambda w: w,
) -> Any:
    """A generator loss with one thing done otherwise."""
    return lambda z, fake, real, w: a * adversarial(z) + weigh(w) * distance(fake, real)


def _by_logarithm(z: Any) -> Any:
    return -torch.log(torch.sigmoid(z)).mean()


WRONG: dict[str, list[tuple[Any, str]]] = {
    "06.steps-per-epoch": [
        ((20, 40), "leave some over"),
        ((21, 48), "run out"),
        ((1000, 48), "whole batch"),
        ((1000 / 48, 40), "whole numbers"),
        ((22, 40), "another number"),
        ((21, 8), "subtract"),
        (21, "two numbers"),
        ((None, None), "one number"),
        (None, "none"),
    ],
    "06.learning-rate": [
        (_falling, "above the base rate"),
        (_dropping, "at once"),
        (_from_the_first, "first step"),
        (_too_slowly, "share that is left"),
        (_halving, "straight line"),
        (lambda step, steps, lr, start: _schedule(step + 1, steps, lr, start), "one step ahead"),
        (lambda step, steps, lr, start: _schedule(step, steps, 1.0, start), "factor alone"),
        (lambda s, n, lr, start: lr * min(1, (1 - s / n) / (1 - start)), "ZeroDivisionError"),
        (lambda step, steps, lr, start: None, "`return`"),
        (lambda step, steps, lr, start: float("nan"), "NaN"),
    ],
    "06.generator-loss": [
        (_loss(distance=lambda a, b: (a - b).abs().sum()), "absolute differences were summed"),
        (_loss(lambda z: F.softplus(-z).sum()), "patches were summed"),
        (_loss(lambda z: F.softplus(z).mean()), "call the picture fake"),
        (_loss(lambda z: -F.softplus(z).mean()), "flat"),
        (_loss(distance=F.mse_loss), "squared"),
        (lambda z, fake, real, w: w * adversarial_loss(z) + l1_loss(fake, real), "weight is on"),
        (_loss(a=0.0), "adversarial term is missing"),
        (_loss(a=-1.0), "minus"),
        (_loss(weigh=lambda w: 0.0), "L1 term is missing"),
        (_loss(weigh=lambda w: 1.0), "weight is missing"),
        (_loss(lambda z: adversarial_loss(torch.sigmoid(z))), "twice"),
        (_loss(_by_logarithm), "infinity"),
        (_loss(lambda z: F.binary_cross_entropy(z.sigmoid(), torch.ones_like(z))), "logits"),
        (lambda *arguments: generator_loss(*arguments).detach(), "no gradient"),
        (lambda *arguments: generator_loss(*arguments).item(), "type float"),
        (lambda *arguments: generator_loss(*arguments).detach().numpy(), "numpy array"),
        (lambda z, *rest: generator_loss(z, *rest) + 0 * z, "shape"),
    ],
    "06.train-step": [
        (_step(detach=False), "detached"),
        (_step(detach=False, retain=True, clear="d early"), "detached"),
        (_step(g_first=True), "G went first"),
        (_step(clear=""), "old gradients"),
        (_step(clear="d"), "G's new ones"),
        (_step(clear="g"), "D's new ones"),
        (_step(d_labels=False), "labels"),
        (_step(g_label=0.0), "look fake"),
        (_step(half=False), "two halves"),
        (_step(weight_on_l1=False), "weight is on"),
        (_step(freeze=True, thaw=False), "thaw"),
        (_step(returned=lambda d, g: (g, d)), "D's loss first"),
        (_step(returned=lambda d, g: d + g), "two losses"),
        (_step(returned=lambda d, g: (d, g - d)), "returned ones"),
        (_step(returned=lambda d, g: None), "`return`"),
        (lambda *arguments: (0.0, 0.0), "check each loss"),
    ],
    "06.resume-state": [
        ({"A", "B"}, "next update"),
        ({"A", "C", "E", "F"}, "beginner"),
        ({"A", "B", "C", "E"}, "dropout"),
        ({"A", "B", "C", "F"}, "rate"),
        ({"B", "C", "E", "F"}, "nothing to go on"),
        ({"A", "B", "C", "D", "E", "F"}, "thrown away"),
        (set("ABCEFG"), "for people"),
        ({"X"}, "A to G"),
        (set(), "at least one"),
        (5, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("06.train-step", _step()),
    ("06.train-step", _step(freeze=True)),
    ("06.train-step", _step(returned=lambda d, g: [np.float64(d), torch.tensor(g)])),
]
