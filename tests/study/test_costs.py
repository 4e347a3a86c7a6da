"""Costs of the study: lengths of runs, what they took, and what is left."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from synthetic import make_claim, make_results

from exposure_lab.study import costs as costs_module
from exposure_lab.study.costs import Cost, costs_of, seeds_needed
from exposure_lab.study.experiments import find_experiment
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import judge_all
from exposure_lab.study.plan import PlannedRun, Settings, plan_runs
from exposure_lab.study.results import write_results


@pytest.fixture(scope="module")
def runs() -> list[PlannedRun]:
    """Two seeds of an experiment with one arm of triple length."""
    return plan_runs([find_experiment("longer")], Settings("smoke", seeds=2))


def test_a_run_is_as_long_as_the_pictures_that_it_trains_on(runs: list[PlannedRun]) -> None:
    once, thrice = runs[:2]
    training = once.config.training
    assert once.length == training.epochs * training.steps_per_epoch * training.batch_size
    assert thrice.length == 3 * once.length


def test_batches_of_other_sizes_are_as_long() -> None:
    runs = plan_runs([find_experiment("batch")], Settings("study", seeds=2))
    assert len({run.length for run in runs}) == 1


def test_an_epoch_of_all_pictures_counts_as_one() -> None:
    (run, *_) = plan_runs([find_experiment("longer")], Settings("report", seeds=2))
    assert run.config.training.steps_per_epoch == 0
    assert run.length == run.config.training.epochs


def test_what_is_left_is_counted_by_length(runs: list[PlannedRun]) -> None:
    once, thrice = runs[:2]
    rows: dict[str, dict[str, Any]] = {once.settings: {"seconds": 60.0}}
    # Left: one of the same length and two of the triple.
    expected = Cost(2, 4, 3, 60.0, pytest.approx(7 * 60))  # type: ignore[arg-type]
    assert costs_of(runs, rows) == ({"longer": expected}, expected)
    rows[thrice.settings] = {"seconds": 100.0}
    _, whole = costs_of(runs, rows)
    assert whole == Cost(2, 4, 2, 160.0, pytest.approx(4 * 40))  # type: ignore[arg-type]


def test_an_experiment_that_has_not_begun_takes_the_pace_of_the_others(
    runs: list[PlannedRun],
) -> None:
    other = plan_runs([find_experiment("skips")], Settings("smoke", seeds=2))[1:2]
    assert costs_of([*runs, *other], {})[1].seconds_left is None
    costs, whole = costs_of([*runs, *other], {runs[0].settings: {"seconds": 60.0}})
    assert costs["skips"].seconds_left == pytest.approx(60)
    assert whole.seconds_left == pytest.approx(8 * 60)


def test_shared_runs_count_once(runs: list[PlannedRun]) -> None:
    same = [replace(run, experiment="another") for run in runs]
    rows = {runs[0].settings: {"seconds": 60.0}}
    costs, whole = costs_of([*runs, *same], rows)
    assert costs["another"] == costs["longer"] == whole == costs_of(runs, rows)[1]


def test_seeds_that_would_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = make_claim(), make_claim("clear", figure="update_norm")
    results = make_results(0.2, 0.6, claims=claims)
    write_results(tmp_path / "made-up.json", results, figures_of(results))
    known = {claim.id: claim for claim in claims}
    monkeypatch.setattr(costs_module, "judge_all", lambda folder: judge_all(folder, known))
    needed = judge_all(tmp_path, known)["bold-claim"].seeds_needed
    assert needed is not None
    assert seeds_needed(tmp_path) == {"made-up": needed}
