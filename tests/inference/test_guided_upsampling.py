"""What was found on a small copy comes to the photo, at any size and depth, without a seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import resize as skimage_resize

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array
from exposure_lab.images.resize import resize
from exposure_lab.inference import guided_upsampling
from exposure_lab.inference.guided_upsampling import Lines, carry, fit_lines
from exposure_lab.metrics.pixel import psnr


def test_unchanged_copy_leaves_the_photo_unchanged(photo: Array) -> None:
    small = resize(photo, 24, 36)
    assert psnr(carry(photo, small, small), photo) > 35


@pytest.mark.parametrize(("gain", "shift"), [(0.5, 0.1), (1.0, -0.05), (-0.5, 0.8)])
def test_line_is_carried_exactly_to_every_pixel(photo: Array, gain: float, shift: float) -> None:
    small = resize(photo, 24, 36)
    carried = carry(photo, small, gain * small + shift)
    assert np.abs(carried - np.clip(gain * photo + shift, 0, 1)).mean() < 0.01


def test_change_of_exposure_is_carried_better_than_enlarged(photo: Array) -> None:
    dark = apply_ev(photo, -1.5)
    small = resize(dark, 24, 36)
    good = resize(photo, 24, 36)
    height, width = photo.shape[:2]
    carried = psnr(carry(dark, small, good), photo)
    assert carried > psnr(resize(good, height, width), photo) + 3
    assert carried > psnr(dark, photo) + 10


def test_lines_are_enlarged_as_scikit_image_enlarges() -> None:
    draw = np.random.default_rng(0)
    lines = Lines(*(draw.random((5, 7, 3), dtype=np.float32) for _ in range(2)))
    flat = np.full((50, 63, 3), 0.5, np.float32)
    # Linear between pixel centres, the outermost repeated; all values stay inside [0, 1] here.
    wide = [skimage_resize(m, (50, 63), order=1, mode="edge") for m in (lines.slope, lines.offset)]
    expected = 0.4 * wide[0] * 0.5 + 0.4 * wide[1]
    halved = Lines(lines.slope * np.float32(0.4), lines.offset * np.float32(0.4))
    assert np.allclose(halved.apply(flat), expected, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 3]),
    st.sampled_from([np.uint8, np.uint16]),
)
def test_depths_agree(height: int, width: int, channels: int, kind: type[np.generic]) -> None:
    """Whole numbers are the float result rounded to the nearest, whatever the size and depth."""
    draw = np.random.default_rng(height * 41 + width)
    top = np.iinfo(kind).max
    pixels = draw.integers(0, top, (height, width, channels), dtype=kind, endpoint=True)
    lines = Lines(
        draw.uniform(-1, 2, (6, 4, channels)).astype(np.float32),
        draw.uniform(-1, 1, (6, 4, channels)).astype(np.float32),
    )
    corrected = lines.apply(pixels)
    assert corrected.dtype == kind
    assert corrected.shape == pixels.shape
    exact = lines.apply((pixels / top).astype(np.float32)) * float(top)
    assert np.abs(corrected - exact).max() <= 0.5 + top * 2e-6


def test_bands_leave_no_seam(photo: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    small = resize(photo, 24, 36)
    lines = fit_lines(small, apply_ev(small, 1))
    whole = lines.apply(photo)
    monkeypatch.setattr(guided_upsampling, "BAND", 1)  # a row at a time
    assert np.array_equal(lines.apply(photo), whole)


def test_flat_picture_is_moved_and_not_stretched() -> None:
    """No window varies, so no slope can be told: the shift alone is carried."""
    grey = np.full((30, 30, 3), 0.4, np.float32)
    small = np.full((8, 8, 3), 0.4, np.float32)
    assert np.allclose(carry(grey, small, small + np.float32(0.2)), 0.6, atol=1e-5)
