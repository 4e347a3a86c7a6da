"""Mistakes that students make in chapter 05, each with a word of the sentence it gets."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

NAMES = {"math": math, "np": np, "torch": torch, "F": F}


def _halves(
    z: Tensor,
    t: Tensor,
    *,
    eps: float = 0.0,
    minus: float = -1.0,
    one: float = 1.0,
    zero: float = 1.0,
) -> Tensor:
    """Cross entropy by way of probabilities, with one thing done otherwise."""
    p = torch.sigmoid(z).clamp(eps, 1 - eps)
    return minus * (one * t * torch.log(p) + zero * (1 - t) * torch.log(1 - p))


def _stable(z: Tensor, t: Tensor) -> Tensor:
    return F.softplus(z) - t * z


def _by_parts(z: Tensor, t: Tensor) -> Tensor:
    """The form of the documentation, right but for its slope at a logit of exactly zero."""
    return (z.clamp(min=0) - z * t + torch.log1p(torch.exp(-z.abs()))).mean()


def _chosen(z: Tensor, t: Tensor) -> Tensor:
    """Finite in value; in the gradient the branch that was not taken gives 0 times infinity."""
    large = torch.where(z > 20, z, torch.log(1 + torch.exp(z)))
    return (large - t * z).mean()


def _pull(fake: Tensor, real: Tensor, weight: float) -> Tensor:
    return weight * torch.sign(fake - real) / fake.numel()


def _by_autograd(fake: Tensor, real: Tensor, weight: float) -> Tensor:
    fake = fake.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(weight * (fake - real).abs().mean(), fake)
    return gradient


def _best(values: Any, loss: str) -> Any:
    return np.median(values) if loss == "l1" else np.mean(values)


def _searched(values: Any, loss: str) -> Any:
    """By trying: right to within a thousandth, which is not enough for L2's exact mean."""
    tried = np.linspace(0, 1, 11)
    away = np.abs(tried[:, None] - values)
    return tried[(away if loss == "l1" else away**2).mean(axis=1).argmin()]


WRONG: dict[str, list[tuple[Any, str]]] = {
    "05.confident": [
        ((-math.log(0.1), -math.log(0.9)), "other order"),
        ((0.1, 0.9), "probabilities"),
        ((-math.log10(0.9), 1), "base-ten"),
        ((-math.log2(0.9), -math.log2(0.1)), "base-two"),
        ((math.log(0.9), math.log(0.1)), "negative"),
        ((0.9, 0.1), "where the picture is real"),
        ((0.105, 0.105), "where the picture is fake"),
        (0.105, "two numbers"),
        ((math.inf, 2.3), "finite"),
        ("yes", "two numbers"),
    ],
    "05.bce-from-logits": [
        (lambda z, t: _stable(z, t).sum(), "were summed"),
        (lambda z, t: _stable(z, t).sum() / len(z), "only the batch"),
        (lambda z, t: -_stable(z, t).mean(), "without the minus"),
        (lambda z, t: _stable(z, 1 - t).mean(), "swapped"),
        (lambda z, t: -(t * F.logsigmoid(z)).mean(), "label zero is missing"),
        (lambda z, t: -((1 - t) * F.logsigmoid(-z)).mean(), "label one is missing"),
        (lambda z, t: (torch.sigmoid(z) - t).abs().mean(), "distance of probabilities"),
        (lambda z, t: _stable(torch.sigmoid(z), t).mean(), "applied twice"),
        (lambda z, t: _stable(z, t).mean() / math.log(2), "another base"),
        (lambda z, t: _stable(z, t).mean() / 2, "averaged once too often"),
        (lambda z, t: _halves(z, t).mean(), "rounded to zero or one"),
        (lambda z, t: _halves(z, t, eps=1e-6).mean(), "clipping"),
        (lambda z, t: -(t * torch.log(z) + (1 - t) * torch.log(1 - z)).mean(), "may be negative"),
        (lambda z, t: _chosen(z, t), "finite gradient"),
        (lambda z, t: _stable(z.clamp(-1e3, 1e3).round(decimals=5), t).mean(), "pulled"),
        (lambda z, t: _stable(z, t).mean().detach(), "no gradient"),
        (lambda z, t: _stable(z, t).mean().item(), "type float"),
        (lambda z, t: _stable(z, t).mean().detach().numpy(), "numpy"),
        (_stable, "shape"),
    ],
    "05.l1-pull": [
        (lambda f, r, w: -_pull(f, r, w), "turned"),
        (lambda f, r, w: w * torch.sign(f - r), "that of a sum"),
        (lambda f, r, w: w * torch.sign(f - r) / 20, "pixels of a picture"),
        (lambda f, r, w: w * torch.sign(f - r) / len(f), "batch alone"),
        (lambda f, r, w: w * torch.sign(f - r) / f[0].numel(), "forgets the batch"),
        (lambda f, r, w: torch.sign(f - r) / f.numel(), "weight is missing"),
        (lambda f, r, w: 2 * w * (f - r) / f.numel(), "how L2 pulls"),
        (lambda f, r, w: w * (f - r) / f.numel(), "which side"),
        (lambda f, r, w: _pull(f, r, w).abs(), "no direction"),
        (lambda f, r, w: w * torch.where(f >= r, 1.0, -1.0) / f.numel(), "still pulls"),
        (lambda f, r, w: 3 * _pull(f, r, w), "some value differs"),
        (lambda f, r, w: w * (f - r).abs().mean(), "shape"),
        (lambda f, r, w: _pull(f, r, w).numpy(), "numpy array"),
        (lambda f, r, w: (f - r) / (f - r).abs() * w / f.numel(), "NaN"),
    ],
    "05.best-constant": [
        (lambda v, loss: _best(v, "l2" if loss == "l1" else "l1"), "best one for"),
        (lambda v, loss: np.mean(v), "best one for L2"),
        (lambda v, loss: np.median(v), "best one for L1"),
        (lambda v, loss: (v.min() + v.max()) / 2, "smallest and largest"),
        (lambda v, loss: v[len(v) // 2] if loss == "l1" else v.mean(), "not in order"),
        (lambda v, loss: 0.2 if loss == "l1" and len(v) == 7 else _best(v, loss), "frequent"),
        (lambda v, loss: np.abs(v - np.median(v)).mean(), "return the constant"),
        (_searched, "has a lower"),
        (lambda v, loss: v, "one number"),
        (lambda v, loss: None, "`return`"),
    ],
    "05.explain": [
        ({"A", "B", "C", "E"}, "ignorance"),
        ({"B", "C", "D", "E"}, "by itself"),
        (set("BCEF"), "Adam"),
        ({"C", "E"}, "near zero"),
        ({"B", "E"}, "ends in a logit"),
        ({"B", "C"}, "scored best"),
        ({"X"}, "A to F"),
        (set(), "at least one"),
        (7, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("05.confident", [0.1, 2.3]),
    ("05.confident", (np.float64(0.1054), torch.tensor(2.3026))),
    ("05.bce-from-logits", lambda z, t: F.binary_cross_entropy_with_logits(z, t)),
    ("05.bce-from-logits", _by_parts),
    (
        "05.bce-from-logits",
        lambda z, t: -(t * F.logsigmoid(z) + (1 - t) * F.logsigmoid(-z)).mean(),
    ),
    ("05.l1-pull", _by_autograd),
    # Between the two middle values every constant is as good.
    ("05.best-constant", lambda v, loss: np.sort(v)[len(v) // 2] if loss == "l1" else v.mean()),
    ("05.best-constant", lambda v, loss: torch.tensor(_best(v, loss))),
    ("05.explain", "B, C, E"),
]
