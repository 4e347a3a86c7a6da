"""Judge of chapter 06's training step: it takes two steps and compares both networks.

The optimizers are plain gradient descent, since Adam would hide the size of a loss.
"""

# x real_input, y real_target (B, 3, H, W); z patch logits; g generator, d discriminator; w weight

from collections.abc import Callable
from itertools import chain
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
"""Cause to name, by wrong version of the step; a version is recognised by the weights it gives."""


class _SmallDiscriminator(nn.Module):
    """A conditional PatchGAN of one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(6, 1, 3)

    def forward(self, real_input: Tensor, target: Tensor) -> Tensor:
        logits: Tensor = self.layer(torch.cat([real_input, target], dim=1))
        return logits


Step = Callable[..., Any]


class _TwoSteps(NamedTuple):
    """Result of two steps: all weights of each network, flat, and what each step returned."""

    generator: Tensor
    discriminator: Tensor
    returned: list[Any]


def _take_two_steps(step: Step) -> _TwoSteps:
    """Take two steps, always from the same weights, and with old gradients not yet cleared."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        generator = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Tanh())
        discriminator = _SmallDiscriminator()
        batches = [2 * torch.rand(2, 2, 3, 6, 6) - 1 for _ in range(2)]
    networks: list[nn.Module] = [generator, discriminator]
    for parameter in chain.from_iterable(network.parameters() for network in networks):
        parameter.grad = torch.full_like(parameter, 0.3)
    optimizers = [SGD(network.parameters(), lr=0.1) for network in networks]
    returned = [step(*networks, *optimizers, *batch, 10.0) for batch in batches]
    weights = [torch.cat([p.detach().flatten() for p in n.parameters()]) for n in networks]
    return _TwoSteps(weights[0], weights[1], returned)


def _reference(mistake: str = "") -> Step:
    """Build the right step, or one with a mistake of `MISTAKES`."""

    def step(
        g: nn.Module, d: nn.Module, by_g: Optimizer, by_d: Optimizer, x: Tensor, y: Tensor, w: float
    ) -> tuple[float, float]:
        if mistake not in ("stale", "stale-g"):
            by_g.zero_grad()
        fake = g(x)

        def update_d() -> float:
            fake_target = fake if mistake == "attached" else fake.detach()
            logits = [d(x, y), d(x, fake_target)]
            loss = discriminator_loss(*(logits[::-1] if mistake == "swapped" else logits))
            if mistake not in ("stale", "stale-d"):
                by_d.zero_grad()
            torch.autograd.backward(2 * loss if mistake == "double" else loss, retain_graph=True)
            by_d.step()
            return float(loss.detach())

        def update_g() -> float:
            z = d(x, fake)
            adversarial = F.softplus(z).mean() if mistake == "helps" else adversarial_loss(z)
            terms = [adversarial, l1_loss(fake, y)]
            loss = w * terms[0] + terms[1] if mistake == "weight" else terms[0] + w * terms[1]
            torch.autograd.backward(loss)
            by_g.step()
            return float(loss.detach())

        if mistake == "order":
            loss_g = update_g()
            fake = fake.detach()
            return update_d(), loss_g
        return update_d(), update_g()

    return step


def judge_train_step(answer: Any) -> None:
    """Judge ``train_step(generator, discriminator, by_g, by_d, x, y, w)``.

    Raises:
        Wrong: with the likely cause.
    """
    result = _take_two_steps(lambda *arguments: _call_step(answer, arguments))
    right = _take_two_steps(_reference())
    if _same_networks(result, right):
        for returned, right_losses in zip(result.returned, right.returned, strict=True):
            if not isinstance(returned, tuple | list) or len(returned) != 2:
                raise Wrong("Expected two losses, D's and G's, but got something else.")
            losses = [number(loss, "each loss") for loss in returned]
            expect(not close(losses, right_losses[::-1]), "Expected D's loss first, then G's.")
            expect(
                close(losses, right_losses),
                "Expected the losses that the two updates went down, but the returned ones differ "
                "although the networks are right.",
            )
        return
    for mistake, cause in MISTAKES.items():
        recognised = _same_networks(result, _take_two_steps(_reference(mistake)))
        expect(not recognised, f"Expected both networks after two steps to be others: {cause}.")
    name = "D" if close(result.generator, right.generator) else "G"
    raise Wrong(
        f"Expected both networks to take one step each, but the weights of {name} differ: check "
        "each loss, its labels, and which optimiser steps when."
    )


def _same_networks(first: _TwoSteps, second: _TwoSteps) -> bool:
    return close(first.generator, second.generator) and close(
        first.discriminator, second.discriminator
    )


def _call_step(answer: Any, arguments: tuple[Any, ...]) -> Any:
    """Call a student's step; name the likely cause of two errors of torch that are usual here."""
    try:
        return call(answer, *arguments)
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
