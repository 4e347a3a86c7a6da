"""The judge of chapter 06's training step: it takes two steps and looks at both networks.

Plain gradient descent moves them, not Adam, which would hide the size of a loss.
"""

# x real_input, y real_target (B, 3, H, W); z patch logits; g generator, d discriminator; w weight

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD, Optimizer

from exposure_lab.course.expectations import Wrong, call, close, expect, number
from exposure_lab.losses import adversarial_loss, discriminator_loss, l1_loss

MISTAKES = {
    "attached": "D's loss also moved G: D should be shown the picture detached",
    "order": "G went first: this chapter's order is D, then G",
    "stale": "old gradients were added to the new ones: clear both networks' first",
    "stale-g": "old gradients were added to G's new ones: clear them before `backward`",
    "stale-d": "old gradients were added to D's new ones: clear them before `backward`",
    "swapped": "D was taught to call real pictures fake: look at its labels",
    "double": "D took twice the step: its loss is the mean of the two halves",
    "helps": "G was taught to look fake: it wants the label of a real picture",
    "weight": "the weight is on the adversarial term",
}
"""Wrong versions of the step that are told apart by where they lead, and their likely causes."""


class _Critic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(6, 1, 3)

    def forward(self, real_input: Tensor, target: Tensor) -> Tensor:
        logits: Tensor = self.layer(torch.cat([real_input, target], dim=1))
        return logits


Step = Callable[..., Any]


class _Outcome(NamedTuple):
    """Where two steps lead: all weights of each network, and what each step returned."""

    generator: Tensor
    discriminator: Tensor
    returned: list[Any]


def _after_two(step: Step) -> _Outcome:
    """Take two steps from the same start, with old gradients left lying about."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        generator = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Tanh())
        discriminator = _Critic()
        batches = [2 * torch.rand(2, 2, 3, 6, 6) - 1 for _ in range(2)]
    networks: list[nn.Module] = [generator, discriminator]
    for parameter in [one for network in networks for one in network.parameters()]:
        parameter.grad = torch.full_like(parameter, 0.3)
    optimizers = [SGD(network.parameters(), lr=0.1) for network in networks]
    returned = [step(*networks, *optimizers, *batch, 10.0) for batch in batches]
    flat = [torch.cat([p.detach().flatten() for p in n.parameters()]) for n in networks]
    return _Outcome(flat[0], flat[1], returned)


def _reference(mistake: str = "") -> Step:
    """The right step, or one with a mistake that students make."""

    def step(
        g: nn.Module, d: nn.Module, by_g: Optimizer, by_d: Optimizer, x: Tensor, y: Tensor, w: float
    ) -> tuple[float, float]:
        if mistake not in ("stale", "stale-g"):
            by_g.zero_grad()
        fake = g(x)

        def teach_d() -> float:
            seen = fake if mistake == "attached" else fake.detach()
            answers = [d(x, y), d(x, seen)]
            loss = discriminator_loss(*(answers[::-1] if mistake == "swapped" else answers))
            if mistake not in ("stale", "stale-d"):
                by_d.zero_grad()
            torch.autograd.backward(2 * loss if mistake == "double" else loss, retain_graph=True)
            by_d.step()
            return float(loss.detach())

        def teach_g() -> float:
            z = d(x, fake)
            adversarial = F.softplus(z).mean() if mistake == "helps" else adversarial_loss(z)
            terms = [adversarial, l1_loss(fake, y)]
            loss = w * terms[0] + terms[1] if mistake == "weight" else terms[0] + w * terms[1]
            torch.autograd.backward(loss)
            by_g.step()
            return float(loss.detach())

        if mistake == "order":
            loss_g = teach_g()
            fake = fake.detach()
            return teach_d(), loss_g
        return teach_d(), teach_g()

    return step


def judge_train_step(answer: Any) -> None:
    """Judge ``train_step(generator, discriminator, by_g, by_d, x, y, w)``.

    Raises:
        Wrong: with the likely cause.
    """
    got = _after_two(lambda *given: _called(answer, given))
    right = _after_two(_reference())
    if close(got.generator, right.generator) and close(got.discriminator, right.discriminator):
        for pair, losses in zip(got.returned, right.returned, strict=True):
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise Wrong("Expected two losses, D's and G's, but got something else.")
            values = [number(one, "each loss") for one in pair]
            expect(not close(values, losses[::-1]), "Expected D's loss first, then G's.")
            expect(
                close(values, losses),
                "Expected the losses that the two updates went down, but the returned ones differ "
                "although the networks are right.",
            )
        return
    for mistake, cause in MISTAKES.items():
        wrong = _after_two(_reference(mistake))
        same = close(got.generator, wrong.generator) and close(
            got.discriminator, wrong.discriminator
        )
        expect(not same, f"Expected both networks after two steps to be others: {cause}.")
    who = "D" if close(got.generator, right.generator) else "G"
    raise Wrong(
        f"Expected both networks to take one step each, but the weights of {who} differ: check "
        "each loss, its labels, and which optimiser steps when."
    )


def _called(answer: Any, given: tuple[Any, ...]) -> Any:
    """Call, and add the likely cause to the two messages of torch that students meet here."""
    try:
        return call(answer, *given)
    except Wrong as wrong:
        if "second time" in str(wrong) or "inplace operation" in str(wrong):
            raise Wrong(
                "Expected two updates, but the second `backward` found G's graph used up: D should "
                "be shown the picture detached."
            ) from None
        if "does not require grad" in str(wrong):
            raise Wrong(
                "Expected D to learn in every step, but it was still frozen in the second: thaw it "
                "after G's update."
            ) from None
        raise
