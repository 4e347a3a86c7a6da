"""Results of an experiment while its runs are done, one after the other."""

import json
from pathlib import Path

import numpy as np
import pytest
from made_up_study import EXPERIMENT, OTHER, SMALL, content, make_study, rows_of
from tiny_run import TINY

from exposure_lab.data.packing import pack
from exposure_lab.errors import DivergedError
from exposure_lab.profiles.load import load_profile
from exposure_lab.study import run as run_module
from exposure_lab.study.figures import figures_of
from exposure_lab.study.plan import Settings
from exposure_lab.study.results import read_results
from exposure_lab.study.rows import Row
from exposure_lab.study.run import Study, Workers
from exposure_lab.study.scoring import held_out_pairs, held_out_scenes, scenes_of
from exposure_lab.study.train_arm import Task
from exposure_lab.training import validation


def test_arms_of_two_experiments_with_the_same_settings_are_one_run(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(finished)
    asked = []

    def give(task: Task) -> Row:
        asked.append(task.settings)
        return rows[task.settings]

    monkeypatch.setattr(run_module, "run_task", give)
    assert make_study(tmp_path, small_set).train([EXPERIMENT, OTHER], Workers())
    assert len(asked) == len(set(asked)) == 4
    results = read_results(tmp_path / "out" / "other.json")
    assert results is not None and results.seeds(["same"]) == [1, 2]


def test_results_are_whole_after_each_run(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who looks between two runs finds a file that is what its rows make it."""
    rows = rows_of(finished)
    monkeypatch.setattr(run_module, "run_task", lambda task: rows[task.settings])
    seen = []

    def look(done: int, total: int) -> None:
        results = read_results(tmp_path / "out" / "made-up-loss.json")
        assert results is not None
        seen.append((len(results.rows), done, total))
        stored = content(tmp_path)["figures"]
        assert stored == json.loads(json.dumps(figures_of(results)))

    make_study(tmp_path, small_set).train([EXPERIMENT], Workers(), look)
    assert seen == [(2, 1, 4), (3, 2, 4), (4, 3, 4), (5, 4, 4)]  # the baseline's row among them


def test_a_run_that_diverges_keeps_no_other_from_being_done(
    small_set: Path, tmp_path: Path
) -> None:
    """The first of three: the others' rows are there, and the same command says the same again."""
    rates = {"huge": 1e30, "small": 1e-4, "usual": 1e-3}
    experiment = EXPERIMENT.model_copy(
        update={
            "factor": ("optimizer.lr",),
            "arms": {name: {"optimizer.lr": rate} for name, rate in rates.items()},
        }
    )
    for _ in range(2):
        with pytest.raises(
            DivergedError, match=r"all 3 runs to end, but 1 did not, and the others are done; .*lr"
        ):
            make_study(tmp_path, small_set, Settings("smoke", TINY, seeds=1)).train(
                [experiment], Workers()
            )
        arms = [row["arm"] for row in content(tmp_path)["rows"]]
        assert arms == ["small", "usual", "identity"]


def test_pictures_that_are_no_numbers_are_a_run_that_diverged(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are found at validation, before any weight or loss is."""
    nothing = np.full((16, 16, 3), np.nan, np.float32)
    monkeypatch.setattr(validation, "to_pixels", lambda tensor: nothing)
    with pytest.raises(DivergedError, match=r"all 4 runs to end, but 4 did not.* are NaN: lower"):
        make_study(tmp_path, small_set).train([EXPERIMENT], Workers())


def test_runs_that_end_behind_one_that_is_stopped_are_kept(
    finished: Path, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several processes a later run may end where the time was over for an earlier one."""
    rows = rows_of(finished)

    def first_is_stopped(task: Task) -> Row | None:
        stopped = (task.config.loss.pixel, task.config.seed) == ("l1", 1)
        return None if stopped else rows[task.settings]

    monkeypatch.setattr(run_module, "run_task", first_is_stopped)
    assert not make_study(tmp_path, small_set).train([EXPERIMENT], Workers())
    done = [(row["arm"], row["seed"]) for row in content(tmp_path)["rows"]]
    assert done == [("l2", 1), ("l1", 2), ("l2", 2), ("identity", 0)]


def test_paths_of_a_run_hold_in_any_folder(
    small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = Study(small_set, Path("out"), Path("runs"), SMALL)
    assert study.runs == tmp_path / "runs" and study.data.is_absolute()


def test_scenes_are_known_without_decoding_a_photo(small_set: Path, tmp_path: Path) -> None:
    """From a folder and from a pack, in the order in which they are scored."""
    config = load_profile("smoke", TINY).data
    for data in (small_set, pack(small_set, tmp_path / "set.pack", config)):
        assert held_out_scenes(data, config) == scenes_of(held_out_pairs(data, config))


def test_a_scored_pair_takes_a_byte_a_value(small_set: Path) -> None:
    """Some thousands of held-out pairs must fit into memory beside the network."""
    pairs = held_out_pairs(small_set, load_profile("smoke", TINY).data)
    assert {pair.input_bytes.dtype.name for pair in pairs} == {"uint8"}
    of_scene = [pair.target_bytes for pair in pairs if pair.scene == pairs[0].scene]
    assert len(of_scene) > 1 and all(target is of_scene[0] for target in of_scene)
