"""Metrics agree with other programs, with worked examples and with their own identities."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.color import lab2rgb, rgb2lab
from skimage.metrics import peak_signal_noise_ratio
from torchmetrics.functional.image import (
    peak_signal_noise_ratio as torch_psnr,
)
from torchmetrics.functional.image import (
    structural_similarity_index_measure as torch_ssim,
)

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.srgb import linear_to_srgb
from exposure_lab.metrics.pixel import (
    DARKEST,
    PSNR_CAP,
    chroma_error,
    delta_e,
    l1,
    luminance_error,
    psnr,
    sharpness,
    ssim,
)

METRICS = {"psnr": psnr, "ssim": ssim, "l1": l1, "delta_e": delta_e}
BEST = {"psnr": PSNR_CAP, "ssim": 1, "l1": 0, "delta_e": 0}


def as_batch(pixels: Array) -> torch.Tensor:
    """(1, 3, H, W) in double precision."""
    return torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float64))[None]


def flat(value: float, size: int = 16) -> Array:
    """A picture of one grey."""
    return np.full((size, size, 3), value, np.float32)


@pytest.fixture
def near(photo: Array) -> Array:
    """The photo with noise, clipped."""
    noise = np.random.default_rng(1).normal(0, 0.05, photo.shape).astype(np.float32)
    return np.clip(photo + noise, 0, 1)


def test_psnr_agrees_with_two_programs(photo: Array, near: Array) -> None:
    ours = psnr(near, photo)
    assert ours == pytest.approx(peak_signal_noise_ratio(photo, near, data_range=1), abs=1e-4)
    theirs = torch_psnr(as_batch(near), as_batch(photo), data_range=1.0)
    assert ours == pytest.approx(float(theirs), abs=1e-4)


def test_ssim_agrees_with_torchmetrics(photo: Array, near: Array) -> None:
    _, places = torch_ssim(
        as_batch(near),
        as_batch(photo),
        data_range=1.0,
        sigma=1.5,
        kernel_size=11,
        return_full_image=True,
    )
    # torchmetrics also counts windows that reach over the edge; the paper's stay inside.
    inside = places[..., 5:-5, 5:-5].mean()
    assert ssim(near, photo) == pytest.approx(float(inside), abs=1e-5)


def test_flat_pictures_by_hand() -> None:
    a, b = flat(0.5), flat(0.25)
    assert l1(a, b) == 0.25
    assert psnr(a, b) == pytest.approx(-10 * np.log10(0.0625))  # 12.04 dB
    # Without contrast only the luminance term is left: (2 ab + C1) / (a^2 + b^2 + C1), C1 = 1e-4.
    assert ssim(a, b) == pytest.approx((0.25 + 1e-4) / (0.3125 + 1e-4), abs=1e-6)


# Sharma, Wu and Dalal 2005, table 1, pairs 25, 27, 28, 30 and 31, all of them inside sRGB.
SHARMA = [
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
]


@pytest.mark.parametrize(("first", "second", "difference"), SHARMA)
def test_delta_e_reproduces_published_pairs(
    first: tuple[float, ...], second: tuple[float, ...], difference: float
) -> None:
    a, b = (lab2rgb(np.array([[lab]])) for lab in (first, second))
    assert delta_e(a, b) == pytest.approx(difference, abs=2e-4)


@pytest.mark.parametrize("name", METRICS)
def test_identical_pictures_score_best(photo: Array, name: str) -> None:
    assert METRICS[name](photo, photo.copy()) == pytest.approx(BEST[name], abs=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_order_does_not_matter(photo: Array, near: Array, name: str) -> None:
    assert METRICS[name](photo, near) == pytest.approx(METRICS[name](near, photo), rel=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_further_is_worse(photo: Array, name: str) -> None:
    scores = [METRICS[name](np.minimum(photo + shift, 1), photo) for shift in (0.02, 0.1, 0.3)]
    assert scores == sorted(scores, reverse=name in ("psnr", "ssim"))


@settings(max_examples=30)
@given(st.floats(2**-10, 1, width=32))
def test_psnr_of_a_constant_shift(shift: float) -> None:
    assert psnr(flat(shift), flat(0)) == pytest.approx(
        min(PSNR_CAP, -20 * np.log10(shift)), abs=1e-4
    )


def test_psnr_is_capped_just_above_the_closest_pictures() -> None:
    assert psnr(flat(0.5), flat(0.5)) == PSNR_CAP == 60
    assert psnr(flat(0.5), flat(0.5001)) == 60  # 80 dB without the cap
    assert psnr(flat(0.5), flat(0.502)) < 60


@pytest.mark.parametrize("metric", METRICS.values())
def test_two_sizes_are_refused(metric) -> None:
    with pytest.raises(ImageError, match=r"Expected two pictures of one size"):
        metric(flat(0.5, 16), flat(0.5, 17))
    with pytest.raises(ImageError, match="clip or rescale"):
        metric(flat(2), flat(0.5))


def test_ssim_needs_room_for_its_window() -> None:
    assert ssim(flat(0.5, 11), flat(0.5, 11)) == pytest.approx(1)
    with pytest.raises(ImageError, match=r"at least 11 px for SSIM, but got \(10, 10\)"):
        ssim(flat(0.5, 10), flat(0.5, 10))


def test_sharpness_by_hand() -> None:
    # A wire one pixel thick across 8 x 8: a step into it and a step out of it, over seven columns.
    wire, faint, step = flat(0.5, 8), flat(0.5, 8), flat(0.5, 8)
    wire[3], faint[3], step[3:] = 0.1, 0.4, 0.1
    assert sharpness(wire, wire) == 1
    assert sharpness(faint, wire) == pytest.approx(0.25, abs=1e-6)
    assert sharpness(step, wire) == pytest.approx(0.5, abs=1e-6)
    assert sharpness(flat(0.5, 8), wire) == 0
    # A dot has two straight neighbours above and to its left, and its own diagonal step.
    dot, pair = flat(0, 4), flat(0, 4)
    dot[1, 1] = 1
    pair[1, 1:3] = 1  # above, two; left, one; within, one step down each, the right one diagonal
    assert sharpness(pair, dot) == pytest.approx((4 + 2**0.5) / (2 + 2**0.5), abs=1e-6)


def test_sharpness_knows_contrast_blur_and_noise(photo: Array, near: Array) -> None:
    assert sharpness(0.5 + 0.5 * photo, photo) == pytest.approx(0.5, abs=1e-6)
    assert sharpness(1 - photo, photo) == pytest.approx(1, abs=1e-6)
    blurred = [gaussian_filter(photo, (sigma, sigma, 0)) for sigma in (0.5, 1, 2)]
    shares = [sharpness(np.clip(picture, 0, 1), photo) for picture in blurred]
    assert 1 > shares[0] > shares[1] > shares[2] > 0
    assert sharpness(near, photo) > 1.1  # noise looks like edges; the docstring warns of it


def test_sharpness_sees_the_finest_checkerboard() -> None:
    board = np.indices((8, 8)).sum(axis=0)[..., None].repeat(3, axis=2) % 2 * 0.2
    ramp = np.linspace(0, 0.7, 8)[None, :, None].repeat(8, axis=0).repeat(3, axis=2)
    # 0.2 down and 0.2 across at every pixel, against 0.1 across.
    assert sharpness(board, ramp) == pytest.approx(2 * 2**0.5)


def test_sharpness_needs_edges_in_the_target(photo: Array) -> None:
    with pytest.raises(ImageError, match="one flat colour"):
        sharpness(photo, np.full_like(photo, 0.5))
    with pytest.raises(ImageError, match="one flat colour"):
        sharpness(flat(0.2, 1), flat(0.4, 1))
    with pytest.raises(ImageError, match="one size"):
        sharpness(flat(0.5, 16), flat(0.5, 17))


@settings(max_examples=30)
@given(st.floats(-4, 0))
def test_luminance_error_is_the_stops_that_were_taken(stops: float) -> None:
    light = np.random.default_rng(8).random((6, 7, 3)).astype(np.float32)
    darker = linear_to_srgb(light * np.float32(2.0**stops))
    error = luminance_error(darker, linear_to_srgb(light))
    assert error == pytest.approx(stops, abs=1e-3)
    assert luminance_error(linear_to_srgb(light), darker) == pytest.approx(-error)


def test_luminance_weighs_light_and_not_stored_values() -> None:
    # Half of the light against all of it: stored as 0.735, not as 0.5 (IEC 61966-2-1).
    assert luminance_error(flat(0.735357), flat(1)) == pytest.approx(-1, abs=1e-4)
    green, blue = flat(0), flat(0)
    green[..., 1] = blue[..., 2] = 1
    assert luminance_error(green, blue) == pytest.approx(np.log2(0.7152 / 0.0722))
    half = flat(0)
    half[:8] = 1  # white over black holds half the light of white
    assert luminance_error(half, flat(1)) == pytest.approx(-1)


def test_luminance_error_of_black_is_finite() -> None:
    assert luminance_error(flat(0), flat(0)) == 0
    assert luminance_error(flat(0), flat(1)) == pytest.approx(np.log2(DARKEST))
    with pytest.raises(ImageError, match="two pictures of one size"):
        luminance_error(flat(0.5, 16), flat(0.5, 17))


def lab_by_hand(colour: tuple[float, float, float]) -> NDArray[np.float64]:
    """CIE L*a*b* of a colour, sRGB in [0, 1], from IEC 61966-2-1 and CIE 15 (D65, 2 degrees)."""
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    rows = (0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)
    xyz = np.array(rows) @ light / (0.95047, 1.0, 1.08883)
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else t * (29 / 6) ** 2 / 3 + 4 / 29 for t in xyz)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_chroma_error_by_hand() -> None:
    # Half of the picture is a colour, half is grey: the mean of two distances.
    first, second, grey = (0.8, 0.4, 0.3), (0.5, 0.55, 0.9), (0.5, 0.5, 0.5)
    image, target = np.zeros((4, 8, 3), np.float32), np.zeros((4, 8, 3), np.float32)
    image[:, :4], target[:, :4] = first, second
    image[:, 4:], target[:, 4:] = grey, second
    distances = [np.hypot(*(lab_by_hand(one) - lab_by_hand(second))[1:]) for one in (first, grey)]
    assert chroma_error(image, target) == pytest.approx(np.mean(distances), abs=0.05)
    assert chroma_error(target, target) == 0


def test_chroma_error_leaves_lightness_out(photo: Array) -> None:
    """Blur of the lightness alone is a colour difference, and no error of chroma."""
    assert chroma_error(flat(0.2), flat(0.9)) == pytest.approx(0, abs=0.02)
    lab = rgb2lab(0.25 + 0.5 * photo)  # a narrow range, so that all colours stay in sRGB
    soft = lab.copy()
    soft[..., 0] = gaussian_filter(lab[..., 0], 2)
    image, target = (lab2rgb(one).astype(np.float32) for one in (soft, lab))
    assert delta_e(image, target) > 1
    assert chroma_error(image, target) < 0.1


def test_chroma_error_refuses_two_sizes() -> None:
    with pytest.raises(ImageError, match="two pictures of one size"):
        chroma_error(flat(0.5, 16), flat(0.5, 17))
