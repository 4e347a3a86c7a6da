"""exposure-lab evaluate: what the terminal shows, and which names and sets it takes."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from exposure_lab.cli.score_tables import notes, tables
from exposure_lab.data.layout import ev_token
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.evaluation.protocols import PROTOCOLS
from exposure_lab.evaluation.report import ScoreReport
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.inference.baselines import BASELINES


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def experts(tmp_path_factory: pytest.TempPathFactory, photo: Array) -> Path:
    """A test set of one scene at nine exposures, with targets by five experts."""
    root = tmp_path_factory.mktemp("experts")
    folder = root / "testing"
    for i, letter in enumerate("abcde"):
        target = np.clip(photo * (0.8 + 0.1 * i), 0, 1)
        write_image(folder / f"expert_{letter}_testing_set" / "scene.png", target)
    for ev in np.arange(-2, 2.5, 0.5):
        write_image(folder / "INPUT_IMAGES" / f"scene_{ev_token(ev)}.png", apply_ev(photo, ev))
    return root


def printed_lines(report: ScoreReport, width: int) -> list[str]:
    """The lines of all tables."""
    stream = io.StringIO()
    console = Console(file=stream, width=width)
    for table in tables(report):
        console.print(table)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_all_baselines_by_one_word(call, small_set: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "scores.json"
    assert call("evaluate", "baselines", "identity", "--data", small_set, "--json", file) == 0
    report = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert [model["model"] for model in report["models"]] == list(BASELINES)
    output = capsys.readouterr().out
    for name in BASELINES:  # once in each of the three tables
        assert len(re.findall(rf"^ ?{name} ", output, re.MULTILINE)) == 3
    assert "10 validation pairs" in output
    assert "60 dB" in output


def test_every_number_of_the_contract_is_shown(small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    report = evaluate({"white-point": BASELINES["white-point"]}, pairs)
    lines = printed_lines(report, 80)
    (model,) = report.models
    (rows,) = [line for line in lines if "white-point" in line and line.count("±") == 5]
    (means,) = [line for line in lines if "white-point" in line and line.count("±") == 4]
    (others,) = [line for line in lines if "white-point" in line and "±" not in line]
    for score, cell in zip(model.by_ev.values(), rows.split()[1::2], strict=True):
        assert cell == f"{score.psnr:.1f}"
    groups = model.mean, model.mean_wrong, model.mean_dark, model.mean_bright
    assert means.split()[1::2] == [f"{score.psnr:.1f}" for score in groups]
    wrong = model.mean_wrong
    expected = [f"{wrong.ssim:.3f}", f"{wrong.l1:.3f}", f"{wrong.delta_e:.1f}"]
    stops_and_ratios = wrong.luminance_error, wrong.sharpness, wrong.checkerboard
    expected += [f"{value:.2f}" for value in stops_and_ratios]
    assert others.split()[1:] == [*expected, f"{model.seconds_per_mp:.2f}"]


def test_interval_shown_is_its_longer_side(small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    report = evaluate({"white-point": BASELINES["white-point"]}, pairs)
    (model,) = report.models
    dark = replace(model.by_ev[-1.5], psnr=20.0, psnr_ci=(19.5, 22.0))
    skewed = replace(model, by_ev={**model.by_ev, -1.5: dark})
    lines = printed_lines(replace(report, models=(skewed,)), 80)
    assert any("20.0 ±2.0" in line for line in lines)


@pytest.mark.parametrize(
    ("scenes", "said"),
    [
        (1, "PSNR of a single scene has no interval."),
        (2, "PSNR ± the longer side of its range of 2 scenes, which leaves out"),
        (8, "PSNR ± the longer side of its 95 % interval, by bootstrap over scenes, which"),
    ],
)
def test_few_scenes_are_not_called_an_interval(small_set: Path, scenes: int, said: str) -> None:
    pairs = find_pairs(small_set, "validation")
    report = evaluate({"white-point": BASELINES["white-point"]}, pairs)
    (model,) = report.models
    by_ev = {ev: replace(score, scenes=scenes) for ev, score in model.by_ev.items()}
    few = replace(report, models=(replace(model, by_ev=by_ev),))
    plain = " ".join(notes(few))
    assert said in plain
    assert ("its 95 % interval" in plain) == (scenes == 8)
    lines = printed_lines(few, 80)
    by_exposure = next(line for line in lines if line.lstrip().startswith("white-point"))
    assert ("±" in by_exposure) == (scenes > 1)


@pytest.mark.slow
@pytest.mark.usefixtures("small_iat")
@pytest.mark.parametrize("protocol", ["lab", "native-expert-c", "iat-1200x900"])
@pytest.mark.parametrize("width", [80, 100])
def test_tables_fit_the_terminal(experts: Path, protocol: str, width: int) -> None:
    report = evaluate(BASELINES, find_pairs(experts, "test"), protocol)
    lines = printed_lines(report, width)
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    heads = [line for line in lines if line.lstrip().startswith("model")]
    for name in BASELINES:  # in two tables of exposures and two others, and one of experts
        rows = [line for line in lines if re.match(rf" ?{name} ", line)]
        assert len(rows) == (5 if protocol == "iat-1200x900" else 4)
    evs = " ".join(heads[:2]).replace("model", "").split()
    assert evs == ["-2", "-1.5", "-1", "-0.5", "0", "+0.5", "+1", "+1.5", "+2"]


def test_long_names_are_folded_and_brackets_kept(small_set: Path) -> None:
    name = "runs/a-rather-long-folder/[bold]with-brackets-in-its-name"
    report = evaluate({name: BASELINES["identity"]}, find_pairs(small_set, "validation"))
    lines = printed_lines(report, 80)
    assert max(map(len, lines)) <= 80
    assert "±" in "".join(lines)
    folded = "".join(line.split("  ")[0].strip() for line in lines)
    assert "[bold]" in folded


@pytest.mark.slow
@pytest.mark.usefixtures("small_iat")
def test_experts_and_their_ceiling_are_shown(call, experts: Path, capsys) -> None:
    assert call("evaluate", "identity", "--data", experts, "--protocol", "iat-1200x900") == 0
    output = capsys.readouterr().out
    assert re.search(r"model +A +B +C +D +E", output)
    assert len(re.findall(r"[\d.]+ 0\.\d\d\b", output.split("each expert")[1])) >= 5
    plain = " ".join(output.split())
    assert "Ceiling: experts A, B, C, D, E agree with each other to" in plain
    assert "over 1 scene; A with the others to" in plain
    assert "Source: cuiziteng/Illumination-Adaptive-Transformer" in plain
    assert call("evaluate", "identity", "--data", experts, "--protocol", "psenet-expert-e") == 0
    plain = " ".join(capsys.readouterr().out.split())
    assert "E with the others to" in plain
    assert "A with the others" not in plain
    assert "each expert" not in plain  # there is but one: the tables above are its


@pytest.fixture
def small_iat(monkeypatch: pytest.MonkeyPatch) -> None:
    """IAT's stretched pictures at a tenth of their sides: soon scored."""
    monkeypatch.setattr("exposure_lab.evaluation.protocols.IAT_SIZE", (90, 120))


def test_missing_expert_exits_with_1(call, small_set: Path, capsys) -> None:
    assert call("evaluate", "identity", "--data", small_set, "--protocol", "psenet-expert-e") == 1
    message = capsys.readouterr().err
    assert "Error: Expected targets by expert e for the protocol psenet-expert-e" in message
    assert "take the testing part of MSEC" in message


@pytest.mark.slow
def test_processes(call, small_set: Path, tmp_path: Path) -> None:
    scores = []
    for jobs in (1, 2):
        file = tmp_path / f"{jobs}.json"
        arguments = ("stretch", "--data", small_set, "--jobs", jobs, "--json", file)
        assert call("evaluate", *arguments) == 0
        scores.append(json.loads(file.read_text())["models"][0]["mean"])
    assert scores[0] == scores[1]
    assert call("evaluate", "stretch", "--data", small_set, "--jobs", 0) == 2


def test_what_cannot_be_measured_is_a_dash(call, tmp_path: Path, capsys) -> None:
    grey = np.full((6, 6, 3), 0.5, np.float32)
    write_image(tmp_path / "validation" / "INPUT_IMAGES" / "s_0.png", grey)
    write_image(tmp_path / "validation" / "GT_IMAGES" / "s.png", grey)
    assert call("evaluate", "identity", "--data", tmp_path) == 0
    output = capsys.readouterr().out
    (others,) = [line for line in output.splitlines() if "identity" in line and " - " in line]
    assert others.split()[1:-1] == ["-", "0.000", "0.0", "0.00", "-", "-"]
    assert "over all inputs" in output  # there is no wrong exposure
    assert "EV ≠ 0" not in output


def test_every_protocol_is_in_the_help(call, capsys) -> None:
    assert call("evaluate", "--help") == 0
    output = capsys.readouterr().out
    for name in PROTOCOLS:
        assert name in output


def test_notes_name_protocol_source_and_columns(small_set: Path) -> None:
    pairs = find_pairs(small_set, "validation")
    for name in ("lab", "native-expert-c"):
        report = evaluate({"identity": BASELINES["identity"]}, pairs, name)
        text = " ".join(notes(report))
        assert f"Protocol {name}: " in text
        assert ("Source: LZ-CH" in text) == (name == "native-expert-c")
        assert all(column in text for column in ("stops", "sharp", "grid", "s/MP", "60 dB"))
        assert "Ceiling" not in text
