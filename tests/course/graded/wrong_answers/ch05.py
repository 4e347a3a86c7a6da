"""Answers to the graded questions of chapter 05 as students may write them, by variant."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


def _prices(change: Callable[[float, Callable[[float], float]], Any]) -> Any:
    """A maker of a prediction from D's probability and the logarithm that is asked for."""
    return lambda variant: change(
        variant["percent_real"] / 100,
        math.log2 if variant["logarithm"] == "two" else math.log,
    )


def _each(z: Any, t: Any, one: float, zero: float) -> Any:
    """The terms, by another formula than the reference's."""
    return -(one * t * F.logsigmoid(z) + zero * (1 - t) * F.logsigmoid(-z))


def _bce(
    *,
    each: Callable[..., Any] = _each,
    weights: Callable[[float, float], tuple[float, float]] = lambda one, zero: (one, zero),
    label: Callable[[Any], Any] = lambda t: t,
    mean: Any = None,
    after: Callable[[Any], Any] = lambda loss: loss,
) -> Any:
    """A maker of bce_from_logits; without options the answer is right."""

    def make(variant: Any) -> Any:
        pair = (variant["weight"], 1.0) if variant["of"] == "real" else (1.0, variant["weight"])
        by_picture = variant["mean_over"] == "pictures"

        def bce_from_logits(z: Any, t: Any) -> Any:
            terms = each(z, label(t), *weights(*pair))
            if mean is not None:
                return after(mean(terms))
            return after(terms.flatten(1).sum(dim=1).mean() if by_picture else terms.mean())

        return bce_from_logits

    return make


def _by_probabilities(z: Any, t: Any, one: float, zero: float, eps: float = 0.0) -> Any:
    p = torch.sigmoid(z).clamp(eps, 1 - eps)
    return -(one * t * torch.log(p) + zero * (1 - t) * torch.log(1 - p))


def _clipped(z: Any, t: Any, one: float, zero: float) -> Any:
    return _by_probabilities(z, t, one, zero, 1e-6)


def _chosen(z: Any, t: Any, one: float, zero: float) -> Any:
    """Finite in value; in the gradient the branch that was not taken gives 0 times infinity."""

    def softplus(z: Any) -> Any:
        return torch.where(z > 20, z, torch.log(1 + torch.exp(z)))

    return one * t * softplus(-z) + zero * (1 - t) * softplus(z)


def _other_mean(variant: Any) -> Any:
    other = "values" if variant["mean_over"] == "pictures" else "pictures"
    return _bce()(variant | {"mean_over": other})


def _by_autograd(
    *,
    change: Callable[[Any], Any] = lambda gradient: gradient,
    mean: Any = None,
    power: int = 1,
    weighted: bool = True,
) -> Any:
    """A maker of l1_pull by autograd; without options the answer is right."""

    def make(variant: Any) -> Any:
        def l1_pull(fake: Any, real: Any, weight: float) -> Any:
            fake = fake.clone().requires_grad_()
            away = (fake - real).abs() ** power
            means = {
                "pictures": lambda: away.sum(dim=(1, 2, 3)).mean(),
                "pixels": lambda: away.sum(dim=1).mean(),
                "channels": lambda: away.sum(dim=(2, 3)).mean(),
                "nothing": away.sum,
                "values": away.mean,
            }
            loss = means[mean or variant["mean_over"]]() * (weight if weighted else 1)
            loss.backward()
            return change(-fake.grad if variant["give"] == "push" else fake.grad)

        return l1_pull

    return make


def _always_pulls(variant: Any) -> Any:
    def l1_pull(fake: Any, real: Any, weight: float) -> Any:
        gradient = _by_autograd()(variant)(fake, real, weight)
        size = gradient.abs().max()
        side = -size if variant["give"] == "push" else size
        return torch.where(fake == real, side, gradient)

    return l1_pull


def _constant(
    *,
    l1: Callable[[Any], Any] = np.median,
    l2: Callable[[Any], Any] = np.mean,
    counted: bool = True,
) -> Any:
    """A maker of best_constant; without options the answer is right."""

    def make(variant: Any) -> Any:
        def best_constant(values: Any, loss: str) -> Any:
            form = variant["given_as"]
            if form in ("levels", "shares"):
                pairs = list(enumerate(values))
                if form == "shares":
                    pairs = [(i / (len(values) - 1), n) for i, n in pairs]
            else:
                pairs = [
                    tuple(row) if form == "value, count" else tuple(row[::-1]) for row in values
                ]
            each = [v for v, n in pairs for _ in range(int(n) if counted else int(n > 0))]
            return (l1 if loss == "l1" else l2)(np.array(each))

        return best_constant

    return make


def _weighted_by_hand(variant: Any) -> Any:
    """The median where half of the count is reached, the mean by weights."""

    def best_constant(values: Any, loss: str) -> Any:
        form = variant["given_as"]
        if form in ("levels", "shares"):
            counts, each = values, np.arange(len(values)) * 1.0
            each = each / each.max() if form == "shares" else each
        else:
            each, counts = values.T if form == "value, count" else values.T[::-1]
        order = np.argsort(each)
        reached = np.cumsum(counts[order]) >= counts.sum() / 2
        return each[order][reached.argmax()] if loss == "l1" else each @ counts / counts.sum()

    return best_constant


WRONG: dict[str, list[tuple[Any, str]]] = {
    "05.confident": [
        (_prices(lambda p, log: (-log(1 - p), -log(p))), "another order"),
        (_prices(lambda p, log: (p, 1 - p)), "a probability"),
        (_prices(lambda p, log: (-math.log10(p), -math.log10(1 - p))), "base-ten"),
        (_prices(lambda p, log: (log(p), log(1 - p))), "negative"),
        (_prices(lambda p, log: (-log(p), -log(p))), "the other truth"),
        (_prices(lambda p, log: -log(p)), "2 numbers"),
        (_prices(lambda p, log: (math.inf, -log(1 - p))), "finite numbers"),
    ],
    "05.bce-from-logits": [
        (_bce(weights=lambda one, zero: (1, 1)), "no term counts more"),
        (_bce(weights=lambda one, zero: (zero, one)), "the other term"),
        (_other_mean, "mean goes over"),
        (_bce(mean=torch.sum), "were summed"),
        (_bce(after=lambda loss: -loss), "without the minus"),
        (_bce(label=lambda t: 1 - t), "swapped"),
        (_bce(weights=lambda one, zero: (one, 0)), "label zero is missing"),
        (_bce(weights=lambda one, zero: (0, zero)), "label one is missing"),
        (_bce(each=lambda z, t, *w: _each(torch.sigmoid(z), t, *w)), "applied twice"),
        (_bce(each=_by_probabilities), "finite numbers"),
        (_bce(each=_clipped), "clipping"),
        (_bce(each=_chosen), "finite numbers"),
        (_bce(after=lambda loss: loss.detach()), "no gradient"),
        (_bce(after=lambda loss: loss.item()), "no gradient"),
        (_bce(mean=lambda terms: terms), "as a number"),
    ],
    "05.l1-pull": [
        (_by_autograd(change=lambda g: -g), "turned"),
        (_by_autograd(mean="values"), "see what is summed"),
        (_by_autograd(weighted=False), "weight is missing"),
        (_by_autograd(power=2), "how L2 pulls"),
        (_by_autograd(change=lambda g: g.abs()), "Expected the pull"),
        (_always_pulls, "still pulls"),
        (_by_autograd(change=lambda g: g.numpy()), "numpy array"),
        (_by_autograd(change=lambda g: g[0]), "an axis"),
        (lambda variant: lambda f, r, w: (f - r) / (f - r).abs(), "NaN"),
    ],
    "05.best-constant": [
        (_constant(l1=np.mean, l2=np.median), "other loss"),
        (_constant(l1=np.mean), "other loss"),
        (_constant(counted=False), "how often"),
        (_constant(l1=lambda v: (v.min() + v.max()) / 2), "smallest and largest"),
        (_constant(l2=lambda v: (v.min() + v.max()) / 2), "smallest and largest"),
        (_constant(l2=lambda v: np.mean((v - v.mean()) ** 2)), "return the constant"),
        (_constant(l1=lambda v: v), "as a number"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "05.confident": [_prices(lambda p, log: [round(-log(p), 2), np.float64(-log(1 - p))])],
    "05.bce-from-logits": [_bce()],
    "05.l1-pull": [_by_autograd()],
    "05.best-constant": [_constant(), _weighted_by_hand],
}
