"""What a run says of its making: each stretch under its own conditions, and nothing of today."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from runs import assert_same_run, run_whole, stop

from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.training import conditions

CHANGED = "conditions that .* was written under, but some differ"


def computing_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have the record name another device; what is computed stays the same."""
    monkeypatch.setattr(conditions, "device_name", lambda device: name)


def state_of(run: Path) -> dict[str, Any]:
    return json.loads((checkpoint_folders(run)[-1] / "state.json").read_text())


def change_state(run: Path, **changes: object) -> None:
    file = checkpoint_folders(run)[-1] / "state.json"
    file.write_text(json.dumps(state_of(run) | changes))


def devices(record: dict[str, Any]) -> list[tuple[int, str]]:
    return [
        (stretch["from_step"], stretch["provenance"]["device"]) for stretch in record["stretches"]
    ]


@pytest.fixture
def finished(whole: Path, tmp_path: Path) -> Path:
    """A copy of a run that has come to its end."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


@pytest.mark.slow
def test_each_stretch_keeps_its_own_conditions(
    whole: Path,
    small_set: Path,
    tiny: RunConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop(tiny, small_set, tmp_path, 3)
    first = state_of(tmp_path)["provenance"]
    computing_on(monkeypatch, "NVIDIA T4")
    with pytest.warns(UserWarning, match=CHANGED):
        stop(tiny, small_set, tmp_path, 6, resume=True)
    assert devices(state_of(tmp_path)) == [(0, "cpu"), (3, "NVIDIA T4")]
    assert state_of(tmp_path)["stretches"][0]["provenance"] == first
    stop(tiny, small_set, tmp_path, 9, resume=True)  # nothing has changed, so it is one stretch
    assert devices(state_of(tmp_path)) == [(0, "cpu"), (3, "NVIDIA T4")]
    computing_on(monkeypatch, "cpu")
    with pytest.warns(UserWarning, match=CHANGED):
        summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert devices(summary) == [(0, "cpu"), (3, "NVIDIA T4"), (9, "cpu")]
    assert summary["provenance"] == summary["stretches"][-1]["provenance"]
    assert json.loads((tmp_path / "summary.json").read_text()) == summary
    assert devices(state_of(tmp_path)) == devices(summary)
    assert_same_run(tmp_path, whole)


@pytest.mark.slow
def test_a_run_under_equal_conditions_is_one_stretch(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 6)
    summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert "stretches" not in summary
    assert "stretches" not in state_of(tmp_path)


def test_a_stretch_that_left_no_checkpoint_leaves_no_entry(
    finished: Path, small_set: Path, tiny: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps are lost, and are done again under the conditions of before."""
    shutil.rmtree(checkpoint_folders(finished)[-1])
    computing_on(monkeypatch, "NVIDIA T4")

    def killed(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.warns(UserWarning, match=CHANGED):
        patch.setattr("exposure_lab.training.run_folder.save_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            run_whole(tiny, small_set, finished, resume=True)
    computing_on(monkeypatch, "cpu")
    assert "stretches" not in run_whole(tiny, small_set, finished, resume=True)


def test_a_finished_run_keeps_its_summary(
    finished: Path, small_set: Path, tiny: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also under other conditions, of which nothing is said: no step is done under them."""
    original = (finished / "summary.json").read_bytes()
    computing_on(monkeypatch, "NVIDIA T4")
    summary = run_whole(tiny, small_set, finished, resume=True)
    assert (finished / "summary.json").read_bytes() == original
    assert summary == json.loads(original)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"steps": 8}'])
def test_a_summary_that_is_gone_is_that_of_the_checkpoint(
    finished: Path,
    small_set: Path,
    tiny: RunConfig,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    file = finished / "summary.json"
    original = json.loads(file.read_text())
    file.unlink()
    if content is not None:
        file.write_text(content)
    computing_on(monkeypatch, "NVIDIA T4")
    run_whole(tiny, small_set, finished, resume=True)
    provenance = state_of(finished)["provenance"]
    assert provenance["device"] == "cpu"
    assert json.loads(file.read_text()) == original | {"provenance": provenance}


@pytest.mark.slow
def test_a_summary_that_is_gone_has_all_stretches(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(tiny, small_set, tmp_path, 3)
    with pytest.warns(UserWarning, match=CHANGED):
        computing_on(monkeypatch, "NVIDIA T4")
        run_whole(tiny, small_set, tmp_path, resume=True)
    (tmp_path / "summary.json").unlink()
    computing_on(monkeypatch, "NVIDIA H100")
    summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert devices(summary) == [(0, "cpu"), (3, "NVIDIA T4")]
    assert summary["stretches"] == state_of(tmp_path)["stretches"]


def test_a_run_that_goes_on_has_no_summary_until_it_ends(
    finished: Path, small_set: Path, tiny: RunConfig
) -> None:
    """The one of before would name an end that is still to be reached anew."""
    (checkpoint_folders(finished)[-1] / "tensors.safetensors").write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="The one before it is used"):
        stop(tiny, small_set, finished, 10, resume=True)
    assert not (finished / "summary.json").exists()


@pytest.mark.slow
def test_a_checkpoint_of_before_conditions_were_stored_tells_of_one_stretch(
    small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    stop(tiny, small_set, tmp_path, 6)
    change_state(tmp_path, provenance=None)
    summary = run_whole(tiny, small_set, tmp_path, resume=True)
    assert "stretches" not in summary and summary["provenance"]["device"] == "cpu"


T4 = {"device": "NVIDIA T4"}


@pytest.mark.parametrize(
    "stretches",
    [
        None,
        [],
        {},
        [3],
        [{}],
        [{"from_step": 0}],
        [{"from_step": 0, "provenance": None}],
        [{"from_step": "0", "provenance": T4}],
        [{"from_step": False, "provenance": T4}],
        [{"from_step": 3, "provenance": T4}],
        [{"from_step": 0, "provenance": T4}, {"from_step": 0, "provenance": T4}],
        [{"from_step": 0, "provenance": T4}, {"from_step": 12, "provenance": T4}],
    ],
    ids=repr,
)
def test_made_up_stretches_are_damage(
    finished: Path, whole: Path, small_set: Path, tiny: RunConfig, stretches: object
) -> None:
    change_state(finished, stretches=stretches)
    with pytest.warns(UserWarning, match=r"stretches in state\.json .*The one before it is used"):
        run_whole(tiny, small_set, finished, resume=True)
    assert_same_run(finished, whole)
