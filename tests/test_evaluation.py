"""Tables of scores: the fixed shape, and means of the right numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from exposure_lab.baselines import BASELINES
from exposure_lab.data.pairs import Pair, find_pairs
from exposure_lab.data.synthesis import apply_ev
from exposure_lab.errors import ConfigError, DataError, ImageError
from exposure_lab.evaluation import evaluate
from exposure_lab.image import Array, read_image, write_image
from exposure_lab.metrics import delta_e, l1, psnr, ssim

ROW = {"ev", "n", "psnr", "psnr_ci", "ssim", "l1", "delta_e"}
NAMES = ("identity", "auto-exposure")


@pytest.fixture(scope="module")
def report(small_set: Path) -> dict:
    pairs = find_pairs(small_set, "validation")
    return evaluate({name: BASELINES[name] for name in NAMES}, pairs, data="abc")


def test_shape_of_the_report(report: dict) -> None:
    assert report.keys() == {"protocol", "data", "models", "provenance"}
    assert (report["protocol"], report["data"]) == ("lab", "abc")
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [model["model"] for model in report["models"]] == list(NAMES)
    for model in report["models"]:
        assert model.keys() == {"model", "rows", "mean", "mean_wrong", "seconds_per_mp"}
        assert [row["ev"] for row in model["rows"]] == [-1.5, -1, 0, 1, 1.5]
        assert all(row.keys() == ROW for row in model["rows"])
        assert model["mean"].keys() == model["mean_wrong"].keys() == ROW - {"ev"}
        assert [row["n"] for row in model["rows"]] == [2] * 5
        assert (model["mean"]["n"], model["mean_wrong"]["n"]) == (10, 8)
        low, high = model["mean"]["psnr_ci"]
        assert low <= model["mean"]["psnr"] <= high
        assert model["seconds_per_mp"] >= 0


def test_scores_are_means_over_images(report: dict, small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    identity = report["models"][0]
    metrics = {"psnr": psnr, "ssim": ssim, "l1": l1, "delta_e": delta_e}
    scored = [
        (pair.ev, {key: f(*map(read_image, pair[:2])) for key, f in metrics.items()})
        for pair in pairs
    ]
    for key in metrics:
        over_all = np.mean([scores[key] for _, scores in scored])
        over_wrong = np.mean([scores[key] for ev, scores in scored if ev != 0])
        assert identity["mean"][key] == pytest.approx(over_all)
        assert identity["mean_wrong"][key] == pytest.approx(over_wrong)
        for row in identity["rows"]:
            expected = np.mean([scores[key] for ev, scores in scored if ev == row["ev"]])
            assert row[key] == pytest.approx(expected)


def pair_of(folder: Path, image: Array, target: Array, ev: float = -1) -> Pair:
    """A lossless pair on disk."""
    write_image(folder / "input.png", image)
    write_image(folder / "target.png", target)
    return Pair(folder / "input.png", folder / "target.png", "scene", ev)


def test_perfect_model_is_capped(tmp_path: Path, photo: Array) -> None:
    pair = pair_of(tmp_path, photo, photo, ev=0)
    (model,) = evaluate({"same": lambda image: image}, [pair])["models"]
    assert model["mean"]["psnr"] == 60
    assert (model["mean"]["l1"], model["mean"]["ssim"]) == (0, pytest.approx(1))
    assert model["mean_wrong"] is None  # no wrong exposure among them


def test_outputs_are_scored_as_they_would_be_stored(tmp_path: Path, photo: Array) -> None:
    pair = pair_of(tmp_path, photo, photo)
    less = np.float32(0.2 / 255)  # vanishes when rounded to 8 bit
    (model,) = evaluate({"near": lambda image: np.maximum(image - less, 0)}, [pair])["models"]
    assert model["mean"]["psnr"] == 60


def test_model_gets_the_photo_at_its_own_size(tmp_path: Path, photo: Array) -> None:
    seen: list[tuple[int, ...]] = []

    def look(image: Array) -> Array:
        seen.append(image.shape)
        return image

    evaluate({"look": look}, [pair_of(tmp_path, apply_ev(photo, -1), photo)])
    assert seen == [photo.shape]


def test_wrong_use(tmp_path: Path, photo: Array) -> None:
    with pytest.raises(ConfigError, match=r"Expected a protocol, one of lab.* but got 'paper'"):
        evaluate({}, [], protocol="paper")
    pair = pair_of(tmp_path, photo, photo)
    with pytest.raises(DataError, match=r"half .*input\.png, but got \(24"):
        evaluate({"half": lambda image: image[::2]}, [pair])
    with pytest.raises(ImageError, match="clip or rescale"):
        evaluate({"wild": lambda image: image * 3}, [pair])


def test_no_pairs() -> None:
    with pytest.raises(DataError, match="Expected at least one pair"):
        evaluate({"identity": BASELINES["identity"]}, [])
