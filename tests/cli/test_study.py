"""exposure-lab study: experiments listed, run and planned; claims judged; bad input refused."""

import json
import re
import shutil
from pathlib import Path

import pytest
from tiny_run import TINY
from typer.testing import CliRunner, Result

from exposure_lab.cli.main import app
from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.images.resize import shrink
from exposure_lab.study.measurements.registry import MEASUREMENTS

SHORT = (*TINY, "training.epochs=1")


def study(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, ["study", *map(str, arguments)], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, small_set: Path) -> Path:
    out = tmp_path_factory.mktemp("study")
    options = ["--data", small_set, "--profile", "smoke", "--seeds", 2, "--out", out]
    result = study("run", "pixel-loss", *map(str, options), *SHORT)
    assert result.exit_code == 0, result.output
    return out


def test_list_names_every_experiment_with_its_question() -> None:
    text = study("list").stdout
    for name in ("flips", "skips", "architecture", "no training", "paired, none, report"):
        assert name in text


@pytest.mark.slow
def test_results_of_another_profile_lie_in_a_folder_of_its_name(done: Path) -> None:
    results = json.loads((done / "smoke" / "pixel-loss.json").read_text(encoding="utf-8"))
    assert results["seeds"] == [1, 2]
    assert results["profile"] == "smoke"
    assert "l1-sharper-than-l2" in results["rules"]


@pytest.mark.slow
def test_plan_counts_what_is_left(done: Path) -> None:
    options = ("--profile", "smoke", "--seeds", "2", "--out", done)
    rows = {
        cells[0]: cells[1:]
        for line in study("plan", *SHORT, *options).stdout.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("\u2502").split("\u2502")]) > 1
    }
    assert rows["pixel-loss"][:4] == ["2", "", "4", "0"], "seeds, to decide, runs, left"
    assert rows["skips"][2:4] == ["4", "2"], "its full arm is that of pixel-loss"
    assert float(rows["pixel-loss"][5]) == 0


@pytest.mark.slow
def test_plan_of_other_settings_counts_none_as_done(done: Path) -> None:
    text = study("plan", "--profile", "smoke", "--seeds", "2", "--out", done).stdout
    assert re.search(r"(\d+) are different and \1 of them left\.", " ".join(text.split()))
    assert "the rest is not timed yet" in text


def test_claims_of_a_folder_without_results(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"one JSON file an experiment, in .*, but there are none"):
        study("claims", "--out", tmp_path)


@pytest.mark.slow
def test_claims_that_ship_are_what_their_rows_make_them() -> None:
    assert "are what their rows make them." in study("claims", "--check").stdout


def test_an_experiment_that_does_not_exist(small_set: Path) -> None:
    with pytest.raises(ConfigError, match="Unknown experiment 'flip'; did you mean 'flips'"):
        study("run", "flip", "--data", small_set)


def test_settings_without_an_experiment(small_set: Path) -> None:
    with pytest.raises(ConfigError, match="an experiment, or all, but got settings alone"):
        study("run", "seed=1", "--data", small_set)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="but there is no folder"):
        study("run", "flips", "--data", tmp_path / "no", "--out", tmp_path)


def test_one_seed_is_no_study(small_set: Path) -> None:
    assert study("run", "flips", "--data", small_set, "--seeds", "1").exit_code == 2


@pytest.fixture(scope="module")
def other_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes that no run has seen, held out."""
    root = tmp_path_factory.mktemp("others") / "two"
    for name in ("rocket", "coffee"):
        write_pairs(shrink(sample_photo(name), 24)[:, ::-1], name, root, "test")
    return root


def score_again(done: Path, data: Path, *more: str | Path) -> Result:
    """Score what `done` trained on other photos; later options count."""
    options = ["--data", data, "--runs", done / "smoke" / "runs", "--out", done]
    options += ["--profile", "smoke", "--seeds", "2"]
    return study("score", "pixel-loss", *options, *more, *SHORT)


@pytest.fixture(scope="module")
def scored(done: Path, other_set: Path) -> Path:
    result = score_again(done, other_set)
    assert result.exit_code == 0, result.output
    path = done / "smoke" / "other-photos" / "two" / "pixel-loss.json"
    said = result.output.replace("\n", "")
    assert said == f"Scored 4 of 4 runs on 2 scenes: {path}"
    return path


@pytest.mark.slow
def test_runs_are_scored_on_other_photos(done: Path, scored: Path) -> None:
    before = json.loads((done / "smoke" / "pixel-loss.json").read_text("utf-8"))
    after = json.loads(scored.read_text("utf-8"))
    arms = [[(row["arm"], row["seed"]) for row in one["rows"]] for one in (before, after)]
    assert arms[0] == arms[1]
    assert after["scenes"] != before["scenes"]
    assert "critic_rank" in before["figures"]  # of the study's photos
    assert "psnr.l1-l2" in after["figures"] and "critic_rank" not in after["figures"]
    assert after["rows"][0]["scores"]["psnr"] != before["rows"][0]["scores"]["psnr"]
    assert after["rules"] == {}


@pytest.mark.slow
def test_scores_on_other_photos_are_checked_as_well(done: Path, scored: Path) -> None:
    checked = study("claims", "--check", "--out", done / "smoke").output
    assert checked.startswith("2 results")
    whole = scored.read_text("utf-8")
    scored.write_text(re.sub(r'"value": [^,]+', '"value": 99', whole, count=1), "utf-8")
    with pytest.raises(DataError, match=r"two/pixel-loss\.json"):
        study("claims", "--check", "--out", done / "smoke")
    scored.write_text(whole, "utf-8")


@pytest.mark.slow
def test_a_set_named_like_a_profile_or_by_a_dot_overwrites_nothing(
    done: Path, other_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (done / "smoke" / "pixel-loss.json").read_bytes()
    named = shutil.copytree(other_set, tmp_path / "report")
    monkeypatch.chdir(named)
    assert score_again(done, Path()).exit_code == 0
    assert (done / "smoke" / "other-photos" / "report" / "pixel-loss.json").is_file()
    assert not (done / "smoke" / "report").exists()
    assert (done / "smoke" / "pixel-loss.json").read_bytes() == before


@pytest.mark.slow
def test_runs_that_are_not_there_are_counted(done: Path, other_set: Path, tmp_path: Path) -> None:
    said = score_again(done, other_set, "--seeds", "3", "--out", tmp_path).output
    assert "Scored 4 of 6 runs" in said
    assert "The others are not finished, or kept no weights." in said
    with pytest.raises(DataError, match=r"finished runs of pixel-loss .* train them with"):
        score_again(done, other_set, "--runs", tmp_path)


def test_what_has_no_scale_is_judged_in_both_columns(small_set: Path, tmp_path: Path) -> None:
    """The two commands for a reader who has the data set and a GPU, in one folder."""
    run = ("--data", small_set, "--profile", "report", "--out", tmp_path)
    assert "Measured counts." in study("run", "counts", *run).output
    assert (tmp_path / "counts.json").is_file() and not (tmp_path / "report").exists()
    rows = study("claims", "--out", tmp_path).output.splitlines()
    counts = next(row for row in rows if row.strip("\u2502 ").startswith("inputs-per-target"))
    assert counts.count("holds") == 2


def test_a_measurement_that_is_there_is_made_again_only_by_name(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`all` goes on where it was stopped."""
    monkeypatch.setattr("exposure_lab.study.experiments.all_experiments", dict)
    only = {name: MEASUREMENTS[name] for name in ("counts", "mean-kernel")}
    monkeypatch.setattr("exposure_lab.study.measurements.registry.MEASUREMENTS", only)
    run = ("--data", small_set, "--out", tmp_path)
    assert study("run", "counts", *run).output.split("\n")[0] == "Measured counts."
    assert study("run", "all", *run).output.strip() == "Measured mean-kernel."
    assert study("run", "all", *run).output.strip() == ""
    assert study("run", "counts", *run).output.strip() == "Measured counts."


def test_settings_alone_are_no_experiment(small_set: Path) -> None:
    with pytest.raises(ConfigError, match="an experiment, but got settings alone"):
        study("score", "training.epochs=1", "--data", small_set)


@pytest.mark.slow
def test_damaged_weights_are_named(done: Path, other_set: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    shutil.copytree(done / "smoke" / "runs", runs)
    for path in runs.glob("*/generator.safetensors"):
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"weights of l1 with seed 1 .* train it again"):
        score_again(done, other_set, "--runs", runs)
