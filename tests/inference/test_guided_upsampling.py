"""Guided upsampling: the correction of a small copy at any size and depth, without a seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.transform import resize as skimage_resize

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.array import Array
from exposure_lab.images.resize import resize
from exposure_lab.inference import guided_upsampling
from exposure_lab.inference.guided_upsampling import AffineMaps, fit_affine, upsample_correction
from exposure_lab.metrics.pixel import psnr


def test_unchanged_copy_leaves_the_photo_unchanged(photo: Array) -> None:
    small = resize(photo, 24, 36)
    assert psnr(upsample_correction(photo, small, small), photo) > 35


@pytest.mark.parametrize(("gain", "shift"), [(0.5, 0.1), (1.0, -0.05), (-0.5, 0.8)])
def test_affine_change_is_exact_at_every_pixel(photo: Array, gain: float, shift: float) -> None:
    small = resize(photo, 24, 36)
    upsampled = upsample_correction(photo, small, gain * small + shift)
    assert np.abs(upsampled - np.clip(gain * photo + shift, 0, 1)).mean() < 0.01


def test_change_of_exposure_is_better_than_enlarged(photo: Array) -> None:
    dark = apply_ev(photo, -1.5)
    small = resize(dark, 24, 36)
    good = resize(photo, 24, 36)
    height, width = photo.shape[:2]
    upsampled = psnr(upsample_correction(dark, small, good), photo)
    assert upsampled > psnr(resize(good, height, width), photo) + 3
    assert upsampled > psnr(dark, photo) + 10


def test_maps_are_enlarged_as_scikit_image_enlarges() -> None:
    draw = np.random.default_rng(0)
    maps = AffineMaps(*(draw.random((5, 7, 3), dtype=np.float32) for _ in range(2)))
    flat = np.full((50, 63, 3), 0.5, np.float32)
    # Linear between pixel centres, the outermost repeated; all values stay inside [0, 1] here.
    wide = [skimage_resize(m, (50, 63), order=1, mode="edge") for m in (maps.slope, maps.offset)]
    expected = 0.4 * wide[0] * 0.5 + 0.4 * wide[1]
    halved = AffineMaps(maps.slope * np.float32(0.4), maps.offset * np.float32(0.4))
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
    maps = AffineMaps(
        draw.uniform(-1, 2, (6, 4, channels)).astype(np.float32),
        draw.uniform(-1, 1, (6, 4, channels)).astype(np.float32),
    )
    corrected = maps.apply(pixels)
    assert corrected.dtype == kind
    assert corrected.shape == pixels.shape
    exact = maps.apply((pixels / top).astype(np.float32)) * float(top)
    assert np.abs(corrected - exact).max() <= 0.5 + top * 2e-6


def test_bands_leave_no_seam(photo: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    small = resize(photo, 24, 36)
    maps = fit_affine(small, apply_ev(small, 1))
    whole = maps.apply(photo)
    monkeypatch.setattr(guided_upsampling, "VALUES_PER_BAND", 1)  # a row at a time
    assert np.array_equal(maps.apply(photo), whole)


def test_flat_picture_is_moved_and_not_stretched() -> None:
    """No window varies, so no slope can be fitted: the shift alone is applied."""
    grey = np.full((30, 30, 3), 0.4, np.float32)
    small = np.full((8, 8, 3), 0.4, np.float32)
    assert np.allclose(upsample_correction(grey, small, small + np.float32(0.2)), 0.6, atol=1e-5)


def test_each_channel_is_corrected_by_itself(photo: Array) -> None:
    """A change of red alone leaves green and blue as they are."""
    small = resize(photo, 24, 36)
    redder = small * np.array([0.5, 1, 1], np.float32)
    unchanged = upsample_correction(photo, small, small)
    corrected = upsample_correction(photo, small, redder)
    assert np.array_equal(corrected[..., 1:], unchanged[..., 1:])
    assert np.abs(corrected[..., 0] - photo[..., 0] / 2).mean() < 0.01
