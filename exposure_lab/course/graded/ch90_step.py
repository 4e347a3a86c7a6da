"""Capstone: one training step, whose order and whose longest gradient a release draws.

The harness brings networks, optimizers and losses, so that nobody pays twice for a wrong loss. The
optimizers are gradient descent with momentum, since Adam would hide how long a gradient is.
"""

# x real_input, y target (B, 3, H, W); d, g discriminator, generator

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.question import STEPS, Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

D_MOVED, G_MOVED = "D after one step", "G after one step"
THREE, RETURNED = "both after three steps", "the losses that are returned"

TURNS = {
    ("D", "before"): "First D learns, on the picture that G has just made; then G learns.",
    ("G", "before"): "**First G learns, then D.** D is shown the picture that G made before it "
    "learned.",
    ("G", "after"): "**First G learns, then D.** D is shown a picture that G makes **anew**, after "
    "it has learned.",
}

CAUSES = {
    "turn": "the other network has the first turn",
    "shown": "the other of the two pictures was shown to D",
    "free": "the gradients were left as long as they are",
    "after": "the gradients were cut after the step: cut them before it",
    "each": "every tensor's gradient was cut by itself: cut a network's as a whole",
    "stale": "old gradients were added to the new ones: clear a network's before its `backward`",
    "returned": "the two losses changed places: D's comes first",
}


def _turns(variant: Variant) -> str:
    cut = (
        f"Before each optimizer's step the gradients of its network are scaled down, as a whole, "
        f"to a norm of at most {variant['longest']:g}."
        if variant["longest"]
        else "The gradients are taken as they are."
    )
    return f"{TURNS[variant['turn'], variant['shown']]} {cut}"


def _step(
    variant: Variant,
    networks: Any,
    optimizers: Any,
    losses: Any,
    x: "Tensor",
    y: "Tensor",
    *,
    mistake: str = "",
) -> tuple[float, float]:
    """Update both networks on one batch, or make a usual mistake; gives D's loss and G's."""
    from torch.nn.utils import clip_grad_norm_

    (g, d), (by_g, by_d), (loss_of_d, loss_of_g) = networks, optimizers, losses
    fake = g(x)

    def learn(network: Any, optimizer: Any, loss: "Tensor") -> float:
        if mistake != "stale":
            optimizer.zero_grad()
        loss.backward()
        if mistake == "after":
            optimizer.step()
        parameters = list(network.parameters())
        groups = [[one] for one in parameters] if mistake == "each" else [parameters]
        for group in groups if variant["longest"] and mistake != "free" else []:
            clip_grad_norm_(group, variant["longest"])
        if mistake != "after":
            optimizer.step()
        return float(loss.detach())

    def teach_d() -> float:
        anew = (variant["shown"] == "after") != (mistake == "shown")
        shown = g(x) if anew else fake
        return learn(d, by_d, loss_of_d(d(x, y), d(x, shown.detach())))

    def teach_g() -> float:
        return learn(g, by_g, loss_of_g(d(x, fake), fake, y))

    if (variant["turn"] == "D") != (mistake == "turn"):
        loss_d = teach_d()
        pair = loss_d, teach_g()
    else:
        loss_g = teach_g()
        pair = teach_d(), loss_g
    return pair[::-1] if mistake == "returned" else pair


def take_steps(
    train_step: "Callable[..., Any]",
    want: str,
    weights: "list[Tensor]",
    batches: "list[Tensor]",
    old_gradient: float,
) -> "Any":
    """Let an answer take a step a batch; gives both networks' weights, one's, or the losses.

    ``want`` is G, D, GD or losses.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Critic(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(6, 1, 3)

        def forward(self, real_input: "Tensor", picture: "Tensor") -> "Tensor":
            logits: Tensor = self.layer(torch.cat([real_input, picture], dim=1))
            return logits

    def loss_of_d(real: "Tensor", fake: "Tensor") -> "Tensor":
        return F.softplus(-real).mean() + 2 * F.softplus(fake).mean()

    def loss_of_g(logits: "Tensor", fake: "Tensor", target: "Tensor") -> "Tensor":
        return F.softplus(-logits).mean() + 5 * (fake - target).square().mean()

    networks = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Tanh()), Critic()
    parameters = [one for network in networks for one in network.parameters()]
    for parameter, values in zip(parameters, weights, strict=True):
        parameter.data.copy_(values)
        if old_gradient:
            parameter.grad = torch.full_like(parameter, old_gradient)
    optimizers = tuple(torch.optim.SGD(one.parameters(), lr=0.3, momentum=0.5) for one in networks)
    losses = loss_of_d, loss_of_g
    returned = [train_step(networks, optimizers, losses, *pair) for pair in batches]
    if want == "losses":
        return returned
    chosen = [networks["GD".index(one)] for one in want]
    return [torch.cat([p.detach().flatten() for p in one.parameters()]) for one in chosen]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def call(part: str, want: str, steps: int = 1, old_gradient: float = 0.3) -> Case:
        shapes = (3, 3, 3, 3), (3,), (1, 6, 3, 3), (1,)
        weights = [0.5 * rng.standard_normal(shape) for shape in shapes]
        count, height, width = (int(rng.integers(*ends)) for ends in ((1, 4), (6, 10), (6, 10)))
        batches = [rng.uniform(-1, 1, (2, count, 3, height, width)) for _ in range(steps)]
        for _, target in batches:
            target[:] = 0.4 + 0.6 * target  # brighter, so that D can tell it from a fake
        carried = (
            [torch.tensor(one, dtype=torch.float32) for one in many] for many in (weights, batches)
        )
        return Case(part, (want, *carried, old_gradient))

    return [
        *(call(D_MOVED, "D") for _ in range(2)),
        *(call(G_MOVED, "G") for _ in range(2)),
        *(call(THREE, "GD", 3, old) for old in (0.0, -0.2)),
        *(call(RETURNED, "losses", steps) for steps in (1, 3)),
    ]


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_step, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    names = [name for name in CAUSES if name != "shown" or variant["turn"] == "G"]
    return {CAUSES[name]: partial(_step, variant, mistake=name) for name in names}


STEP = GradedQuestion(
    id="90.step",
    name="train_step",
    objective="write one training step of two networks, and keep its gradients in bounds",
    what="what both networks are after their turns, and their losses",
    parts={D_MOVED: 1, G_MOVED: 1, THREE: 2, RETURNED: 1},
    reference=_reference,
    cases=_cases,
    draw=draws("turn", "shown", "longest"),
    edits=edits(_turns),
    mistakes=_mistakes,
    harness=take_steps,
    tier="B",
    tolerance=STEPS,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
