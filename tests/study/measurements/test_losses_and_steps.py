"""Losses, labels, counts and variation, each by hand; and each figure sees a package that errs."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from exposure_lab import losses
from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import BatchPlan
from exposure_lab.profiles.load import load_profile
from exposure_lab.study.measurements import training_step, variation
from exposure_lab.study.measurements.counts import measure_counts
from exposure_lab.study.measurements.loss_functions import measure_loss_functions
from exposure_lab.study.measurements.training_step import measure_training_step
from exposure_lab.study.measurements.variation import measure_variation
from exposure_lab.study.samples import Sample


def by_name(samples: list[Sample]) -> dict[str, float]:
    return {sample.figure: sum(sample.values) / len(sample.values) for sample in samples}


def altered(*changes: str) -> Any:
    """`load_profile` with settings changed."""

    def load(name: str, overrides: "list[str] | None" = None) -> RunConfig:
        return load_profile(name, [*(overrides or []), *changes])

    return load


def test_counts_of_the_report() -> None:
    assert by_name(measure_counts()) == {
        "training_inputs": 17_675,
        "validation_inputs": 750,
        "testing_inputs": 5_905,
        "inputs_per_target": 5,
        "inputs_in_an_epoch": 1,
        "steps_in_an_epoch": 277,  # 276 whole batches of 64, and 11 pictures
    }


def test_an_epoch_that_leaves_pictures_out_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = BatchPlan.batch
    monkeypatch.setattr(BatchPlan, "batch", lambda plan, step: whole(plan, step)[:60])
    assert by_name(measure_counts())["inputs_in_an_epoch"] < 0.95


def test_loss_functions_by_hand() -> None:
    verdicts = -math.log(0.8 * 0.6) / 2, -math.log(0.7 * 0.9) / 2
    assert by_name(measure_loss_functions()) == {
        "discriminator_loss_is_bce": 1,
        "generator_loss_without_error": pytest.approx(math.log(2)),
        "shares_answered_truly": 1,
        "bce_by_sum_of_probabilities": pytest.approx(sum(verdicts) / 2 / (0.2 + 0.4 + 0.3 + 0.1)),
        "l1_off_absolute_difference": 0,
        "pictures_that_l1_compares": 1,
    }


def test_other_losses_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        losses, "discriminator_loss", lambda real, fake: (1 - real).square().mean() + fake.mean()
    )
    monkeypatch.setattr(losses, "l1_loss", lambda a, b: F.mse_loss(a[:32], b[:32]))
    figures = by_name(measure_loss_functions())
    assert figures["discriminator_loss_is_bce"] == 0
    assert figures["shares_answered_truly"] < 1
    assert figures["l1_off_absolute_difference"] != 0
    assert figures["pictures_that_l1_compares"] == 0.5


def test_a_step_by_hand() -> None:
    assert by_name(measure_training_step()) == {
        "real_pictures_that_are_targets": 1,
        "label_of_a_perfect_fake": 0,
        "turns_with_target_one": 0.5,
        "turns_want_opposite_labels": 1,
        "bce_follows_the_generator": 0,
        "layers_that_the_critic_moves": 1,
        "losses_of_a_batch_beyond_one": 0,
    }


@pytest.mark.slow
def test_flipped_targets_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = altered("data.flip=paired", "data.flip_probability=1.0")
    monkeypatch.setattr(training_step, "load_profile", changes)
    monkeypatch.setattr(variation, "load_profile", changes)
    assert by_name(measure_training_step())["real_pictures_that_are_targets"] == 0
    assert by_name(measure_variation())["targets_untouched"] == 0


def test_other_labels_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def praise_all(real: Tensor, fake: Tensor, kind: str) -> Tensor:
        return F.softplus(-real).mean() + F.softplus(-fake).mean()

    monkeypatch.setattr(losses, "discriminator_loss", praise_all)
    figures = by_name(measure_training_step())
    assert figures["label_of_a_perfect_fake"] == 1
    assert figures["turns_with_target_one"] == 1
    assert figures["turns_want_opposite_labels"] == 0


def test_a_loss_of_each_picture_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "l1_loss", lambda a, b: (a - b).abs().mean((1, 2, 3)))
    figures = by_name(measure_training_step())
    assert figures["losses_of_a_batch_beyond_one"] == training_step.PAIRS - 1


def test_a_critic_without_weight_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = losses.adversarial_loss
    monkeypatch.setattr(losses, "adversarial_loss", lambda logits, kind: cut(0 * logits, kind))
    assert by_name(measure_training_step())["layers_that_the_critic_moves"] == 0


def test_a_probability_from_the_generator_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator's loss that reads its picture, as the report has it."""
    from exposure_lab.training.gan import GAN, GeneratorLosses

    def read_picture(gan: GAN, batch: Any, fake: Tensor) -> GeneratorLosses:
        loss = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
        loss = loss + gan.discriminator(batch.real_input, fake).mean()
        return GeneratorLosses(loss, loss, loss)

    monkeypatch.setattr(GAN, "generator_loss", read_picture)
    assert by_name(measure_training_step())["bce_follows_the_generator"] == 1


@pytest.mark.slow
def test_variation_by_hand() -> None:
    samples = {sample.figure: sample for sample in measure_variation()}
    # In ten epochs: about two pictures that are jittered, each its own; of the rest the photo and
    # its mirror image, each missing with probability 0.6^10.
    expected = 10 * 0.2 + 2 * (1 - 0.6**10) - 1
    views = samples["views_added"].values
    assert sum(views) / len(views) == pytest.approx(expected, abs=4 * (1.6 / len(views)) ** 0.5)
    for figure, stated in (("flipped_share_off", 0.5), ("jittered_share_off", 0.2)):
        shares = samples[figure].values
        assert abs(sum(shares) / len(shares)) < 4 * (stated * (1 - stated) / 6000) ** 0.5
    assert samples["targets_untouched"].values == (1,)


def test_no_augmentation_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        variation, "load_profile", altered("data.flip=none", "data.jitter_probability=0.0")
    )
    figures = by_name(measure_variation())
    assert figures["views_added"] == 0
    assert figures["jittered_share_off"] == pytest.approx(-0.2)
    assert figures["flipped_share_off"] == -0.5


@pytest.mark.slow
def test_measuring_draws_nothing_from_the_shared_generator() -> None:
    before = torch.get_rng_state()
    for measure in (measure_training_step, measure_variation, measure_loss_functions):
        measure()
    assert torch.equal(before, torch.get_rng_state())
