"""A grid corrects a photo at its own size and depth, in strips, without bands or a tint."""

import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import linear_profile

from exposure_lab.config import RunConfig
from exposure_lab.images.array import Array, check_image, to_uint8
from exposure_lab.images.icc import from_srgb, to_srgb
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.inference import bilateral_grid, grid_correction
from exposure_lab.inference.bilateral_grid import GridSlicer
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.gpu_grid_correction import GpuGridCorrection
from exposure_lab.inference.grid_correction import (
    GridCorrection,
    dither_pattern,
    dither_places,
)
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.networks.bilateral_grid import BilateralGridNet

SIZES = [(1, 1), (1, 40), (33, 1), (17, 23), (64, 48)]


def corrector(tiny: RunConfig, spread: float, seed: int = 0) -> Corrector:
    """With a network as if it had been trained to something; at 0 it is a new one."""
    torch.manual_seed(seed)
    network = BilateralGridNet(tiny.data.image_size, width=4)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += spread * torch.randn_like(parameter)
    return Corrector(TorchNetwork(network, torch.device("cpu")), tiny.data)


@pytest.fixture
def untrained(tiny: RunConfig) -> Corrector:
    return corrector(tiny, 0)


@pytest.fixture
def trained(tiny: RunConfig) -> Corrector:
    return corrector(tiny, 0.3)


@pytest.fixture
def brightening(tiny: RunConfig) -> Corrector:
    """A network that makes dark tones several times as bright, in all channels and everywhere."""
    network = BilateralGridNet(tiny.data.image_size, width=4)
    slopes = network.cells.bias.data.view(3, -1)[:, 3 * network.bins :]
    slopes += torch.linspace(2, -2, network.bins - 1)
    return Corrector(TorchNetwork(network, torch.device("cpu")), tiny.data)


def integers(kind: type, *shape: int) -> np.ndarray:
    """Every value about as often, the two ends among them."""
    drawn = np.random.default_rng(0).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    drawn.flat[: min(2, drawn.size)] = [0, np.iinfo(kind).max][: drawn.size]
    drawn.flags.writeable = False  # as a decoder may give them
    return drawn


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("profile", [None, "linear"])
def test_what_is_not_changed_comes_back_to_the_bit(
    untrained: Corrector, kind: type, channels: int, profile: str | None
) -> None:
    icc = linear_profile() if profile and channels == 3 else None
    for size in SIZES:
        photo = PhotoFile(integers(kind, *size, channels), profile=icc)
        corrected = untrained.correct_photo(photo)
        assert corrected.pixels.dtype == kind
        assert np.array_equal(corrected.pixels, photo.pixels)


def test_an_untrained_network_leaves_an_image_alone(untrained: Corrector, photo: Array) -> None:
    assert np.array_equal(untrained(photo), photo)


@given(st.integers(0, 2**31 - 1), st.sampled_from(SIZES), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
@settings(deadline=None, max_examples=25)
def test_a_picture_of_one_tone_is_corrected_to_one_tone(
    tiny: RunConfig, seed: int, size: tuple[int, int], tone: float
) -> None:
    correct = corrector(tiny, 0.5, seed)
    flat = correct(np.full((*size, 3), tone, np.float32))
    check_image(flat)
    assert np.ptp(flat, axis=(0, 1)).max() < 1e-5
    if tone in (0, 1):
        assert abs(flat[0, 0, 0] - tone) <= 0.25 and np.ptp(flat, axis=2).max() == 0


@pytest.mark.parametrize("pixels_per_strip", [1, 100, 10**9])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_strips_are_not_seen(
    trained: Corrector, monkeypatch: pytest.MonkeyPatch, pixels_per_strip: int, kind: type
) -> None:
    pixels = integers(np.uint8, 61, 37, 3)
    if kind is np.float32:
        pixels = pixels.astype(np.float32) / 255
    correction = trained._correction(trained._small_copy(pixels))
    assert isinstance(correction, GridCorrection)
    whole = correction.apply(pixels)
    monkeypatch.setattr(grid_correction, "PIXELS_PER_STRIP", pixels_per_strip)
    assert np.allclose(correction.apply(pixels), whole, atol=1e-6 if kind is np.float32 else 1)
    assert whole.dtype == kind and not np.array_equal(whole, pixels)


def test_spans_of_a_row_are_not_seen(trained: Corrector, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).random((9, 80, 3), np.float32)
    correction = trained._correction(trained._small_copy(pixels))
    assert isinstance(correction, GridCorrection)
    whole = correction.apply(pixels)
    monkeypatch.setattr(bilateral_grid, "WIDEST_SPAN", 3)
    assert np.allclose(correction.apply(pixels), whole, atol=1e-6)


def test_is_the_network_at_full_size(trained: Corrector, noise: Array) -> None:
    """At the size of the small copy there is nothing to add: what the generator itself answers."""
    square = noise[:24, :24]  # the short side that the tiny run shrinks to is 16
    seen = trained._small_copy(square)
    assert np.allclose(trained(seen), trained.run(seen), atol=1e-6)


def test_deep_photo_and_image_agree(trained: Corrector, photo: Array) -> None:
    deep = np.round(photo * 65535).astype(np.uint16)
    corrected = trained.correct_photo(PhotoFile(deep)).pixels / np.float32(65535)
    assert np.abs(corrected - trained(photo)).max() < 2e-4
    assert np.abs(corrected - photo).mean() > 0.01


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_strength_is_the_share_of_the_correction(
    trained: Corrector, photo: Array, strength: float
) -> None:
    deep = np.round(photo * 65535).astype(np.uint16)
    mixed = trained.correct_photo(PhotoFile(deep), strength).pixels / np.float32(65535)
    expected = np.clip(photo + np.float32(strength) * (trained(photo) - photo), 0, 1)
    assert np.abs(mixed - expected).max() < 2e-4
    if strength == 0:
        assert np.array_equal(np.round(mixed * 65535), deep)


@given(st.integers(0, 2**31 - 1), st.sampled_from([1.2, 1.5, 2.0]))
@settings(deadline=None, max_examples=25)
def test_tones_keep_their_order_beyond_full_strength(
    tiny: RunConfig, seed: int, strength: float
) -> None:
    """Every grey ramp, down any column of the picture, rises in each channel as far as it can."""
    strong = corrector(tiny, 0.5, seed)
    ramp = np.linspace(0, 1, 256, dtype=np.float32)
    pixels = np.broadcast_to(ramp[None, :, None], (9, 256, 3))
    once = strong._correction(strong._small_copy(pixels), None, 1.0)
    assert isinstance(once, GridCorrection)
    places = np.full(1, 0.3)
    columns = np.broadcast_to(ramp, (3, 1, 256)).copy()
    for strength_here, least in ((1.0, 0.0), (strength, 0.0)):
        grid = once.grid if strength_here == 1 else once.grid.beyond_full(strength_here)
        slicer = GridSlicer(grid._replace(cells=grid.cells[..., :1, :1]), 256)
        tones = columns + slicer.change(columns, places)
        assert np.diff(tones).min() >= least - 1e-6


def test_beyond_full_strength_goes_further_than_full(brightening: Corrector, photo: Array) -> None:
    file = PhotoFile(to_uint8(photo))
    once, twice = (brightening.correct_photo(file, strength).pixels for strength in (1, 2))
    assert twice.mean() > once.mean() + 5


def test_a_gpu_corrects_as_the_processor_does(trained: Corrector, photo: Array) -> None:
    """Its arithmetic, on the processor: what it may differ by is the rounding of a whole number."""
    for kind in (np.uint8, np.uint16, np.float32):
        whole = 1 if kind is np.float32 else np.iinfo(kind).max
        pixels = (photo * whole).astype(kind)
        for strength in (0.5, 1.0, 1.5):
            own = trained._correction(trained._small_copy(pixels), None, strength)
            assert isinstance(own, GridCorrection)
            gpu = GpuGridCorrection(*vars(own).values(), device=torch.device("cpu"))
            difference = own.apply(pixels).astype(float) - gpu.apply(pixels)
            assert np.abs(difference).max() <= (1e-5 if kind is np.float32 else 1)


def test_a_brightened_ramp_of_8_bits_has_no_empty_bins(brightening: Corrector) -> None:
    """Without a dither the tones would lie several steps apart: bands in a smooth sky."""
    ramp = np.linspace(1, 60, 200, dtype=np.float32).round().astype(np.uint8)
    pixels = np.broadcast_to(ramp[:, None, None], (200, 300, 3)).copy()
    dithered = brightening.correct_photo(PhotoFile(pixels)).pixels
    plain = to_uint8(brightening(pixels.astype(np.float32) / 255))
    bins = range(int(dithered.min()), int(dithered.max()) + 1)
    assert len(bins) > 150  # up to three times as bright
    assert set(np.unique(dithered)) == set(bins)
    assert len(np.unique(plain)) <= 60


def test_dither_adds_no_colour_and_leaves_clipped_areas_flat(brightening: Corrector) -> None:
    pixels = np.full((90, 120, 3), 40, np.uint8)
    pixels[:30], pixels[60:] = 0, 255
    corrected = brightening.correct_photo(PhotoFile(pixels)).pixels
    assert np.array_equal(corrected[..., 0], corrected[..., 1])
    assert np.array_equal(corrected[..., 0], corrected[..., 2])
    assert np.unique(corrected[:30]).tolist() == [0]
    assert np.unique(corrected[60:]).tolist() == [255]
    assert len(np.unique(corrected[30:60])) > 1


def test_dither_is_even_and_the_same_again() -> None:
    noise = dither_pattern(*dither_places(200, 300, 0), np.floor)
    assert np.abs(noise).max() < 0.5
    assert abs(noise.mean()) < 0.005
    counts, _ = np.histogram(noise, 20)
    assert counts.max() < 1.2 * counts.min()
    later = dither_pattern(*dither_places(50, 300, 150), np.floor)
    assert np.array_equal(later, noise[150:])


def test_grey_photo_stays_grey(brightening: Corrector) -> None:
    photo = PhotoFile(integers(np.uint8, 40, 30, 1))
    corrected = brightening.correct_photo(photo).pixels
    assert corrected.shape == photo.pixels.shape
    assert corrected.mean() > photo.pixels.mean() + 10


WIDE = {  # primaries of sRGB, as `linear_profile` has them: Adobe RGB (1998), adapted to D50
    (0.43607, 0.22249, 0.01392): (0.60974, 0.31111, 0.01947),
    (0.38515, 0.71687, 0.09708): (0.20528, 0.62567, 0.06087),
    (0.14307, 0.06061, 0.71410): (0.14919, 0.06322, 0.74457),
}


def wide_profile() -> bytes:
    """An ICC profile whose colours exceed sRGB."""

    def numbers(values: tuple[float, ...]) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    profile = linear_profile()
    for narrow, wide in WIDE.items():
        assert numbers(narrow) in profile
        profile = profile.replace(numbers(narrow), numbers(wide))
    return profile


def test_colours_beyond_srgb_stay_beyond_it(brightening: Corrector) -> None:
    """A green that sRGB cannot show is corrected as the nearest that it can, and keeps the rest."""
    profile = wide_profile()
    green = np.zeros((32, 32, 3), np.float32)
    green[..., 1] = 0.3
    nearest = from_srgb(to_srgb(green, profile), profile, 3)
    excess = green - nearest
    assert excess.min() < -0.05
    corrected, of_nearest = (
        brightening.correct_photo(
            PhotoFile(np.round(one * 65535).astype(np.uint16), profile=profile)
        )
        for one in (green, nearest)
    )
    kept = corrected.pixels / np.float32(65535) - of_nearest.pixels / np.float32(65535)
    assert np.abs(kept - excess).max() < 1e-3


def test_a_photo_with_a_profile_is_corrected_in_its_own_colours(
    brightening: Corrector, photo: Array
) -> None:
    """The same light in linear values comes out as the same light."""
    linear = np.round(srgb_to_linear(photo) * 65535).astype(np.uint16)
    file = PhotoFile(linear, profile=linear_profile())
    corrected = brightening.correct_photo(file).pixels / np.float32(65535)
    assert np.abs(linear_to_srgb(corrected) - brightening(photo)).max() < 0.02
