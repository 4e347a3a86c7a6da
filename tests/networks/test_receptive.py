"""What a patch logit sees: three ways to find out, one answer."""

import numpy as np
import pytest
import torch

from exposure_lab.errors import ConfigError
from exposure_lab.networks.patchgan import PatchGAN
from exposure_lab.networks.receptive import (
    field,
    gradient_field,
    growth,
    map_side,
    patch_map,
    receptive_field,
    seen_pixels,
    strides,
)


def critic(layers: int = 3, conditional: bool = True) -> PatchGAN:
    """A small one with random weights, in evaluation mode."""
    torch.manual_seed(0)
    return PatchGAN(4, layers, conditional).eval()


def pictures(height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Input and target, (1, 3, height, width)."""
    torch.manual_seed(1)
    real_input, target = torch.randn(2, 1, 3, height, width)
    return real_input, target


# Three layers: 70 px, as Isola et al. 2017 name it; one: their 16 px; five: their 286 px.
@pytest.mark.parametrize(("layers", "side"), [(1, 16), (2, 34), (3, 70), (4, 142), (5, 286)])
def test_receptive_field_by_formula(layers: int, side: int) -> None:
    assert receptive_field(layers) == side
    assert growth(layers)[-1] == side
    first, last = field(7, layers)
    assert last - first + 1 == side


def test_growth_by_hand() -> None:
    # A kernel of 4 adds 3 steps, and a step doubles with each stride of 2: 1 + 3, + 6, + 12, + 24.
    assert growth(3) == [4, 10, 22, 46, 70]
    assert strides(3) == (2, 2, 2, 1, 1)


def test_the_strides_are_those_of_the_network() -> None:
    for layers in (1, 2, 3):
        convolutions = [m for m in critic(layers).modules() if isinstance(m, torch.nn.Conv2d)]
        assert strides(layers) == tuple(layer.stride[0] for layer in convolutions)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("conditional", [True, False])
def test_receptive_field_by_gradient(layers: int, conditional: bool) -> None:
    shown = pictures(128, 128)
    middle = map_side(128, layers) // 2
    gradient = gradient_field(critic(layers, conditional), *shown, middle, middle)
    reached = gradient > 0
    assert int(reached.sum()) == receptive_field(layers) ** 2
    first, last = seen_pixels(middle, 128, layers)
    assert reached[first : last + 1, first : last + 1].all()


@pytest.mark.parametrize(("height", "width", "layers"), [(64, 61, 1), (90, 75, 2), (101, 80, 3)])
def test_every_logit_sees_what_the_formula_says(height: int, width: int, layers: int) -> None:
    network, shown = critic(layers), pictures(height, width)
    rows, columns = map_side(height, layers), map_side(width, layers)
    for row in {0, 1, rows // 2, rows - 1}:  # the border cuts the first and the last ones off
        for column in {0, 1, columns // 2, columns - 1}:
            reached = gradient_field(network, *shown, row, column) > 0
            expected = torch.zeros_like(reached)
            top, bottom = seen_pixels(row, height, layers)
            left, right = seen_pixels(column, width, layers)
            expected[top : bottom + 1, left : right + 1] = True
            assert torch.equal(reached, expected), (row, column)


def test_training_mode_sees_everything() -> None:
    network = critic(2).train()
    gradient = gradient_field(network, *pictures(96, 96), 5, 5)
    assert (gradient > 0).all()


def test_gradient_field_is_a_derivative() -> None:
    network, (real_input, target) = critic(1), pictures(32, 32)
    gradient = gradient_field(network, real_input, target, 3, 4)
    assert gradient.shape == (32, 32)
    step = 1e-2
    by_difference = 0.0
    for picture in (real_input, target):  # one pixel, each of its six channels by itself
        for channel in range(3):
            ends = []
            for sign in (1, -1):
                moved = picture.clone()
                moved[0, channel, 10, 12] += sign * step
                pair = (moved, target) if picture is real_input else (real_input, moved)
                with torch.no_grad():
                    ends.append(float(network(*pair)[0, 0, 3, 4]))
            by_difference += abs(ends[0] - ends[1]) / (2 * step)
    assert float(gradient[10, 12]) == pytest.approx(by_difference, rel=0.02)
    assert not real_input.requires_grad and not target.requires_grad


@pytest.mark.parametrize("size", [24, 25, 47, 64, 100, 256])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_map_side_is_that_of_the_network(size: int, layers: int) -> None:
    with torch.device("meta"):
        logits = PatchGAN(2, layers)(*torch.zeros(2, 1, 3, size, size))
    assert logits.shape[2:] == (map_side(size, layers),) * 2


def test_map_side_of_the_report() -> None:
    assert map_side(256) == 30  # Isola et al. 2017: 30x30 patches of a 256 px picture


@pytest.mark.parametrize(("size", "layers"), [(23, 3), (11, 2), (5, 1), (0, 3)])
def test_a_picture_too_small_for_a_logit_is_refused(size: int, layers: int) -> None:
    with pytest.raises(ConfigError, match=f"at least {3 * 2**layers} px a side .* got {size} px"):
        map_side(size, layers)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_patch_map_gives_each_pixel_the_nearest_field(layers: int) -> None:
    height, width = 60, 77
    logits = torch.randn(map_side(height, layers), map_side(width, layers))
    spread = patch_map(logits, height, width, layers)
    assert spread.shape == (height, width)
    centres = [
        np.array([np.mean(field(index, layers)) for index in range(count)])
        for count in logits.shape
    ]
    for y in range(height):
        for x in range(width):
            # Of two centres at the same distance, the later one.
            i = np.abs(centres[0] - y - 1e-6).argmin()
            j = np.abs(centres[1] - x - 1e-6).argmin()
            assert spread[y, x] == pytest.approx(1 / (1 + np.exp(-float(logits[i, j]))), abs=1e-6)


def test_patch_map_of_half_precision_and_of_a_graph() -> None:
    logits = torch.zeros(6, 6, dtype=torch.bfloat16, requires_grad=True)
    assert np.array_equal(patch_map(logits, 64, 64), np.full((64, 64), 0.5, np.float32))
