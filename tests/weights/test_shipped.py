"""What ships: small enough, made by its recipe, described by its card, and better than nothing."""

import numpy as np
import pytest

from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.camera import draw_camera_response, render
from exposure_lab.data.synthesis.exposure import EVS
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.resize import resize, small_copy
from exposure_lab.inference.corrector import Corrector
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import psnr
from exposure_lab.training.release_weights import card
from exposure_lab.weights import shipped

NAMES = shipped.weight_names()
WRONG = [ev for ev in EVS if ev]


@pytest.fixture(scope="module")
def corrector() -> Corrector:
    """The network that draws pictures; `test_grid_s.py` is about the other one."""
    return Corrector.load("unet-16")


@pytest.fixture(scope="module")
def renderings() -> list[tuple[float, Array, Array]]:
    """(EV, input, photo) of the six built-in photos, none of which the network has seen."""
    return [
        (
            ev,
            from_uint8(to_uint8(render(photo, ev, draw_camera_response("random", name, seed=1)))),
            photo,
        )
        for name in SAMPLE_SPLITS
        for photo in [sample_photo(name)]
        for ev in EVS
    ]


@pytest.mark.parametrize("name", NAMES)
def test_file_is_small_and_made_by_its_recipe(name: str) -> None:
    path, recipe = shipped.weights_path(name), shipped.load_recipe(name)
    assert path.stat().st_size <= 7_000_000
    generator, config = shipped.load_weights(path)
    assert config == recipe.config
    assert not generator.training
    report = shipped.read_report(path)
    assert report["training"]["provenance"]["profile"] == name
    assert report["training"]["provenance"]["seed"] == config.seed
    assert report["scores"]["models"][0]["model"] == name


@pytest.mark.parametrize("name", NAMES)
def test_card_says_what_the_file_says(name: str) -> None:
    """It is written by the program alone."""
    path = shipped.weights_path(name)
    written = path.with_suffix(".md").read_text(encoding="utf-8")
    expected = card(shipped.load_recipe(name), shipped.read_report(path), path.stat().st_size)
    assert written == expected
    assert "Research use only" in written


@pytest.mark.parametrize("scenes", [1, 2, 100])
def test_card_calls_few_scenes_by_their_number(scenes: int) -> None:
    report = shipped.read_report(shipped.weights_path("unet-16"))
    del report["other_scores"]  # of sets that have many scenes
    for model in report["scores"]["models"]:
        model["mean_wrong"]["scenes"] = scenes
    text = card(shipped.load_recipe("unet-16"), report, 1)
    said = {
        1: "All are of a single scene.",
        2: "In brackets stands the range of 2 scenes, which leaves out",
        100: "In brackets stands the 95 % interval over 100 scenes, which leaves out",
    }
    assert said[scenes] in text
    assert ("95 %" in text) == (scenes == 100)
    assert ("22.62 to 24.69" in text) == (scenes > 1)


@pytest.mark.slow
def test_wrong_exposures_come_nearer(
    corrector: Corrector, renderings: list[tuple[float, Array, Array]]
) -> None:
    gains = {ev: [] for ev in EVS}
    for ev, real_input, photo in renderings:
        gains[ev].append(psnr(corrector(real_input), photo) - psnr(real_input, photo))
    assert np.mean([gain for ev in WRONG for gain in gains[ev]]) > 2
    for ev in (-1.5, 1.5):
        assert np.mean(gains[ev]) > 3, ev


@pytest.mark.slow
def test_carrying_is_better_than_enlarging_at_every_exposure(
    corrector: Corrector, renderings: list[tuple[float, Array, Array]]
) -> None:
    gains = {ev: [] for ev in EVS}
    for ev, real_input, photo in renderings:
        output = corrector.run(small_copy(real_input, 256, 256))
        enlarged = resize(output, *photo.shape[:2])
        gains[ev].append(psnr(corrector(real_input), photo) - psnr(enlarged, photo))
    assert all(np.mean(gain) > 0 for gain in gains.values())


@pytest.mark.slow
def test_no_grid_is_printed(
    corrector: Corrector, renderings: list[tuple[float, Array, Array]]
) -> None:
    ratios = [
        checkerboard_energy(from_uint8(to_uint8(corrector(real_input))))
        / checkerboard_energy(photo)
        for _, real_input, photo in renderings
    ]
    assert np.mean(ratios) <= 1.05
