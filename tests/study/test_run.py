"""Running an experiment: rows, resuming, what is refused, and the same seed twice."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from made_up_study import EXPERIMENT, OTHER, content, make_study
from safetensors.torch import load_file
from tiny_run import TINY

from exposure_lab.config import RunConfig
from exposure_lab.data.packing import pack
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.ownership import folder_lock
from exposure_lab.images.array import Array, to_pixels, to_tensor
from exposure_lab.networks.build import build_generator
from exposure_lab.profiles.load import load_profile
from exposure_lab.study import plan as plan_module
from exposure_lab.study import run as run_module
from exposure_lab.study.figures import figures_of
from exposure_lab.study.plan import Settings
from exposure_lab.study.results import read_results, write_results
from exposure_lab.study.run import Workers
from exposure_lab.study.scoring import held_out_pairs, score


@pytest.mark.slow
def test_what_an_experiment_leaves(finished: Path) -> None:
    results = content(finished)
    arms = [(row["arm"], row["seed"]) for row in results["rows"]]
    assert arms == [("l1", 1), ("l2", 1), ("l1", 2), ("l2", 2), ("identity", 0)]
    assert results["scenes"] == ["china", "flower"]
    assert results["seeds"] == [1, 2]
    assert all(len(row["scores"]["psnr"]) == 2 for row in results["rows"])
    assert results["figures"]["psnr"]["n"] == 2
    assert results["figures"]["psnr"]["unit"] == "dB"
    low, high = results["figures"]["psnr"]["ci"]
    assert low < results["figures"]["psnr"]["value"] < high
    first = results["rows"][0]["scores"]["psnr"]
    second = results["rows"][1]["scores"]["psnr"]
    assert first != second
    assert not list((finished / "runs").glob("*/checkpoints"))  # the largest part of a run


@pytest.mark.slow
def test_the_weights_of_a_run_give_its_scores(finished: Path, small_set: Path) -> None:
    for run in (finished / "runs").glob("*/scores.json"):
        row = json.loads(run.read_text("utf-8"))
        config = RunConfig.model_validate_json((run.parent / "config.json").read_text("utf-8"))
        generator = build_generator(config).eval()
        generator.load_state_dict(load_file(run.parent / "generator.safetensors"))

        def correct(image: Array, generator: torch.nn.Module = generator) -> Array:
            with torch.inference_mode():
                return to_pixels(generator(to_tensor(image)[None])[0])

        scores = score(correct, held_out_pairs(small_set, config.data))
        assert scores["psnr"] == pytest.approx(row["scores"]["psnr"], abs=1e-3)


@pytest.mark.slow
def test_curves_of_a_run(finished: Path) -> None:
    row = content(finished)["rows"][0]
    assert row["curve"]["step"] == [0, 4, 8, 12]
    assert len(row["curve"]["val_psnr"]) == 4
    assert len(row["curve"]["loss"]) == 3
    assert 0 < row["run"]["update_norm"] < 1
    assert -1 <= row["run"]["critic_rank"] <= 1
    mean = sum(row["curve"]["loss"]) / 3
    parts = [
        100 * l1 + adv
        for l1, adv in zip(row["curve"]["l1"], row["curve"]["adversarial"], strict=True)
    ]
    assert mean == pytest.approx(sum(parts) / 3, rel=1e-3)


def test_a_network_is_scored_as_it_was_validated_last(finished: Path) -> None:
    """All held-out photos of this set are validation's, and both leave EV 0 out of the mean."""
    for row in content(finished)["rows"][:4]:
        mean = sum(row["scores"]["psnr"]) / len(row["scores"]["psnr"])
        assert mean == pytest.approx(row["curve"]["val_psnr"][-1], abs=1e-3)


def without_times(results: dict[str, Any]) -> dict[str, Any]:
    for row in results["rows"]:
        del row["seconds"]
        row["run"].pop("images_per_s", None)
    for name in list(results["figures"]):
        if name.startswith("images_per_s"):
            del results["figures"][name]
    return {key: results[key] for key in results.keys() - {"provenance", "fingerprint", "date"}}


@pytest.mark.slow
def test_the_same_seed_twice_gives_the_same_file_but_for_times(
    finished: Path, small_set: Path, tmp_path: Path
) -> None:
    make_study(tmp_path, small_set).train([EXPERIMENT], Workers())
    assert without_times(content(tmp_path)) == without_times(content(finished))


@pytest.mark.slow
def test_two_processes_give_the_file_of_one(
    finished: Path, small_set: Path, tmp_path: Path
) -> None:
    make_study(tmp_path, small_set).train([EXPERIMENT], Workers(jobs=2, threads=1))
    assert without_times(content(tmp_path)) == without_times(content(finished))


@pytest.mark.slow
def test_a_study_that_was_stopped_goes_on(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = make_study(tmp_path, small_set)
    assert not study.train([EXPERIMENT], Workers(max_minutes=0))
    stop_after_first(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        study.train([EXPERIMENT], Workers())
    assert [row["arm"] for row in content(tmp_path)["rows"]] == ["l1", "identity"]
    monkeypatch.undo()
    assert study.train([EXPERIMENT], Workers())
    assert without_times(content(tmp_path)) == without_times(content(finished))


def stop_after_first(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def stopping(task: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(task)
        return original(task)

    original = run_module.run_task
    monkeypatch.setattr(run_module, "run_task", stopping)


def test_results_alone_are_enough_to_go_on(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "made-up-loss.json"
    target.parent.mkdir()
    target.write_bytes((finished / "out" / "made-up-loss.json").read_bytes())
    monkeypatch.setattr(run_module, "run_task", None)  # nothing is left to run
    assert make_study(tmp_path, small_set).train([EXPERIMENT], Workers())


def test_other_data_than_before(finished: Path, sample: Path) -> None:
    with pytest.raises(DataError, match="holds some of another set: give that set, or write"):
        make_study(finished, sample).train([EXPERIMENT], Workers())


def test_arms_that_changed_since(finished: Path, small_set: Path) -> None:
    changed = EXPERIMENT.model_copy(update={"arms": {"l1": {"loss.pixel": "l1"}}})
    with pytest.raises(DataError, match=r"Expected the arms that .* was made with, but other"):
        make_study(finished, small_set).train([changed], Workers())


def test_other_settings_than_before(finished: Path, small_set: Path) -> None:
    other = Settings("smoke", (*TINY, "optimizer.lr=1e-3"), seeds=2)
    with pytest.raises(DataError, match="Expected the overrides that"):
        make_study(finished, small_set, other).train([EXPERIMENT], Workers())


@pytest.mark.slow
def test_a_packed_set_gives_the_scores_of_the_set_that_was_packed(
    finished: Path, small_set: Path, tmp_path: Path
) -> None:
    packed = pack(small_set, tmp_path / "set.pack", load_profile("smoke", TINY).data)
    make_study(tmp_path, packed).train([EXPERIMENT], Workers())
    for row, expected in zip(content(tmp_path)["rows"], content(finished)["rows"], strict=True):
        assert sorted(row["scores"]["psnr"]) == sorted(expected["scores"]["psnr"])


def test_a_second_process(small_set: Path, tmp_path: Path) -> None:
    with folder_lock(tmp_path / "runs"), pytest.raises(FilesError, match="another process"):
        make_study(tmp_path, small_set).train([EXPERIMENT], Workers())


@pytest.mark.slow
def test_fewer_seeds_than_before_lose_none(small_set: Path, tmp_path: Path) -> None:
    """Asked for one arm more at fewer seeds, the rows of the other seeds stay."""
    one_arm = EXPERIMENT.model_copy(update={"arms": {"l1": {"loss.pixel": "l1"}}})
    make_study(tmp_path, small_set).train([EXPERIMENT], Workers())
    before = [(row["arm"], row["seed"]) for row in content(tmp_path)["rows"]]
    results = read_results(tmp_path / "out" / "made-up-loss.json")
    assert results is not None and one_arm.design_hash != results.design
    results.rows = [row for row in results.rows if (row["arm"], row["seed"]) != ("l2", 1)]
    write_results(tmp_path / "out" / "made-up-loss.json", results, figures_of(results))
    fewer = Settings("smoke", TINY, seeds=1)
    make_study(tmp_path, small_set, fewer).train([EXPERIMENT], Workers())
    assert {(row["arm"], row["seed"]) for row in content(tmp_path)["rows"]} == set(before)


def test_runs_that_another_experiment_has_done_are_taken_over(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its results alone; the new experiment is written, although nothing was left to run."""
    shutil.copytree(finished / "out", tmp_path / "out")
    monkeypatch.setattr(run_module, "run_task", None)
    monkeypatch.setattr(plan_module, "all_experiments", lambda: {EXPERIMENT.name: EXPERIMENT})
    assert make_study(tmp_path, small_set).train([OTHER], Workers())
    results = read_results(tmp_path / "out" / "other.json")
    assert results is not None
    assert [(row["arm"], row["seed"]) for row in results.rows] == [
        ("same", 1),
        ("same", 2),
        ("identity", 0),
    ]


@pytest.mark.slow
def test_a_baseline_is_scored_at_the_size_of_its_experiment(
    finished: Path, small_set: Path, tmp_path: Path
) -> None:
    small = OTHER.model_copy(
        update={"common": {"data.image_size": 8, "data.short_side": 16}, "arms": {"l1": {}}}
    )
    study = make_study(tmp_path, small_set)
    study.train([EXPERIMENT, small], Workers())
    rows = {}
    for name in (EXPERIMENT.name, small.name):
        results = read_results(tmp_path / "out" / f"{name}.json")
        assert results is not None
        rows[name] = results.row("identity", 0)
    first, second = rows.values()
    assert first is not None and second is not None
    assert first["scores"]["psnr"] != second["scores"]["psnr"]
