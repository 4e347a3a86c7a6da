"""Figures of photos: of a set made by hand, whose figures are known, and of the built-in photos."""

from pathlib import Path

import numpy as np
import pytest

from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.errors import DataError
from exposure_lab.images.array import Array
from exposure_lab.study.measurements import held_out
from exposure_lab.study.measurements.alternatives import measure_alternatives, measure_mean_kernel
from exposure_lab.study.measurements.held_out import held_out_scenes, read_small
from exposure_lab.study.measurements.photos import measure_photos
from exposure_lab.study.samples import Sample


def by_name(samples: list[Sample]) -> dict[str, dict[str, float]]:
    return {one.figure: dict(zip(one.over, one.values, strict=True)) for one in samples}


def half_black() -> Array:
    """Left half black, right half white, (64, 64, 3)."""
    photo = np.zeros((64, 64, 3), np.float32)
    photo[:, 32:] = 1
    return photo


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes: one half black, one of mid greys at two exposures alone."""
    root = tmp_path_factory.mktemp("by-hand")
    write_pairs(half_black(), "halves", root, "validation")
    greys = np.linspace(0.3, 0.6, 64, dtype=np.float32)  # their mean is what auto-exposure aims at
    ramp = np.ascontiguousarray(np.broadcast_to(greys[:, None, None], (64, 64, 3)))
    write_pairs(ramp, "ramp", root, "test", evs=(-1.0, 0.0))
    return root


def test_exposures_and_black_of_photos_by_hand(by_hand: Path) -> None:
    figures = by_name(measure_photos(by_hand))
    assert figures["exposures_as_stated"] == {"halves": 1, "ramp": 2 / 5}
    assert figures["black_minus_the_rest"]["halves"] == pytest.approx(0, abs=0.05)
    assert figures["black_minus_the_rest"]["ramp"] == -1


@pytest.mark.slow
def test_normalising_blurs_nothing_and_resizing_blurs(sample: Path) -> None:
    figures = by_name(measure_photos(sample))
    assert figures.keys() and figures["blur_by_normalising"] == {"china": 0, "flower": 0}
    # The short side of both photos is 427 px: shrinking them to 256 px drops the finest detail.
    assert all(0.05 < blur < 0.8 for blur in figures["blur_by_resizing"].values())


@pytest.mark.slow
def test_jitter_adds_colours(sample: Path) -> None:
    gained = by_name(measure_photos(sample))["colours_gained"]
    assert all(0.05 < gain < 3 for gain in gained.values())


def test_gains_of_photos_by_hand(by_hand: Path, tmp_path: Path) -> None:
    figures = by_name(measure_alternatives(by_hand))
    # One stop too dark, and its own mean is the one that is aimed at: hardly an error is left.
    assert figures["automatic_gain"]["ramp"] > 10
    # The brightest grey is no white, so that scaling it to white makes the photo too bright.
    assert figures["white_point_gain"]["ramp"] < 0
    # Black and white: at -1.5 EV white has become grey, and scaling to white brings it back.
    write_pairs(half_black(), "halves", tmp_path, "validation", evs=(-1.5, 0.0))
    assert by_name(measure_alternatives(tmp_path))["white_point_gain"]["halves"] > 20


def test_a_mean_leaves_a_flat_picture_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure_mean_kernel() == [Sample("change_of_a_flat_grey", (0,))]
    module = "exposure_lab.study.measurements.alternatives.mean_3x3"
    monkeypatch.setattr(module, lambda image: 1.25 * image)
    assert measure_mean_kernel()[0].values[0] == pytest.approx(0.25, abs=1e-4)


def test_a_set_without_wrong_exposures_is_refused(tmp_path: Path) -> None:
    write_pairs(half_black(), "good", tmp_path, "validation", evs=(0.0,))
    with pytest.raises(DataError, match=r"photos at wrong exposures, but .* has none"):
        measure_alternatives(tmp_path)


def test_a_set_without_held_out_photos_is_refused(tmp_path: Path) -> None:
    write_pairs(half_black(), "seen", tmp_path, "training")
    for data in (tmp_path, None):
        with pytest.raises(DataError, match="a data set with validation or test photos, but got"):
            held_out_scenes(data)


def test_many_scenes_are_thinned_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(7):
        write_pairs(half_black(), f"scene{i}", tmp_path, "validation", evs=(1.0, -1.0))
    assert list(held_out_scenes(tmp_path)) == [f"scene{i}" for i in range(7)]
    assert [pair.ev for pair in held_out_scenes(tmp_path)["scene3"]] == [-1.0, 1.0]
    monkeypatch.setattr(held_out, "MOST_SCENES", 3)
    assert list(held_out_scenes(tmp_path)) == ["scene0", "scene2", "scene4"]


def test_small_photos_stay_as_they_are(by_hand: Path) -> None:
    path = next(by_hand.rglob("ramp.jpg"))
    assert read_small(path, 128).shape == (64, 64, 3)
    assert read_small(path, 32).shape == (32, 32, 3)
