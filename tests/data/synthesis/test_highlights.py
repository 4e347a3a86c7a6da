"""Light above white that is invented again: only there, smoothly, and clipped in the target."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.synthesis.highlights import BEGIN, Highlights, draw_highlights
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.images.io import read_image, write_image


@given(st.floats(0, 8), st.floats(*BEGIN))
def test_white_is_raised_by_the_stops_and_dark_tones_stay(stops: float, begin: float) -> None:
    ramp = np.linspace(0, 1, 101, dtype=np.float32)[None, :, None].repeat(3, axis=2)
    raised = Highlights(stops, begin).extend(ramp, ramp)
    dark = ramp <= begin
    assert np.array_equal(raised[dark], ramp[dark])
    assert raised[0, -1] == pytest.approx([2**stops] * 3, rel=1e-5)
    assert np.diff(raised, axis=1).min() > 0


def test_hues_stay() -> None:
    """All channels of a pixel are raised by one factor."""
    colour = np.array([[[0.9, 0.6, 0.3]]], np.float32)
    raised = Highlights(3, 0.5).extend(colour, colour)
    assert raised / raised[..., :1] == pytest.approx(colour / colour[..., :1])


@given(st.text(max_size=8), st.integers(0, 2**31))
def test_drawn_within_its_bounds(scene: str, seed: int) -> None:
    drawn = draw_highlights(5, scene, seed)
    assert 0 <= drawn.stops <= 5
    assert BEGIN[0] <= drawn.begin <= BEGIN[1]
    assert drawn == draw_highlights(5, scene, seed)


def test_a_dark_input_keeps_a_bright_sky_that_the_target_clips(tmp_path: Path) -> None:
    """Rendered 2 stops darker, white turns grey; with light above it, it stays white."""
    photo = np.full((32, 32, 3), 0.4, np.float32)
    photo[:8] = 1.0
    write_image(tmp_path / "in" / "a.png", photo)
    skies = {}
    for highlights in (0.0, 16.0):
        out = tmp_path / f"out{highlights:g}"
        variation = Variation(highlights=highlights)
        synthesize(tmp_path / "in", out, evs=[-2], variation=variation, val=0, curve="camera")
        (pair,) = find_pairs(out, "training")
        real_input, target = (read_image(path) for path in pair[:2])
        skies[highlights] = real_input[:6].mean()
        assert target[:6].mean() > 0.99
        assert abs(target[12:].mean() - 0.4) < 0.02
        assert real_input[12:].mean() < 0.25
    assert skies[0] < 0.85 and skies[16] > 0.95
