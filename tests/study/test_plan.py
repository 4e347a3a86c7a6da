"""Plan of the study: what runs took, and what is left by the lengths of the runs."""

from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import make_claim, make_results

from exposure_lab.study import plan as plan_module
from exposure_lab.study.experiments import find_experiment
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import judge_all
from exposure_lab.study.plan import (
    Cost,
    PlannedRun,
    Settings,
    cost_of,
    pace_of,
    plan_runs,
    seeds_that_would_decide,
)
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
    rows = {once.settings: {"seconds": 60.0}}
    assert pace_of(runs, rows) == 60 / once.length
    # Left: one of the same length and two of the triple.
    assert cost_of(runs, rows, None) == Cost(4, 3, 60.0, pytest.approx(7 * 60))
    rows[thrice.settings] = {"seconds": 100.0}
    assert cost_of(runs, rows, None) == Cost(4, 2, 160.0, pytest.approx(4 * 40))


def test_an_experiment_that_has_not_begun_takes_the_pace_of_the_others(
    runs: list[PlannedRun],
) -> None:
    assert cost_of(runs, {}, None) == Cost(4, 4, 0, None)
    assert cost_of(runs, {}, 2.0).seconds_left == 2.0 * sum(run.length for run in runs)


def test_shared_runs_count_once(runs: list[PlannedRun]) -> None:
    same = [replace(run, experiment="another") for run in runs]
    assert cost_of([*runs, *same], {}, 1.0) == cost_of(runs, {}, 1.0)


def test_seeds_that_would_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = make_claim(), make_claim("clear", figure="update_norm")
    results = make_results(0.2, 0.6, claims=claims)
    write_results(tmp_path / "made-up.json", results, figures_of(results))
    known = {claim.id: claim for claim in claims}
    monkeypatch.setattr(plan_module, "judge_all", lambda folder: judge_all(folder, known))
    needed = judge_all(tmp_path, known)["bold-claim"].seeds_needed
    assert needed is not None
    assert seeds_that_would_decide(tmp_path) == {"made-up": needed}
