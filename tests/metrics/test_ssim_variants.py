"""The published forms of SSIM agree with the programs they come from, and share their blindness."""

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import structural_similarity
from torchmetrics.functional.image import structural_similarity_index_measure as torch_ssim

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.metrics.pixel import delta_e, ssim
from exposure_lab.metrics.ssim_variants import ssim_clamped, ssim_grey, ssim_pooled, ssim_uniform


@pytest.fixture
def near(photo: Array) -> Array:
    """The photo with noise, clipped."""
    noise = np.random.default_rng(1).normal(0, 0.05, photo.shape).astype(np.float32)
    return np.clip(photo + noise, 0, 1)


def test_uniform_and_grey_agree_with_scikit_image(photo: Array, near: Array) -> None:
    pair = [(picture * 255 + 0.5).astype(np.uint8) for picture in (near, photo)]
    near8, photo8 = (picture.astype(np.float32) / 255 for picture in pair)
    uniform = structural_similarity(*pair, channel_axis=2)  # all defaults
    assert ssim_uniform(near8, photo8) == pytest.approx(uniform, abs=1e-5)
    # ITU-R BT.601, the grey of OpenCV, of Pillow and of television: 299, 587, 114 of 1000.
    greys = [np.asarray(Image.fromarray(picture).convert("L")) for picture in pair]
    grey = structural_similarity(*greys)
    assert ssim_grey(near8, photo8) == pytest.approx(grey, abs=1e-4)


def test_clamped_agrees_with_torchmetrics(photo: Array, near: Array) -> None:
    near = near.copy()
    near[:20] = 1 - near[:20]  # inverted structure, so that there is something to clamp
    batches = [
        torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float64))[None]
        for picture in (near, photo)
    ]
    _, places = torch_ssim(*batches, data_range=1.0, sigma=1.5, return_full_image=True)
    inside = places[..., 5:-5, 5:-5].clamp(min=0).mean()
    assert ssim_clamped(near, photo) == pytest.approx(float(inside), abs=1e-5)
    assert ssim_clamped(near, photo) > ssim(near, photo) + 0.01


def test_clamped_ssim_counts_no_inverted_structure(photo: Array) -> None:
    inverted = 1 - photo
    assert ssim(inverted, photo) < 0 <= ssim_clamped(inverted, photo)
    assert ssim_clamped(photo, photo) == pytest.approx(1)


def test_pooled_ssim_is_that_of_the_means_of_blocks() -> None:
    draw = np.random.default_rng(2)
    small = draw.random((2, 200, 220, 3), np.float32)
    blocks = small.repeat(2, axis=1).repeat(2, axis=2)  # (2, 400, 440, 3): by 2, as 400 / 256
    noise = draw.uniform(-1, 1, (200, 220, 3)).astype(np.float32) * 0.1
    noisy = np.clip(0.2 + 0.6 * blocks[0], 0, 1)
    # What sums to nothing in each block of 2 x 2 is not seen at all.
    noisy[::2, ::2] += noise
    noisy[1::2, 1::2] -= noise
    expected = ssim((0.2 + 0.6 * small[0]).astype(np.float32), small[1])
    assert ssim_pooled(noisy, blocks[1]) == pytest.approx(expected, abs=1e-4)
    assert ssim_pooled(small[0], small[1]) == pytest.approx(ssim(small[0], small[1]))
    odd = np.pad(blocks, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=0.5)
    assert ssim_pooled(*odd) == pytest.approx(ssim(*small), abs=1e-4)  # the rest is cut off


def test_grey_ssim_sees_no_colour(photo: Array) -> None:
    # Red and blue exchanged in their shares of grey: other colours, the same grey.
    shifted = 0.3 + 0.4 * photo
    other = shifted + np.array([0.1, 0, -0.1 * 0.299 / 0.114], np.float32)
    assert ssim_grey(other, shifted) > 0.99
    assert delta_e(other, shifted) > 10


@pytest.mark.parametrize("kind", [ssim_uniform, ssim_grey, ssim_clamped, ssim_pooled])
def test_every_ssim_is_symmetric_and_needs_room(photo: Array, near: Array, kind) -> None:
    assert kind(photo, photo) == pytest.approx(1, abs=1e-6)
    assert kind(near, photo) == pytest.approx(kind(photo, near), abs=1e-6)
    assert kind(near, photo) < 0.95
    with pytest.raises(ImageError, match=r"px for SSIM, but got \(6, 30\): leave SSIM out"):
        kind(photo[:6, :30], photo[:6, :30])
    with pytest.raises(ImageError, match="one size"):
        kind(photo, photo[:-1])
