"""Graded form of chapter 06's training step: G first, then D, whose label of real is below 1.

The optimizers are plain gradient descent, since Adam would hide the size of a loss.
"""

# x real_input, y real_target (B, 3, H, W); g generator, d discriminator; w weight of L1

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.question import STEPS, Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

G_MOVED, D_MOVED = "G after its turn", "D after its turn"
TWO_STEPS = "both networks after two steps, with old gradients at the start"
LOSSES = "the losses that are returned"

CAUSES = {
    "chapter": "it is the chapter's step: this release has another order and another label",
    "hard": "the label of a real picture is the chapter's: look up the one of this release",
    "picture": "the other of the two pictures that could be meant was shown to D: the one before "
    "G's turn, or the one after it",
    "order": "the order is the chapter's: here G's turn comes before D's",
    "stale d": "the step of D also used what another `backward` had left: clear its gradients "
    "before its own",
    "stale g": "old gradients were added to G's new ones: clear them before `backward`",
    "stale": "old gradients were added to the new ones: clear both networks' first",
    "swapped": "real pictures were to be called fake: look at D's labels",
    "both soft": "the label of a fake picture was softened too: it stays 0",
    "g soft": "the label in G's turn was softened too: G lowers the equation as it stands",
    "double": "the step of D is twice as long: its loss is the mean of the two halves",
    "helps": "the turn of G teaches it to look fake: it wants the label of a real picture",
    "weight": "the weight is on the adversarial term",
    "returned": "the two losses changed places: D's comes first",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    label = round(float(rng.integers(70, 93)) / 100, 2)
    return {"label": label, "picture": str(rng.choice(["before", "after"]))}


def _note(variant: Variant) -> str:
    shown = {
        "before": "the picture that G made before its turn, the same as in G's own loss",
        "after": "a new picture, which G makes after its turn",
    }[variant["picture"]]
    return (
        f"G's turn comes first. D is then shown {shown}. D's label for a real "
        f"picture is {variant['label']:g} where equation {{eq}}`eq-06-d` has 1, in the same binary "
        "cross entropy, and 0 for a fake one; G lowers equation {eq}`eq-06-g` as it stands."
    )


def _edits(_variant: Variant) -> dict[str, str]:
    return {
        "first D's turn, then G's, in plain": "first G's turn, then D's, in plain",
        "You may use `discriminator_loss` and your own `loss_of_generator`.": (
            "Write both losses with functions of torch."
        ),
        "Update D, then G, on one batch": "Update G, then D, on one batch",
    }


def _step(variant: Variant, *arguments: Any, mistake: str = "") -> tuple[float, float]:
    """Update both networks on one batch, or make a usual mistake; gives D's loss and G's."""
    import torch
    from torch.nn import functional as F

    def cross_entropy(logits: "Tensor", label: float) -> "Tensor":
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

    g, d, by_g, by_d, x, y, w = arguments
    fake = g(x)

    def update_g() -> float:
        label = {"helps": 0.0, "g soft": variant["label"]}.get(mistake, 1.0)
        terms = [cross_entropy(d(x, fake), label), (fake - y).abs().mean()]
        loss = w * terms[0] + terms[1] if mistake == "weight" else terms[0] + w * terms[1]
        if mistake not in ("stale", "stale g"):
            by_g.zero_grad()
        loss.backward()
        by_g.step()
        return float(loss.detach())

    def update_d() -> float:
        real = 1.0 if mistake in ("chapter", "hard") else variant["label"]
        labels = [real, 1 - real if mistake == "both soft" else 0.0]
        again = (variant["picture"] == "after") != (mistake == "picture")
        shown = g(x) if again and mistake != "chapter" else fake
        logits = [d(x, y), d(x, shown.detach())]
        pairs = zip(logits, labels[::-1] if mistake == "swapped" else labels, strict=True)
        halves = torch.stack([cross_entropy(*pair) for pair in pairs])
        loss = halves.sum() if mistake == "double" else halves.mean()
        if mistake not in ("stale", "stale d"):
            by_d.zero_grad()
        loss.backward()
        by_d.step()
        return float(loss.detach())

    if mistake in ("chapter", "order"):
        return update_d(), update_g()
    loss_g = update_g()
    losses = update_d(), loss_g
    return losses[::-1] if mistake == "returned" else losses


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_step, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_step, variant, mistake=name) for name, cause in CAUSES.items()}


def take_steps(
    one_step: "Callable[..., Any]",
    want: str,
    weights: "list[Tensor]",
    batches: "list[Tensor]",
    lambda_l1: float,
    old_gradient: float,
) -> "Any":
    """Let an answer take a step a batch; gives both networks' weights, one's, or the losses.

    ``want`` is G, D, GD or losses.
    """
    import torch
    from torch import nn

    class Discriminator(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(6, 1, 3)

        def forward(self, real_input: "Tensor", target: "Tensor") -> "Tensor":
            logits: Tensor = self.layer(torch.cat([real_input, target], dim=1))
            return logits

    networks = {"G": nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Tanh()), "D": Discriminator()}
    parameters = [one for network in networks.values() for one in network.parameters()]
    for parameter, values in zip(parameters, weights, strict=True):
        parameter.data.copy_(values)
        if old_gradient:
            parameter.grad = torch.full_like(parameter, old_gradient)
    optimizers = [torch.optim.SGD(network.parameters(), lr=0.5) for network in networks.values()]
    returned = []
    for real_input, real_target in batches:
        arguments = real_input, real_target, lambda_l1
        returned.append(one_step(*networks.values(), *optimizers, *arguments))
    if want == "losses":
        return returned
    return [torch.cat([p.detach().flatten() for p in networks[one].parameters()]) for one in want]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def call(part: str, want: str, steps: int = 1, old_gradient: float = 0.0) -> Case:
        shapes = (3, 3, 3, 3), (3,), (1, 6, 3, 3), (1,)
        weights = [0.3 * rng.standard_normal(shape) for shape in shapes]
        count, height, width = (int(rng.integers(*ends)) for ends in ((1, 4), (6, 10), (6, 10)))
        batches = [rng.uniform(-1, 1, (2, count, 3, height, width)) for _ in range(steps)]
        for _, real_target in batches:
            real_target[:] = 0.4 + 0.6 * real_target  # brighter, so that D can tell it from a fake
        carried = (
            [torch.tensor(one, dtype=torch.float32) for one in many] for many in (weights, batches)
        )
        weight = round(float(rng.uniform(2, 5)), 1)
        return Case(part, (want, *carried, weight, old_gradient))

    return [
        *(call(G_MOVED, "G") for _ in range(2)),
        *(call(D_MOVED, "D") for _ in range(2)),
        *(call(TWO_STEPS, "GD", 2, old_gradient) for old_gradient in (0.3, -0.2)),
        *(call(LOSSES, "losses", steps) for steps in (1, 2)),
    ]


TRAIN_STEP = GradedQuestion(
    id="06.train-step",
    name="one_step",
    objective="write one training step of two networks, and say who learns when",
    what="what both networks are after their turns, and their two losses",
    parts={G_MOVED: 1, D_MOVED: 1, TWO_STEPS: 1, LOSSES: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    harness=take_steps,
    tier="B",
    tolerance=STEPS,
    leaves_out=("exposure_lab.training.gan",),
)
