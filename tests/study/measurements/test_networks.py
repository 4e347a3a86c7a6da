"""Structure of both networks, against numbers that are derived by hand."""

from itertools import pairwise
from typing import Any

import pytest
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.profiles.load import load_profile
from exposure_lab.study.measurements import architecture, patch_critic
from exposure_lab.study.measurements.architecture import measure_architecture
from exposure_lab.study.measurements.patch_critic import critic_of, dense_critic
from exposure_lab.study.measurements.patch_critic import measure_patch_critic as measure_critic

EXPECTED = {
    "smallest_side": 256 / 2**8,
    "side_after_six_halvings": 256 / 2**6,
    "layers_that_halve_or_double": 1,
    "mirrored_levels": 1,
    # The bottleneck sees 2x2 places in one, the first layer up one place in 2x2; all others more.
    "layers_fully_connected": 2 / 16,
    "layers_convolutional": 1,
    "means_of_halving_in_use": 1 / 2,
    "kinds_of_relu_in_use": 1,
    "gans_that_convolve": 1 / 2,
    "picture_seen_at_the_bottom": 1,
    # A change stays two places wide on the way down and grows to 2^m 4 - 2 px from m doublings: 254
    # of 256 px from the sixth map, and more than all from the seventh, the last that is skipped.
    "skips_that_reach_everywhere": 1 / 7,
}


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    return {name: values[0] for name, values, *_ in measure_architecture()}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_generator_is_as_derived(name: str, figures: dict[str, float]) -> None:
    assert figures[name] == pytest.approx(EXPECTED[name])


def altered(*changes: str) -> Any:
    """The report's profile with settings changed, in place of `load_profile`."""

    def load(name: str, overrides: "list[str] | None" = None) -> RunConfig:
        return load_profile(name, [*(overrides or []), *changes])

    return load


@pytest.mark.slow
def test_pooling_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architecture, "load_profile", altered("generator.downsampling=max-pool"))
    figures = {name: values[0] for name, values, *_ in measure_architecture()}
    assert figures["means_of_halving_in_use"] == 1 / 2  # pools, and no longer strides
    assert figures["layers_that_halve_or_double"] < 1


def test_a_smaller_picture_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architecture, "load_profile", altered("data.image_size=64"))
    figures = {name: values[0] for name, values, *_ in measure_architecture()}
    assert figures["side_after_six_halvings"] == 1  # of 64 px six halvings do leave one
    assert figures["layers_fully_connected"] == pytest.approx(2 / 12)


def test_the_critic_is_as_derived() -> None:
    figures = {name: values for name, values, *_ in measure_critic()}
    assert figures["values_that_see_their_patch_alone"] == (1,)
    assert figures["sizes_that_the_critic_takes"] == (1,)
    fitting = [size for size in patch_critic.SIZES if size[0] % 256 == size[1] % 256 == 0]
    assert figures["sizes_that_both_networks_take"] == (len(fitting) / len(patch_critic.SIZES),)
    assert figures["rivals_with_more_parameters"] == (1,)


def test_parameters_by_the_formula() -> None:
    """A 4x4 window a pair of channels; a bias at both ends, a scale and a shift between them."""

    def weights(*channels: int) -> int:
        return sum(16 * a * b for a, b in pairwise(channels))

    def count(network: nn.Module) -> int:
        return sum(p.numel() for p in network.parameters())

    normed = 2 * (128 + 256 + 512)
    assert count(critic_of()) == weights(6, 64, 128, 256, 512, 1) + 64 + normed + 1 == 2_768_705
    whole = weights(6, 64, 128, 256, 512, 512, 512, 1) + 64 + normed + 2 * 2 * 512 + 1
    assert count(critic_of(5)) == whole == 11_159_361
    dense = weights(6, 64, 128, 256, 512) + 2 * 64 + normed + 512 * 16 * 16 + 1
    assert count(dense_critic(256, 64)) == dense == 2_891_649


def test_a_norm_over_the_picture_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch_critic, "load_profile", altered("discriminator.norm=instance"))
    figures = {name: values[0] for name, values, *_ in measure_critic()}
    assert figures["values_that_see_their_patch_alone"] == 0  # it ties a logit to every pixel


def test_the_critic_takes_no_picture_below_its_smallest() -> None:
    smallest = 3 * 2**3  # three halvings leave 3, and the last two convolutions take one each
    assert patch_critic._takes((smallest, smallest))
    assert not patch_critic._takes((smallest - 1, smallest))
