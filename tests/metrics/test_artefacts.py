"""Each measure of an artefact against a picture whose artefact is known by construction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.metrics.artefacts import (
    ROUNDING,
    MirrorMix,
    by_frequency,
    checkerboard_energy,
    error_by_depth,
    mirror_mix,
    power_spectrum,
)


def grey(values: np.ndarray) -> Array:
    """(H, W) as three equal channels."""
    return np.repeat(values[..., None], 3, axis=2).astype(np.float32)


def noise(shape: tuple[int, ...], deviation: float, seed: int = 0) -> np.ndarray:
    """White noise around a mid grey; inside [0, 1] for deviations up to a tenth."""
    return 0.5 + deviation * np.random.default_rng(seed).uniform(-np.sqrt(3), np.sqrt(3), shape)


def board(height: int, width: int, period: int = 2) -> np.ndarray:
    """+1 and -1 in fields of half a period."""
    y, x = np.indices((height, width))
    return (-1.0) ** (y // (period // 2) + x // (period // 2))


def test_white_noise_has_its_variance_at_every_frequency() -> None:
    pictures = [noise((48, 64, 3), 0.05, seed) for seed in range(40)]
    power = np.mean([power_spectrum(picture.astype(np.float32)) for picture in pictures], axis=0)
    assert power.shape == (48, 64)
    inside = power[4:-4, 4:-4]  # the mean that is taken out lowers what is near zero frequency
    assert inside.mean() == pytest.approx(0.05**2, rel=0.02)
    assert inside.std() / inside.mean() < 3 / np.sqrt(40 * 3)  # chi-squared, averaged


def test_a_wave_is_found_where_its_frequency_says() -> None:
    x = np.arange(64)
    wave = np.broadcast_to(0.5 + 0.3 * np.cos(2 * np.pi * 16 * x / 64), (32, 64))
    power = power_spectrum(grey(wave))
    assert np.unravel_index(power.argmax(), power.shape) in [(0, 16), (0, 48)]
    # Hann's transform has three bins, the outer ones half as high: a quarter of the power.
    assert power[0, 15] / power[0, 16] == pytest.approx(0.25, abs=1e-3)
    assert power[0, 20] / power[0, 16] < 1e-10


def test_a_slope_across_the_picture_draws_no_cross() -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 64), (64, 64))
    power = power_spectrum(grey(ramp))
    unfaded = np.abs(np.fft.fft2(ramp - ramp.mean())) ** 2 / ramp.size
    assert power[0, 32] < 1e-4 * unfaded[0, 32]


def test_by_frequency_of_what_depends_on_frequency_alone() -> None:
    distance = np.hypot(np.fft.fftfreq(32)[:, None], np.fft.fftfreq(48)[None])
    frequencies, power = by_frequency(distance)
    assert frequencies.tolist() == [i / 32 for i in range(1, 17)]
    assert np.allclose(power, frequencies, atol=0.5 / 32)  # rings are as wide as one bin


def test_noise_has_no_grid() -> None:
    energies = [
        checkerboard_energy(noise((64, 64, 3), 0.05, s).astype(np.float32)) for s in range(9)
    ]
    assert np.mean(energies) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("amplitude", [0.01, 0.05])
def test_energy_of_a_board_by_hand(amplitude: float) -> None:
    """One of three peaks; its 3x3 bins hold (1 + 2/4)^2 / 9 of the power in the middle one.

    The middle bin holds ``amplitude^2 sum(w)^2 / sum(w^2)``; for Hann windows of N x N px this is
    ``amplitude^2 N^2 4/9``.
    """
    size, deviation = 64, 0.02
    picture = noise((size, size), deviation) + amplitude * board(size, size)
    peak = amplitude**2 * size**2 * 4 / 9 * 2.25 / 9
    expected = 1 + peak / 3 / (deviation**2 + ROUNDING)
    assert checkerboard_energy(grey(picture)) == pytest.approx(expected, rel=0.25)


def test_a_grid_is_found_at_its_own_period_alone() -> None:
    # Two by two pixels of one value, then the next: period 4, and nothing that is finer or coarser.
    coarse = noise((64, 64), 0.02) + 0.05 * np.cos(np.pi / 2 * np.arange(64))
    energies = [checkerboard_energy(grey(coarse), period) for period in (2, 4, 8)]
    assert energies[1] > 5
    assert max(energies[0], energies[2]) < 1.6


def test_what_is_far_below_rounding_counts_as_flat() -> None:
    flat = np.full((32, 32), 0.4)
    assert checkerboard_energy(grey(flat)) == pytest.approx(1)
    assert checkerboard_energy(grey(flat + 1e-5 * board(32, 32))) == pytest.approx(1, abs=0.02)


def test_coloured_boards_do_not_cancel() -> None:
    base = noise((64, 64, 3), 0.02)
    opposed = base + 0.05 * board(64, 64)[..., None] * np.array([1, -1, 0])
    assert checkerboard_energy(opposed.astype(np.float32)) > 20


def test_what_exceeds_a_multiple_of_the_period_is_cut_off() -> None:
    picture = grey(noise((70, 67), 0.02) + 0.05 * board(70, 67))
    assert checkerboard_energy(picture, 4) == checkerboard_energy(picture[:68, :64], 4)


@pytest.mark.parametrize(
    ("shape", "period", "message"),
    [
        ((64, 64), 3, "Expected a period of 2, 4, 8"),
        ((64, 64), 0, "Expected a period of 2, 4, 8"),
        ((64, 11), 2, "at least 12 px"),
        ((40, 64), 8, "at least 48 px"),
    ],
)
def test_energy_refuses_what_it_cannot_measure(
    shape: tuple[int, int], period: int, message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        checkerboard_energy(grey(np.full(shape, 0.5)), period)


def test_spectrum_refuses_a_line() -> None:
    with pytest.raises(ImageError, match="at least 2 px"):
        power_spectrum(grey(np.full((1, 8), 0.5)))


@settings(max_examples=30)
@given(st.floats(0, 0.6), st.floats(-0.3, 0.3), st.floats(0.3, 0.4))
def test_mix_is_found_as_it_was_made(own: float, ghost: float, rest: float) -> None:
    target = np.random.default_rng(1).random((8, 10, 3)).astype(np.float32)
    output = np.clip(own * target + ghost * target[:, ::-1] + rest, 0, 1)
    if own + abs(ghost) + rest <= 1 and rest >= -ghost:  # nothing was clipped
        mix = mirror_mix(output.astype(np.float32), target)
        assert mix == pytest.approx((own, ghost), abs=1e-4)


def test_mix_of_plain_cases(photo: Array) -> None:
    assert mirror_mix(photo, photo) == pytest.approx((1, 0), abs=1e-5)
    assert mirror_mix(np.fliplr(photo), photo) == pytest.approx((0, 1), abs=1e-5)
    assert mirror_mix(np.full_like(photo, 0.3), photo) == pytest.approx((0, 0), abs=1e-5)
    symmetric = (photo + np.fliplr(photo)) / 2
    assert mirror_mix(symmetric, symmetric) == pytest.approx((0.5, 0.5), abs=1e-5)
    assert isinstance(mirror_mix(photo, photo), MirrorMix)


def test_error_by_depth_by_hand() -> None:
    target = np.full((4, 5, 3), 0.2, np.float32)
    image = target.copy()
    image[0, 0] += 0.7  # a corner: one of the fourteen outermost pixels
    image[1, 2] += 0.3  # one of the six inside
    assert error_by_depth(image, target) == pytest.approx([0.7 / 14, 0.3 / 6])


def test_error_by_depth_adds_up_to_the_mean_error(photo: Array) -> None:
    other = np.clip(photo + 0.1, 0, 1)
    height, width = photo.shape[:2]
    depths = error_by_depth(other, photo)
    frames = [2 * (height - 2 * d + width - 2 * d) - 4 for d in range(len(depths))]
    frames[-1] = height * width - sum(frames[:-1])
    expected = np.abs(other.astype(np.float64) - photo).mean()
    assert np.average(depths, weights=frames) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [mirror_mix, error_by_depth])
def test_two_sizes_are_refused(measure) -> None:
    with pytest.raises(ImageError, match="two pictures of one size"):
        measure(np.zeros((4, 4, 3), np.float32), np.zeros((4, 5, 3), np.float32))
    with pytest.raises(ImageError, match="clip or rescale"):
        measure(np.full((4, 4, 3), 2, np.float32), np.zeros((4, 4, 3), np.float32))
