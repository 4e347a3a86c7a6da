"""What `grid-s` does to photos it has never seen: nearer, without artefacts, and good ones stay."""

import numpy as np
import pytest

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.camera import draw_camera_response, render_uint8
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference.bilateral_grid import GridSlicer
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.grid_correction import GridCorrection
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import psnr

EVS = (-2.5, -1.5, -0.75, 0.75, 1.5, 2.5)
TYPICAL = ("astronaut", "chelsea", "coffee", "china")
"""The built-in photos that are about as bright as most; the other two are dark on purpose."""

EDGE = 12 / 255
"""Difference of two neighbouring greys that counts as an edge."""


@pytest.fixture(scope="module")
def corrector() -> Corrector:
    return Corrector.load("grid-s")


@pytest.fixture(scope="module")
def cases(corrector: Corrector) -> list[tuple[Array, Array, Array]]:
    """(input, corrected, photo) at wrong exposures, as 8-bit files."""
    made = []
    for name in TYPICAL:
        photo = to_uint8(sample_photo(name))
        response = draw_camera_response("camera", name, seed=3)
        for ev in EVS:
            seen = render_uint8(photo, ev, response)
            corrected = corrector.correct_photo(PhotoFile(seen)).pixels
            made.append((from_uint8(seen), from_uint8(corrected), from_uint8(photo)))
    return made


def correction_of(corrector: Corrector, image: Array) -> GridCorrection | None:
    correction = corrector._correction(corrector._small_copy(image))
    assert correction is None or isinstance(correction, GridCorrection)
    return correction


@pytest.mark.slow
def test_wrong_exposures_come_nearer(cases: list[tuple[Array, Array, Array]]) -> None:
    gains = [psnr(after, photo) - psnr(before, photo) for before, after, photo in cases]
    assert np.mean(gains) > 6


@pytest.mark.slow
def test_no_grey_ramp_is_turned_round(
    corrector: Corrector, cases: list[tuple[Array, Array, Array]]
) -> None:
    """In every cell of the grid, red, green and blue of a ramp of greys rise, or stay."""
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None, None].repeat(3, axis=0)
    for before, _, _ in cases:
        correction = correction_of(corrector, before)
        if correction is None:
            continue
        _, _, down, across = correction.grid.cells.shape
        for y in range(down):
            for x in range(across):
                cell = correction.grid.cells[:, :, y : y + 1, x : x + 1]
                slicer = GridSlicer(correction.grid._replace(cells=cell), 256)
                tones = ramp + slicer.change(ramp, np.array([0.5]))
                assert np.diff(tones).min() >= -1e-6


@pytest.mark.slow
def test_edges_keep_their_direction(cases: list[tuple[Array, Array, Array]]) -> None:
    """At most one in a thousand edges of the input is turned round."""
    for before, after, _ in cases:
        flips = edges = 0
        for axis in (0, 1):
            was, now = (np.diff(picture.mean(axis=2), axis=axis) for picture in (before, after))
            strong = np.abs(was) > EDGE
            edges += strong.sum()
            flips += (strong & (was * now < 0)).sum()
        assert flips <= 0.001 * edges


@pytest.mark.slow
def test_no_grid_is_printed(cases: list[tuple[Array, Array, Array]]) -> None:
    """Beside the target, or the input where clipping has printed into that."""
    ratios = []
    for before, after, photo in cases:
        there = max(checkerboard_energy(before), checkerboard_energy(photo))
        ratios.append(checkerboard_energy(after) / there)
    assert np.median(ratios) <= 1.02


@pytest.mark.slow
def test_clipped_areas_get_no_colour(cases: list[tuple[Array, Array, Array]]) -> None:
    for before, after, _ in cases:
        white = before.min(axis=2) == 1
        if white.any():
            assert np.ptp(after[white], axis=1).max() <= 1.5 / 255
            assert np.ptp(after[white].mean(axis=1)) <= 1.5 / 255  # one tone: no clouds


@pytest.mark.parametrize("ev", [-2, -1.5, 1, 2])
def test_a_smooth_sky_has_no_bands(corrector: Corrector, ev: float) -> None:
    """Every tone between the darkest and the brightest comes out, but next to black and white."""
    ramp = np.linspace(10, 245, 900).round().astype(np.uint8)
    sky = np.broadcast_to(ramp[:, None, None], (900, 1200, 3))
    seen = render_uint8(sky, ev, draw_camera_response("camera", "sky", seed=3))
    corrected = corrector.correct_photo(PhotoFile(seen)).pixels
    assert not np.array_equal(corrected, seen)  # a photo that needs nothing keeps its own bands
    values = np.unique(corrected[..., 1])
    inside = values[(values > 2) & (values < 253)]
    assert np.diff(inside).max() == 1


@pytest.mark.parametrize("tone", [25, 60, 128, 200, 240])
def test_no_rim_at_the_border(corrector: Corrector, tone: int) -> None:
    flat = corrector.correct_photo(PhotoFile(np.full((300, 450, 3), tone, np.uint8))).pixels
    inner = flat[6:-6, 9:-9].astype(float)
    rim = np.concatenate([flat[:6].reshape(-1), flat[-6:].reshape(-1)]).astype(float)
    assert abs(rim.mean() - inner.mean()) <= 1


def test_a_good_photo_stays_nearly_as_it_is(corrector: Corrector) -> None:
    kept = [
        psnr(from_uint8(corrector.correct_photo(PhotoFile(photo)).pixels), from_uint8(photo))
        for photo in (to_uint8(sample_photo(name)) for name in TYPICAL)
    ]
    assert np.mean(kept) >= 30


def test_both_files_are_one_network() -> None:
    dark = sample_photo("coffee") / 4
    by_torch, by_onnx = (Corrector.load("grid-s", name)(dark) for name in ("torch", "onnxruntime"))
    assert np.abs(by_torch - by_onnx).max() < 1e-4
    assert np.abs(by_torch - dark).mean() > 0.1
