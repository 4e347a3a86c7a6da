"""Colour jitter of a batch agrees with torchvision's, picture by picture."""

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as reference

from exposure_lab.data.loading.color_jitter import (
    brightness,
    contrast,
    hue,
    jitter_batch,
    saturation,
)


@pytest.fixture
def pictures() -> Tensor:
    """Random colours, and a row of greys, of which the hexcone has no hue."""
    made = torch.rand(5, 3, 12, 9, generator=torch.Generator().manual_seed(0))
    made[:, :, 0] = made[:, :1, 0]
    return made


@pytest.mark.parametrize(
    ("change", "theirs", "amounts"),
    [
        (brightness, reference.adjust_brightness, [0.8, 1.0, 1.2, 0.0, 1.9]),
        (contrast, reference.adjust_contrast, [0.8, 1.0, 1.2, 0.0, 1.9]),
        (saturation, reference.adjust_saturation, [0.8, 1.0, 1.2, 0.0, 1.9]),
        (hue, reference.adjust_hue, [-0.5, -0.2, 0.0, 0.13, 0.4]),
    ],
)
def test_each_change_is_torchvisions(pictures, change, theirs, amounts) -> None:
    ours = change(pictures, torch.tensor(amounts)[:, None, None, None])
    for one, picture, amount in zip(ours, pictures, amounts, strict=True):
        assert torch.allclose(one, theirs(picture, amount), atol=2e-5)


def test_each_picture_has_its_own_order(pictures: Tensor) -> None:
    order = torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1], [0, 0, 0, 0], [2, 1, 4, 3], [3, 1, 2, 4]])
    factors = torch.tensor([[1.2, 0.8, 1.3, 0.1]] * 5)
    theirs = (
        reference.adjust_brightness,
        reference.adjust_contrast,
        reference.adjust_saturation,
        reference.adjust_hue,
    )
    ours = jitter_batch(pictures, order, factors)
    for one, picture, places, amounts in zip(ours, pictures, order, factors, strict=True):
        expected = picture
        if places[0] > 0:
            for number in places.argsort().tolist():
                expected = theirs[number](expected, float(amounts[number]))
        assert torch.allclose(one, expected, atol=5e-5)
    assert torch.equal(ours[2], pictures[2])
