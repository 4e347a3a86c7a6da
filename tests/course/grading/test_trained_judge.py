"""Judge of a trained network: thresholds, stated figures, history, table; on made-up pictures."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from exposure_lab.course.graded.ch90_trained import TRAINED, trained_question
from exposure_lab.course.grading.trained.measured import (
    BRIGHT,
    DARK,
    HISTORY,
    LOADS,
    PARTS,
    STATED,
    TABLE,
    WELL,
    gains_of,
    measure,
    psnr_of_each,
)
from exposure_lab.course.grading.trained.photos import (
    SIDE,
    SQUARES,
    PhotoSet,
    announced_photos,
    hidden_photos,
)
from exposure_lab.course.grading.trained.scores import psnr_by_exposure, squared_errors
from exposure_lab.course.grading.trained.statements import ABLATIONS, REQUIRED
from exposure_lab.course.grading.trained.thresholds import read_thresholds
from exposure_lab.course.grading.trained.verdict import word_of
from exposure_lab.course.grading.wire import encode
from exposure_lab.errors import GradingError
from exposure_lab.images.io import write_image
from exposure_lab.study.claims import all_claims

EVS = [-1.5, -1.0, 0.0, 1.0, 1.5] * 2
RULE = {"smallest": 0.3, "at_least": 2, "rule": "every"}
HOW: dict[str, Any] = {"border": 1, "mean": "pictures"}


def photos(seed: int) -> PhotoSet:
    """Small pictures, of which the wrong exposures are far from their targets."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(60, 190, (len(EVS), 8, 8, 3)).astype(np.uint8)
    shift = np.array([-50, -40, 0, 40, 50] * 2)[:, None, None, None]
    return PhotoSet((targets + shift).astype(np.uint8), targets, tuple(EVS))


SETS = {"hidden": photos(1), "announced": photos(2)}

KNOWN = {
    "hidden": SETS["hidden"].to_wire(),
    "announced": SETS["announced"].to_wire(HOW["border"]),
    "least": {"dark": 3.0, "bright": 3.0, "well": 20.0},
    "how": HOW,
    "rule": RULE,
}


def corrected(name: str, left: float = 0.1, noise: int = 3) -> Any:
    """Pictures that are nearer to their targets: this share of the error is left."""
    one = SETS[name]
    error = one.inputs.astype(float) - one.targets
    wobble = noise * np.where(np.indices(error.shape).sum(0) % 2, 1, -1)
    return np.clip(one.targets + left * error + wobble, 0, 255).astype(np.uint8)


def statements(outputs: Any) -> dict[str, Any]:
    """What an honest student states of these outputs."""
    announced = KNOWN["announced"]
    found = psnr_by_exposure(outputs, announced["targets"], EVS, **HOW)
    mean = float(np.mean([value for ev, value in found.items() if ev]))

    def row(claim: str, a: list[float], b: list[float]) -> dict[str, Any]:
        return {"claim": claim, "with": a, "without": b, "verdict": word_of(a, b, **RULE)}

    def pair(ev: float) -> tuple[list[float], list[float]]:
        first, second = (
            [round(value, 3) for value in psnr_of_each(one, announced, ev, 1)]
            for one in (outputs, SETS["announced"].inputs)
        )
        return first, second

    return {
        "psnr": {f"{ev:g}": round(value, 3) for ev, value in found.items()},
        "rows": [
            {"step": step, "loss_d": 0.7, "loss_g": 9.0 - step, "psnr": mean + step - 3}
            for step in (1, 2, 3)
        ],
        "starts": [0, 1],
        "verdicts": [
            row("gan-corrects", *pair(-1.5)),
            row("gan-corrects-bright", *pair(1.5)),
            row("network-beats-rules", [20.0, 21.0], [20.1, 19.0]),
            row("longer-generalises", [20.0, 21.0], [18.0, 19.0]),
            row("l1-pulls", [20.0], [15.0]),
            row("unet-skips", [20.0, 22.0], [21.0, 23.0]),
        ],
    }


def handed_in(change: Callable[[Any], Any] = lambda said: said, **more: Any) -> dict[str, Any]:
    outputs = corrected("announced")
    given = {
        "hidden": corrected("hidden"),
        "announced": outputs,
        "blank": np.full_like(SETS["hidden"].inputs, 128),
        "history": json.dumps(change(statements(outputs))),
    }
    return given | more


def lost(got: Any) -> dict[str, str]:
    """Parts that are lost, with their sentences."""
    verdicts = measure(got, KNOWN)
    assert list(verdicts) == list(PARTS)
    return {part: sentence for part, sentence in verdicts.items() if sentence}


def test_honest_figures_of_a_good_network_earn_everything() -> None:
    assert lost(handed_in()) == {}


def test_each_threshold_counts_for_itself() -> None:
    hidden = corrected("hidden")
    dark = [ev < 0 for ev in EVS]
    hidden[dark] = SETS["hidden"].inputs[dark]
    assert list(lost(handed_in(hidden=hidden))) == [DARK]
    hidden = corrected("hidden")
    bright = [ev > 0 for ev in EVS]
    hidden[bright] = 0
    sentences = lost(handed_in(hidden=hidden))
    assert list(sentences) == [BRIGHT]
    assert "dB further away" in sentences[BRIGHT]
    hidden = corrected("hidden")
    hidden[[ev == 0 for ev in EVS]] = 0
    assert list(lost(handed_in(hidden=hidden))) == [WELL]


def test_a_stated_figure_that_the_weights_do_not_give_is_named() -> None:
    def boast(said: Any) -> Any:
        said["psnr"]["-1.5"] += 1
        return said

    sentences = lost(handed_in(boast))
    assert list(sentences) == [STATED]
    assert "at EV -1.5, and they give" in sentences[STATED]


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_rounding_of_a_gpu_is_no_lie(factor: float) -> None:
    def nudge(said: Any) -> Any:
        said["psnr"]["1"] += factor * 0.2
        return said

    assert (STATED in lost(handed_in(nudge))) == (factor > 1)


def change_row(claim: str, key: str, value: Any) -> Callable[[Any], Any]:
    def change(said: Any) -> Any:
        (row,) = [row for row in said["verdicts"] if row["claim"] == claim]
        row[key] = value
        return said

    return change


def only(claims: int) -> Callable[[Any], Any]:
    return lambda said: {**said, "verdicts": said["verdicts"][:claims]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (change_row("l1-pulls", "verdict", "holds"), "on l1-pulls that its own numbers give"),
        (change_row("gan-corrects", "claim", "loss-falls"), "a row for gan-corrects"),
        (change_row("l1-pulls", "claim", "loss-falls"), "tested by runs of your own"),
        (only(5), "six claims"),
        (only(3), "a row for longer-generalises"),
        (change_row("gan-corrects", "with", [60.0, 60.0]), "with these weights"),
        (change_row("gan-corrects-bright", "without", [9.0, 9.0]), "of the inputs"),
    ],
)
def test_a_table_that_does_not_follow_is_named(change: Callable[[Any], Any], sentence: str) -> None:
    def changed(said: Any) -> Any:
        said = change(said)
        for row in said["verdicts"]:
            if not sentence.startswith("on l1"):
                row["verdict"] = word_of(row["with"], row["without"], **RULE)
        return said

    sentences = lost(handed_in(changed))
    assert list(sentences) == [TABLE]
    assert sentence in sentences[TABLE]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda said: {**said, "rows": said["rows"][:2]}, "at least 3 rows"),
        (lambda said: {**said, "rows": said["rows"][::-1]}, "whose steps grow"),
        (lambda said: {**said, "starts": [0]}, "stopped and went on"),
        (lambda said: {**said, "starts": [0, 7]}, "stopped and went on"),
        (
            lambda said: {**said, "rows": [{**row, "psnr": 5.0} for row in said["rows"]]},
            "weights and history of one run",
        ),
    ],
)
def test_an_odd_history_is_named(change: Callable[[Any], Any], sentence: str) -> None:
    sentences = lost(handed_in(change))
    assert list(sentences) == [HISTORY]
    assert sentence in sentences[HISTORY]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 20_000,
        '{"psnr": {"0": 1e999}}',
        json.dumps({**statements(corrected("announced")), "psnr": {"x": 1}}),
        json.dumps({**statements(corrected("announced")), "rows": [{"step": True}]}),
        json.dumps({**statements(corrected("announced")), "verdicts": [{"claim": "a"}]}),
    ],
    ids=["empty", "list", "nothing", "deep", "infinite", "exposure", "truth", "row"],
)
def test_statements_of_another_form_are_named_and_the_network_still_counts(text: str) -> None:
    sentences = lost(handed_in(history=text))
    assert list(sentences) == [STATED, HISTORY, TABLE]
    assert "as the template writes it" in sentences[STATED]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"missing": "weights.safetensors"}, "Expected weights.safetensors beside the notebook"),
        ({"hidden": corrected("hidden").astype(float)}, "as uint8"),
        ({"announced": corrected("announced")[:3]}, "Expected pictures in shape"),
        ({"hidden": "nothing"}, "as uint8"),
        ({"blank": corrected("hidden")}, "must load the weights that it is given"),
    ],
    ids=["missing", "floats", "few", "text", "unused"],
)
def test_what_cannot_be_measured_earns_nothing(more: Any, sentence: str) -> None:
    sentences = lost(handed_in(**more))
    assert list(sentences) == list(PARTS)
    assert all(sentence in one for one in sentences.values())
    assert sentences[LOADS] == sentences[TABLE]


def test_psnr_is_that_of_scikit_image() -> None:
    announced, outputs = KNOWN["announced"], corrected("announced")
    for place in (0, 3):
        expected = peak_signal_noise_ratio(announced["targets"][place], outputs[place])
        error = squared_errors(outputs[[place]], announced["targets"][[place]])[0]
        assert 10 * math.log10(255**2 / error) == pytest.approx(expected)


def test_a_network_that_changes_nothing_gains_nothing() -> None:
    one = photos(3)
    gains = gains_of(one.inputs, one.to_wire())
    assert (gains["dark"], gains["bright"], gains["well"]) == (0.0, 0.0, 60.0)


@pytest.mark.slow
def test_announced_photos_are_the_same_and_hidden_ones_are_not() -> None:
    first, again = announced_photos(), announced_photos()
    assert first.inputs.shape == (40, SIDE, SIDE, 3)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    places = [i for i, ev in enumerate(first.evs) if ev == 0]
    np.testing.assert_array_equal(first.inputs[places], first.targets[places])
    one, other = (hidden_photos(np.random.default_rng(seed)) for seed in (1, 2))
    assert one.inputs.shape == (3 * SQUARES, SIDE, SIDE, 3)
    assert (one.inputs != other.inputs).mean() > 0.5
    assert [one.evs.count(ev) for ev in (-1.5, -1.0, 0.0, 1.0, 1.5)] == [8, 8, 16, 8, 8]


def test_no_photo_gives_another_ones_answer() -> None:
    """The squares of each kind differ, and well exposed ones come in a call of their own, last."""
    drawn = hidden_photos(np.random.default_rng(5))
    dark, bright, well = drawn.kinds()
    np.testing.assert_array_equal(np.concatenate([dark, bright, well]), drawn.inputs)
    assert len(np.unique(drawn.targets, axis=0)) == len(drawn.targets)
    announced = announced_photos().by_kind()
    assert [kind.shape[0] for kind in announced.kinds()] == [16, 16, 8]
    np.testing.assert_array_equal(announced.kinds()[2], announced.targets[-8:])


def test_an_instructor_may_have_photos_that_students_lack(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for name in ("a.jpg", "b.png", "c.JPG"):
        write_image(tmp_path / name, rng.random((150, 210, 3)).astype(np.float32))
    (tmp_path / "notes.txt").write_text("no photo")
    own = trained_question(tmp_path)
    (call,) = own.draw_cases(own.variant(1), seed=2)
    (usual,) = TRAINED.draw_cases(own.variant(1), seed=2)
    for kind, other in zip(call.arguments[0]["hidden"], usual.arguments[0]["hidden"], strict=True):
        assert kind.shape == (SQUARES, SIDE, SIDE, 3)
        assert (kind != other).mean() > 0.9
    assert encode(call.arguments[0]["announced"]) == encode(usual.arguments[0]["announced"])
    with pytest.raises(GradingError, match="Expected photos in"):
        hidden_photos(rng, tmp_path / "nothing")


def test_claims_of_the_table_are_those_of_the_ledger() -> None:
    claims = all_claims()
    for name in (*REQUIRED, *ABLATIONS):
        assert claims[name].kind == "trained", name


def test_thresholds_that_nobody_measured_are_said() -> None:
    assert read_thresholds("smoke").dark >= 0.3
    with pytest.raises(GradingError, match=r"capstone_thresholds\.py at it first"):
        read_thresholds("report")
