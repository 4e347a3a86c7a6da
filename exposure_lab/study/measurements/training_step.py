"""Who is labelled what in a step of training, whose numbers the losses read, and what they move."""

from pathlib import Path
from typing import TYPE_CHECKING

from exposure_lab.profiles.load import load_profile
from exposure_lab.study.samples import Sample

if TYPE_CHECKING:
    from torch import Tensor, nn

    from exposure_lab.config import RunConfig
    from exposure_lab.data.loading.loader import Batch
    from exposure_lab.training.gan import GAN

FIGURES = (
    "real_pictures_that_are_targets",
    "label_of_a_perfect_fake",
    "turns_with_target_one",
    "turns_want_opposite_labels",
    "bce_follows_the_generator",
    "layers_that_the_critic_moves",
    "losses_of_a_batch_beyond_one",
)

SMALL = ("data.image_size=32", "generator.width=8", "discriminator.width=8")
"""Changes to the report's settings: a step is the same at any size, and here it takes a moment."""

PAIRS = 8


def measure_training_step(data: Path | None = None) -> list[Sample]:
    """Measure a step of the package's training, at the report's settings on small pictures.

    Args:
        data: not read; the pictures are random.

    Returns:
        - ``real_pictures_that_are_targets``: share of the pictures labelled real in the
          discriminator's turn that are targets as they were read, after the report's augmentation
        - ``label_of_a_perfect_fake``: label, 1 being real, that the discriminator is taught for a
          generated picture that equals its target
        - ``turns_with_target_one``: share of the two turns in which generated pictures are to be
          called real
        - ``turns_want_opposite_labels``: 1 where what one turn is to call real is to be called fake
          in the other, else 0
        - ``bce_follows_the_generator``: 1 where the adversarial term changes with the generator's
          picture while the critic's verdict stays, else 0
        - ``layers_that_the_critic_moves``: share of the generator's layers with a gradient from the
          adversarial term alone
        - ``losses_of_a_batch_beyond_one``: losses of the generator that a batch has, minus 1
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        config = load_profile("report", [*SMALL])
        gan, batch, targets = _gan(config), *_batch(config)
        in_own_turn, shown = _label_in_own_turn(gan, batch)
        in_g_turn = _label_in_g_turn(gan, batch)
        values = {
            "real_pictures_that_are_targets": _equal_pictures(shown, targets),
            "label_of_a_perfect_fake": in_own_turn,
            "turns_with_target_one": (in_own_turn + in_g_turn) / 2,
            "turns_want_opposite_labels": in_own_turn != in_g_turn,
            "bce_follows_the_generator": _bce_follows_the_generator(gan, batch),
            "layers_that_the_critic_moves": _layers_that_the_critic_moves(config, batch),
            "losses_of_a_batch_beyond_one": _losses(gan, batch) - 1,
        }
    return [Sample(name, (float(value),)) for name, value in values.items()]


def _gan(config: "RunConfig") -> "GAN":
    import torch

    from exposure_lab.runtime import Runtime
    from exposure_lab.training.gan import GAN

    return GAN.build(config, Runtime(torch.device("cpu"), "fp32"))


def _batch(config: "RunConfig") -> tuple["Batch", "Tensor"]:
    """Augment random pairs as the report does: the batch, and the targets without augmentation."""
    import numpy as np
    import torch

    from exposure_lab.data.loading.augment import Augment, to_network_range
    from exposure_lab.data.loading.loader import Batch

    size = config.data.image_size
    stored = np.random.default_rng(0).integers(0, 256, (PAIRS, 2, 3, size, size), np.uint8)
    augment = Augment(config.data, config.seed)
    pairs = [augment(pair[0], pair[1], 0, i) for i, pair in enumerate(stored)]
    inputs, targets = zip(*pairs, strict=True)
    as_read = to_network_range(torch.from_numpy(stored[:, 1]))
    return Batch(torch.stack(inputs), torch.stack(targets)), as_read


def _critic(verdicts: "list[Tensor]") -> "nn.Module":
    """Build a discriminator that gives these verdicts in turn, and keeps what it was shown."""
    from torch import Tensor, nn

    class Critic(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[Tensor] = []

        def forward(self, real_input: Tensor, picture: Tensor) -> Tensor:
            self.seen.append(picture)
            return verdicts[min(len(self.seen), len(verdicts)) - 1]

    return Critic()


def _label_in_own_turn(gan: "GAN", batch: "Batch") -> tuple[float, "Tensor"]:
    """Find the label that D is taught for generated pictures that equal their targets.

    A loss that falls as a logit rises teaches the label 1.

    Returns:
        The label, and the pictures with label 1.
    """
    import torch

    verdicts = [torch.zeros(PAIRS, 1, 2, 2, requires_grad=True) for _ in range(2)]
    critic, gan.discriminator = gan.discriminator, _critic(verdicts)
    fake = batch.real_target.clone()
    loss = gan.discriminator_loss(batch, fake)
    slopes = [slope.sum() for slope in torch.autograd.grad(loss, verdicts)]
    seen: list[Tensor] = gan.discriminator.seen  # type: ignore[assignment]
    gan.discriminator = critic
    labels = [float(slope < 0) for slope in slopes]
    # The values are the same; their place in memory tells whose they are.
    own = [picture.data_ptr() == fake.data_ptr() for picture in seen]
    return labels[own.index(True)], torch.cat(
        [s for s, one in zip(seen, labels, strict=True) if one]
    )


def _label_in_g_turn(gan: "GAN", batch: "Batch") -> float:
    """Find the label that a generated picture is to get in the generator's turn."""
    import torch

    verdict = torch.zeros(PAIRS, 1, 2, 2, requires_grad=True)
    critic, gan.discriminator = gan.discriminator, _critic([verdict])
    loss = gan.generator_loss(batch, batch.real_target).adversarial
    gan.discriminator = critic
    return float(torch.autograd.grad(loss, verdict)[0].sum() < 0)


def _equal_pictures(shown: "Tensor", targets: "Tensor") -> float:
    import torch

    return sum(map(torch.equal, shown, targets)) / len(targets)


def _bce_follows_the_generator(gan: "GAN", batch: "Batch") -> bool:
    import torch

    critic, gan.discriminator = gan.discriminator, _critic([torch.zeros(PAIRS, 1, 2, 2)])
    pictures = batch.real_target, -batch.real_target
    terms = [float(gan.generator_loss(batch, picture).adversarial) for picture in pictures]
    gan.discriminator = critic
    return terms[0] != terms[1]


def _layers_that_the_critic_moves(config: "RunConfig", batch: "Batch") -> float:
    from exposure_lab.networks.features import named_layers

    alone = config.model_copy(update={"loss": config.loss.model_copy(update={"lambda_l1": 0.0})})
    gan = _gan(alone)
    generator = gan.eval_generator
    gan.generator_loss(batch, gan.generator(batch.real_input)).total.mean().backward()
    moved = []
    for layer in named_layers(generator).values():  # type: ignore[arg-type]
        gradients = [parameter.grad for parameter in layer.parameters()]
        moved.append(any(grad is not None and bool((grad != 0).any()) for grad in gradients))
    return sum(moved) / len(moved)


def _losses(gan: "GAN", batch: "Batch") -> int:
    """Count the numbers that the generator's loss of a batch consists of."""
    return gan.generator_loss(batch, gan.generator(batch.real_input)).total.numel()
