"""One call goes from data to weights and a card that says what they are and how good."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_run import TINY

from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import find_pairs
from exposure_lab.errors import ConfigError, FilesError, RunError
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image
from exposure_lab.inference.corrector import Corrector
from exposure_lab.profiles.load import Departure, load_profile
from exposure_lab.training import conditions, release_weights
from exposure_lab.training.failures import GAP, HEIGHT, SHOWN
from exposure_lab.training.release_weights import ScoredSet
from exposure_lab.weights import shipped
from exposure_lab.weights.shipped import Recipe

CARD = {"network": "A small U-Net.", "data": "Six photos.", "licence": "Free.", "limits": "Many."}


@pytest.fixture(autouse=True)
def tiny_recipe(tiny: RunConfig) -> Iterator[Recipe]:
    """A recipe of twelve steps."""
    recipe = Recipe("tiny", tiny, [Departure("seed", 2022, 7, "any number")], CARD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_weights, "load_recipe", lambda name: recipe)
        yield recipe


@pytest.mark.slow
def test_from_data_to_card(small_set: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    built = release_weights.build_weights(
        "tiny", small_set, tmp_path, on_pairs=lambda *pair: seen.append(pair)
    )
    assert built[:2] == (tmp_path / "tiny.safetensors", tmp_path / "tiny.md")
    assert not built.exported.exists()
    assert seen[-1] == (10, 10)
    card = built.card.read_text()
    assert "A small U-Net. 0.1 MB, in half precision." in card
    for part in ("Six photos.", "Free.", "Many.", "| `seed` | 2022 | 7 | any number |"):
        assert part in card
    report = shipped.read_report(built.weights)
    assert [model["model"] for model in report["scores"]["models"]] == [
        "tiny",
        *release_weights.CARD_BASELINES,
    ]
    # The scores are of the file that ships, as anybody can score it again.
    again = evaluate({"tiny": Corrector.load(built.weights)}, find_pairs(small_set, "validation"))
    psnr = again.models[0].mean_wrong.psnr
    assert report["scores"]["models"][0]["mean_wrong"]["psnr"] == pytest.approx(psnr)
    assert f"| tiny | {again.models[0].by_ev[-1.5].psnr:.1f} |" in card
    assert f" {psnr:.2f} (" in card
    failures = report["failures"]
    assert [one["psnr"] for one in failures] == sorted(one["psnr"] for one in failures)
    assert len({one["photo"] for one in failures}) == len(failures) == SHOWN
    assert f"| {failures[0]['photo']} | " in card and f"| {failures[0]['psnr']:.1f} dB |" in card
    assert "](tiny.jpg)" in card
    shown = read_image(built.failures)
    assert shown.shape[0] == SHOWN * (HEIGHT + GAP) - GAP
    provenance = report["training"]["provenance"]
    assert provenance["commit"] in card
    assert provenance["data"] in card


@pytest.mark.slow
def test_a_card_of_several_sets(small_set: Path, sample: Path, tmp_path: Path) -> None:
    sets = [
        ScoredSet("the small ones", small_set, "validation"),
        ScoredSet("the large ones", sample, "validation"),
    ]
    built = release_weights.build_weights("tiny", small_set, tmp_path, scored=sets)
    card = built.card.read_text()
    assert "over 10 pictures that it did not learn from (the small ones), by protocol `lab`" in card
    assert "### the large ones\n\nPSNR in dB over 10 pictures, none of which it learned" in card
    report = shipped.read_report(built.weights)
    assert [one["set"] for one in report["other_scores"]] == ["the large ones"]
    assert report["scores"]["data"] != report["other_scores"][0]["data"]


@pytest.mark.slow
def test_a_network_that_predicts_a_correction_is_exported(
    small_set: Path,
    tmp_path: Path,
    tiny_recipe: Recipe,
    monkeypatch: pytest.MonkeyPatch,
    photo: Array,
) -> None:
    changes = [*TINY, "generator.kind=bilateral-grid"]
    config = load_profile("smoke", [change for change in changes if "generator.w" not in change])
    recipe = tiny_recipe._replace(config=config, rendering={"noise": 0.2, "variation": {"a": 1}})
    monkeypatch.setattr(release_weights, "load_recipe", lambda name: recipe)
    built = release_weights.build_weights("tiny", small_set, tmp_path)
    own, exported = Corrector.load(built.weights), Corrector.load(built.exported)
    assert np.abs(own(photo) - exported(photo)).max() < 1e-4
    card = built.card.read_text()
    assert "How the photos were rendered" in card
    assert "| `noise` | 0.2 |\n| `a` | 1 |" in card


@pytest.mark.slow
def test_run_that_is_there_is_not_trained_again(
    small_set: Path, tmp_path: Path, tiny_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = release_weights.build_weights("tiny", small_set, tmp_path)
    card = first.card.read_text()
    monkeypatch.setattr(
        release_weights, "train", lambda *args, **options: pytest.fail("trained again")
    )
    again = release_weights.build_weights("tiny", small_set, tmp_path)
    assert again.card.read_text() == card  # scores, seconds and commit of the one run
    other = tiny_recipe.config.model_copy(update={"seed": 8})
    monkeypatch.setattr(
        release_weights, "load_recipe", lambda name: tiny_recipe._replace(config=other)
    )
    with pytest.raises(RunError, match=r"Expected a run of the recipe smoke in .*tiny\.run"):
        release_weights.build_weights("tiny", small_set, tmp_path)


@pytest.mark.slow
def test_interrupted_build_goes_on(small_set: Path, tmp_path: Path, tiny_recipe: Recipe) -> None:
    with pytest.raises(RunError, match="Stopped at step 5"):
        release_weights.train(
            tiny_recipe.config, small_set, tmp_path / "tiny.run", stop_after=5, quiet=True
        )
    cut = release_weights.build_weights("tiny", small_set, tmp_path)
    whole = release_weights.build_weights("tiny", small_set, tmp_path / "whole")
    a, b = (shipped.load_weights(files.weights)[0].state_dict() for files in (cut, whole))
    assert all((a[key] == b[key]).all() for key in a)


@pytest.mark.slow
def test_a_run_on_other_data_is_no_run_of_these(small_set: Path, tmp_path: Path) -> None:
    release_weights.build_weights("tiny", small_set, tmp_path)
    card = (tmp_path / "tiny.md").read_text()
    other = Path(shutil.copytree(small_set, tmp_path / "other"))
    next(other.glob("validation/INPUT_IMAGES/*P1.JPG")).unlink()
    with pytest.raises(RunError, match=r"other in .*tiny\.run, but it was trained on other data"):
        release_weights.build_weights("tiny", other, tmp_path)
    assert (tmp_path / "tiny.md").read_text() == card


@pytest.mark.slow
def test_a_card_tells_of_each_stretch(
    small_set: Path, tmp_path: Path, tiny_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RunError, match="Stopped at step 5"):
        release_weights.train(
            tiny_recipe.config, small_set, tmp_path / "tiny.run", stop_after=5, quiet=True
        )
    monkeypatch.setattr(conditions, "device_name", lambda device: "NVIDIA T4")
    with pytest.warns(UserWarning, match="device cpu then, NVIDIA T4 now"):
        built = release_weights.build_weights("tiny", small_set, tmp_path)
    stretches = shipped.read_report(built.weights)["training"]["stretches"]
    assert [stretch["from_step"] for stretch in stretches] == [0, 5]
    card = built.card.read_text()
    for step, device in ((0, "cpu"), (5, "NVIDIA T4")):
        assert f"| from step {step} | {device}, fp32 (" in card


@pytest.mark.slow
def test_a_card_of_one_stretch_is_as_it_was(small_set: Path, tmp_path: Path) -> None:
    built = release_weights.build_weights("tiny", small_set, tmp_path)
    assert "stretches" not in shipped.read_report(built.weights)["training"]
    assert "from step" not in built.card.read_text()


@pytest.mark.slow
def test_data_that_change_before_they_are_scored(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(shutil.copytree(small_set, tmp_path / "data"))
    victim = next(data.glob("validation/INPUT_IMAGES/*P1.JPG"))
    content, train = victim.read_bytes(), release_weights.train

    def changing(*arguments: object, **options: object) -> object:
        summary = train(*arguments, **options)
        victim.write_bytes(content + b"\0")
        return summary

    monkeypatch.setattr(release_weights, "train", changing)
    with pytest.raises(RunError, match=r"data that .*tiny\.run was trained on .*, but .*data has"):
        release_weights.build_weights("tiny", data, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["tiny.run"]
    victim.write_bytes(content)
    release_weights.build_weights("tiny", data, tmp_path / "out")


@pytest.mark.parametrize("name", ["tiny.md", "tiny.safetensors"])
def test_a_file_of_somebody_else_is_not_replaced(
    small_set: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(FilesError, match=f"Expected no file at .*{name}"):
        release_weights.build_weights("tiny", small_set, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_unknown_recipe() -> None:
    with pytest.raises(ConfigError, match=r"Expected weights, one of .*, but got 'unet-17'"):
        shipped.load_recipe("unet-17")
