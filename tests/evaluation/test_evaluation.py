"""Reports of scores: the fixed shape, means of the right numbers, and what cannot be measured."""

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure_lab.data.pairs import Pair, find_pairs
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ConfigError, DataError, ImageError
from exposure_lab.evaluation import scored_target, scoring
from exposure_lab.evaluation.evaluate import evaluate, group_exposures
from exposure_lab.evaluation.protocols import PROTOCOLS
from exposure_lab.evaluation.report import ScoreReport
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.inference.resolve import LazyModel, load_model
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import delta_e, l1, luminance_error, psnr, sharpness, ssim

FIXED = {"ev", "n", "psnr", "psnr_ci", "ssim", "l1", "delta_e"}
"""Of a row, by the contract that scripts rely on; more may stand beside them."""

ROW = FIXED | {"luminance_error", "sharpness", "checkerboard", "psnr_ci_is", "scenes"}
MEANS = ("mean", "mean_wrong", "mean_dark", "mean_bright")
NAMES = ("identity", "auto-exposure")


@pytest.fixture(scope="module")
def report(small_set: Path) -> ScoreReport:
    pairs = find_pairs(small_set, "validation")
    return evaluate({name: BASELINES[name] for name in NAMES}, pairs, data="abc")


def test_shape_of_the_report(report: ScoreReport) -> None:
    report = report.to_json()
    fixed = {"protocol", "data", "models", "provenance"}
    assert report.keys() == fixed | {"protocol_summary", "ceiling"}
    assert (report["protocol"], report["data"], report["ceiling"]) == ("lab", "abc", None)
    assert "8 bit" in report["protocol_summary"]
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [model["model"] for model in report["models"]] == list(NAMES)
    for model in report["models"]:
        assert model.keys() == {"model", "rows", "experts", "seconds_per_mp", *MEANS}
        assert model["experts"] == {}
        assert [row["ev"] for row in model["rows"]] == [-1.5, -1, 0, 1, 1.5]
        assert all(row.keys() == ROW for row in model["rows"])
        assert all(model[key].keys() == ROW - {"ev"} for key in MEANS)
        assert [row["n"] for row in model["rows"]] == [2] * 5
        assert [model[key]["n"] for key in MEANS] == [10, 8, 4, 4]
        for mean in [*model["rows"], *(model[key] for key in MEANS)]:
            low, high = mean["psnr_ci"]
            assert low <= mean["psnr"] <= high
            assert (mean["scenes"], mean["psnr_ci_is"]) == (2, "range of 2 scenes")


def test_scores_are_means_over_images(report: ScoreReport, small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    identity = report.models[0]
    metrics = {"psnr": psnr, "ssim": ssim, "l1": l1, "delta_e": delta_e, "sharpness": sharpness}
    metrics["luminance_error"] = lambda *pair: abs(luminance_error(*pair))
    metrics["checkerboard"] = lambda a, b: checkerboard_energy(a) / checkerboard_energy(b)
    scored = [
        (pair.ev, {key: f(*map(read_image, pair[:2])) for key, f in metrics.items()})
        for pair in pairs
    ]
    for key in metrics:
        over_all = np.mean([scores[key] for _, scores in scored])
        over_wrong = np.mean([scores[key] for ev, scores in scored if ev != 0])
        over_dark = np.mean([scores[key] for ev, scores in scored if ev in (-1.5, -1)])
        over_bright = np.mean([scores[key] for ev, scores in scored if ev in (1, 1.5)])
        assert getattr(identity.mean, key) == pytest.approx(over_all)
        assert getattr(identity.mean_dark, key) == pytest.approx(over_dark)
        assert getattr(identity.mean_bright, key) == pytest.approx(over_bright)
        assert getattr(identity.mean_wrong, key) == pytest.approx(over_wrong)
        for row_ev, score in identity.by_ev.items():
            expected = np.mean([scores[key] for ev, scores in scored if ev == row_ev])
            assert getattr(score, key) == pytest.approx(expected)


def test_interval_is_drawn_by_scene(report: ScoreReport) -> None:
    """Ends are the means of scenes, not of pictures: two scenes have two of them."""
    # Each row holds one picture of each scene, so a row's ends are its two pictures.
    model = report.models[1]
    rows = [score.psnr_ci for ev, score in model.by_ev.items() if ev != 0]
    by_scene = np.mean(rows, axis=0)
    low, high = model.mean_wrong.psnr_ci
    assert (low, high) == pytest.approx(tuple(by_scene), abs=1e-6)
    assert high - low > 0.1


def pair_of(folder: Path, image: Array, target: Array, ev: float = -1) -> Pair:
    """A lossless pair on disk."""
    write_image(folder / "input.png", image)
    write_image(folder / "target.png", target)
    return Pair(folder / "input.png", folder / "target.png", "scene", ev)


def test_perfect_model_is_capped(tmp_path: Path, photo: Array) -> None:
    pair = pair_of(tmp_path, photo, photo, ev=0)
    (model,) = evaluate({"same": lambda image: image}, [pair]).models
    assert model.mean.psnr == 60
    assert (model.mean.l1, model.mean.ssim) == (0, pytest.approx(1))
    assert [getattr(model, name) for name in MEANS[1:]] == [
        None
    ] * 3  # no wrong exposure among them


def test_outputs_are_scored_as_they_would_be_stored(tmp_path: Path, photo: Array) -> None:
    pair = pair_of(tmp_path, photo, photo)
    less = np.float32(0.2 / 255)  # vanishes when rounded to 8 bit
    (model,) = evaluate({"near": lambda image: np.maximum(image - less, 0)}, [pair]).models
    assert model.mean.psnr == 60


def test_model_gets_the_photo_at_its_own_size(tmp_path: Path, photo: Array) -> None:
    seen: list[tuple[int, ...]] = []

    def look(image: Array) -> Array:
        seen.append(image.shape)
        return image

    evaluate({"look": look}, [pair_of(tmp_path, apply_ev(photo, -1), photo)])
    assert seen == [photo.shape]


def test_other_metrics_by_hand(tmp_path: Path) -> None:
    # Linear light 0.25, 0.5 and 1 are stored as 0.5371, 0.7354 and 1 (IEC 61966-2-1).
    wire = np.full((24, 24, 3), 0.7354, np.float32)
    wire[12] = 0
    faint = np.full_like(wire, 0.5371)
    faint[12] = 0.5371 / 2
    pairs = [pair_of(tmp_path / "a", wire, wire), pair_of(tmp_path / "b", wire, wire, ev=1)]
    bright = np.minimum(wire / np.float32(0.7354), 1)
    answers = iter([faint, bright])
    (model,) = evaluate({"model": lambda image: next(answers)}, pairs).models
    dark, light = model.by_ev.values()
    # One stop too dark, almost: the wire of a twenty-fourth of the rows is too bright.
    assert dark.luminance_error == pytest.approx(1 - 1 / 24 * 0.3, abs=0.03)
    assert light.luminance_error == pytest.approx(1, abs=0.01)
    assert model.mean.luminance_error > 0.95  # +1 and -1 do not cancel
    assert dark.sharpness == pytest.approx(0.5371 / 2 / 0.7354, abs=0.01)
    assert light.sharpness == pytest.approx(1 / 0.7354, abs=0.01)
    assert light.checkerboard == pytest.approx(1, abs=0.01)  # the same pattern, but stronger


def test_checkerboard_is_seen(tmp_path: Path, photo: Array) -> None:
    board = (np.indices(photo.shape[:2]).sum(axis=0) % 2)[..., None]
    pair = pair_of(tmp_path, photo, photo)

    def weave(image: Array) -> Array:
        return np.clip(image + np.float32(0.04) * board - np.float32(0.02), 0, 1).astype(np.float32)

    same, woven = evaluate({"same": lambda image: image, "woven": weave}, [pair]).models
    assert same.mean.checkerboard == 1
    assert woven.mean.checkerboard > 1.5


# IAT stretches all pictures to one large size.
@pytest.mark.slow
@pytest.mark.parametrize("protocol", sorted(set(PROTOCOLS) - {"iat-1200x900"}))
@settings(max_examples=10, deadline=None)
@given(st.integers(1, 16), st.integers(1, 16), st.sampled_from(["noise", "flat", "black"]))
def test_small_and_flat_pictures_leave_metrics_out(
    tmp_path_factory: pytest.TempPathFactory, protocol: str, height: int, width: int, kind: str
) -> None:
    picture = np.random.default_rng(height).random((height, width, 3), np.float32)
    if kind != "noise":
        picture[:] = 0.4 if kind == "flat" else 0
    folder = tmp_path_factory.mktemp("small") / "testing" / "expert_c_testing_set"
    for letter in "ce":
        expert = folder.with_name(f"expert_{letter}_testing_set")
        write_image(expert / "scene.png", picture)
    write_image(folder.parent / "INPUT_IMAGES" / "scene_N1.png", picture)
    pairs = find_pairs(folder.parent.parent, "test")
    report = evaluate({"same": lambda image: image}, pairs, protocol)
    json.dumps(report.to_json(), allow_nan=False)
    mean = report.models[0].mean
    assert (mean.psnr, mean.l1, mean.luminance_error) == (60, 0, 0)
    if protocol == "lab":
        assert (mean.ssim is None) == (min(height, width) < 11)
        assert (mean.checkerboard is None) == (min(height, width) < 12)
        assert (mean.sharpness is None) == (kind != "noise" or min(height, width) < 2)


def test_mean_is_over_those_that_could_be_measured(tmp_path: Path, photo: Array) -> None:
    flat = np.full_like(photo, 0.5)
    pairs = [pair_of(tmp_path / "a", photo, photo), pair_of(tmp_path / "b", flat, flat, ev=1)]
    (model,) = evaluate({"half": lambda image: 0.5 * image}, pairs).models
    assert model.mean_bright.sharpness is None
    assert model.mean.sharpness == model.mean_dark.sharpness
    assert model.mean.sharpness == pytest.approx(0.5, abs=0.01)
    assert model.mean.n == 2


def test_experts_agreement_is_the_ceiling(tmp_path: Path, photo: Array) -> None:
    """Shifts of one picture: the PSNR of each two is that of the difference of their shifts."""
    shifts = {"a": 0, "b": 51, "c": 102}  # in 255ths
    base = np.rint(photo * 100) / 255
    for scene in ("one", "two"):
        for letter, shift in shifts.items():
            folder = tmp_path / "testing" / f"expert_{letter}_testing_set"
            write_image(folder / f"{scene}.png", (base + shift / 255).astype(np.float32))
        for token in ("N1", "0", "P1"):
            write_image(tmp_path / "testing" / "INPUT_IMAGES" / f"{scene}_{token}.png", photo)
    report = evaluate({"same": lambda image: image}, find_pairs(tmp_path, "test"))
    near, far = -20 * np.log10(51 / 255), -20 * np.log10(102 / 255)
    ceiling = report.ceiling
    assert ceiling.mean.n == 2  # scenes, whatever the number of their inputs
    assert ceiling.mean.psnr == pytest.approx((2 * near + far) / 3, abs=1e-4)
    assert ceiling.mean.psnr_ci == pytest.approx([ceiling.mean.psnr] * 2)
    each = {letter: likeness.psnr for letter, likeness in ceiling.experts.items()}
    assert each == pytest.approx(
        {"a": (near + far) / 2, "b": near, "c": (near + far) / 2}, abs=1e-4
    )
    pictures = [read_image(tmp_path / f"testing/expert_{x}_testing_set/one.png") for x in "abc"]
    ssims = [ssim(pictures[i], pictures[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert ceiling.mean.ssim == pytest.approx(np.mean(ssims))


def test_ceiling_is_made_by_the_same_protocol(tmp_path: Path, photo: Array) -> None:
    inverted = 1 - photo
    for letter, picture in (("c", photo), ("e", inverted)):
        write_image(tmp_path / "testing" / f"expert_{letter}_testing_set" / "s.png", picture)
    write_image(tmp_path / "testing" / "INPUT_IMAGES" / "s_N1.png", photo)
    pairs = find_pairs(tmp_path, "test")
    ssims = []
    for name in ("lab", "native-expert-c", "fecnet-grey-ssim"):
        report = evaluate({"invert": lambda image: 1 - image}, pairs, name)
        mean, ceiling = report.models[0].mean, report.ceiling.mean
        # Inverted, expert C's picture is expert E's, who is as far from C as C is from E.
        assert (mean.psnr, mean.ssim) == pytest.approx((ceiling.psnr, ceiling.ssim))
        ssims.append(ceiling.ssim)
    assert len({round(value, 3) for value in ssims}) == 3


@pytest.mark.slow
def test_several_processes_score_the_same(small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    models = {name: LazyModel(name) for name in NAMES}
    progress: list[tuple[int, int]] = []
    in_one_process = evaluate(models, pairs)
    in_two_processes = evaluate(models, pairs, jobs=2, on_pairs=lambda *pair: progress.append(pair))
    assert progress == [(5, 10), (10, 10)]
    for serial, parallel in zip(in_one_process.models, in_two_processes.models, strict=True):
        assert replace(serial, seconds_per_mp=0) == replace(parallel, seconds_per_mp=0)


def test_names_stand_for_functions(photo: Array) -> None:
    dark = apply_ev(photo, -1)
    assert np.array_equal(LazyModel("auto-gamma")(dark), BASELINES["auto-gamma"](dark))
    assert LazyModel("auto-gamma").load() is load_model("auto-gamma")  # loaded once
    with pytest.raises(ConfigError, match="'nobody'"):
        LazyModel("nobody").load()


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


def test_seconds_per_megapixel_are_of_all_pixels_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture of 600 px in 3 s and one of 2,400 px in 6 s: 9 s for 3,000 px."""
    now = 0.0
    durations = {(20, 30, 3): 3.0, (40, 60, 3): 6.0}

    def take_time(image: Array) -> Array:
        nonlocal now
        now += durations[image.shape]
        return image

    def read_slowly(path: Path) -> Array:
        nonlocal now
        now += 100
        return read_image(path)

    monkeypatch.setattr(scoring.time, "perf_counter", lambda: now)
    monkeypatch.setattr(scoring, "read_image", read_slowly)
    pairs = []
    for i, shape in enumerate(durations):
        picture = np.full(shape, 0.5, np.float32)
        pairs.append(pair_of(tmp_path / str(i), picture, picture))
    models = {"slow": take_time, "instant": lambda image: image}
    slow, instant = evaluate(models, pairs).models
    assert slow.seconds_per_mp == pytest.approx(9 / 3000 * 1e6)
    assert instant.seconds_per_mp == 0


def test_pairs_of_a_scene_belong_together_in_any_order(tmp_path: Path, photo: Array) -> None:
    """Interleaved pairs give the report of sorted ones, each scene counted once."""
    for scene, gain in (("one", 1.0), ("two", 0.7)):
        for letter, shift in (("a", 0.0), ("b", 0.1), ("c", 0.2)):
            folder = tmp_path / "testing" / f"expert_{letter}_testing_set"
            target = (gain * photo * 0.8 + shift).astype(np.float32)
            write_image(folder / f"{scene}.png", target)
        for token in ("N1", "0", "P1"):
            write_image(tmp_path / "testing" / "INPUT_IMAGES" / f"{scene}_{token}.png", photo)
    pairs = find_pairs(tmp_path, "test")
    interleaved = [pair for same_ev in zip(pairs[:3], pairs[3:], strict=True) for pair in same_ev]
    assert [pair.scene for pair in interleaved] == ["one", "two"] * 3
    progress: list[tuple[int, int]] = []
    model = {"half": lambda image: image / 2}
    expected = evaluate(model, pairs)
    report = evaluate(model, interleaved, on_pairs=lambda *pair: progress.append(pair))
    assert report.ceiling == expected.ceiling
    assert report.ceiling.mean.n == 2
    assert report.models[0].by_ev == expected.models[0].by_ev
    assert progress == [(3, 6), (6, 6)]


def test_a_target_is_looked_at_once_for_all_models(
    tmp_path: Path, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two models on three inputs: six outputs and one target, each transformed once."""
    write_image(tmp_path / "target.png", photo)
    pairs = []
    for ev in (-1, 0, 1):
        write_image(tmp_path / f"{ev}.png", apply_ev(photo, ev))
        pairs.append(Pair(tmp_path / f"{ev}.png", tmp_path / "target.png", "scene", ev))
    names = "checkerboard_energy", "edge_length", "mean_luminance", "to_lab"
    spies = {name: Mock(wraps=getattr(scored_target, name)) for name in names}
    for name, spy in spies.items():
        monkeypatch.setattr(scored_target, name, spy)
    evaluate({name: BASELINES[name] for name in NAMES}, pairs)
    assert [spy.call_count for spy in spies.values()] == [2 * 3 + 1] * 4


def test_up_to_fifteen_exposures_have_a_row_each() -> None:
    evs = [step / 10 for step in range(-7, 8)]
    assert group_exposures(evs) == {ev: ev for ev in evs}


@given(st.sets(st.integers(-800, 800), min_size=16, max_size=40))
def test_more_exposures_go_to_the_nearest_half_stop(hundredths: set[int]) -> None:
    rows = group_exposures([step / 100 for step in hundredths])
    for ev, row in rows.items():
        assert row % 0.5 == 0
        assert (row == 0) == (ev == 0)  # an input that needs no correction stands alone
        assert row * ev >= 0
        assert abs(row - ev) <= (0.25 if abs(ev) >= 0.25 else 0.5)


def test_halves_of_a_step_by_hand() -> None:
    evs = [-1.25, -1.24, -0.75, -0.1, 0, 0.01, 0.74, 0.75, *range(2, 10)]
    assert [group_exposures(evs)[ev] for ev in evs[:8]] == [-1.5, -1, -1, -0.5, 0, 0.5, 0.5, 1]
