"""Curves of the study: a line an arm, the mean of its seeds; a sentence where nothing was run."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from exposure_lab.notebook.ledger_curves import mean_curve, study_curves
from exposure_lab.notebook.quotes import QuotedFigure
from exposure_lab.study.results import Results, write_results


def make_results() -> Results:
    rows = [
        {
            "arm": arm,
            "seed": seed,
            "scores": {},
            "run": {},
            "curve": {
                "loss": [4.0 * seed, 2.0 * seed],
                "first_epoch": [8.0, 6.0, 4.0],
                "val_psnr": [12.0, 18.0, 20.0],
            },
        }
        for arm in ("once", "thrice")
        for seed in (1, 2)
    ]
    baseline = {"arm": "identity", "seed": 0, "scores": {}, "run": {}, "curve": {}}
    return Results("made-up", "study", "", {}, rows=[*rows, baseline])


def test_a_curve_is_the_mean_over_the_seeds() -> None:
    assert mean_curve(make_results(), "once", "loss") == ([0.0, 1.0], [6.0, 3.0])


def test_three_panels_with_a_line_for_each_arm_that_was_trained(tmp_path: Path) -> None:
    write_results(tmp_path / "made-up.json", make_results(), {})
    figure = study_curves("made-up", folder=tmp_path)
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 3
    for axis in figure.axes:
        assert [line.get_label() for line in axis.get_lines()] == ["once", "thrice"]
    assert figure.axes[0].get_lines()[0].get_ydata() == pytest.approx([6.0, 3.0])


def test_chosen_arms_with_names_of_their_own(tmp_path: Path) -> None:
    write_results(tmp_path / "made-up.json", make_results(), {})
    figure = study_curves("made-up", {"thrice": "three times"}, tmp_path)
    assert isinstance(figure, Figure)
    assert [line.get_label() for line in figure.axes[2].get_lines()] == ["three times"]


def test_an_experiment_that_was_not_run(tmp_path: Path) -> None:
    quoted = study_curves("made-up", folder=tmp_path)
    assert isinstance(quoted, QuotedFigure)
    assert str(quoted) == "made-up.loss: not run yet"


def test_an_experiment_of_which_one_arm_was_run_so_far(tmp_path: Path) -> None:
    results = make_results()
    results.rows = [row for row in results.rows if row["arm"] == "once"]
    write_results(tmp_path / "made-up.json", results, {})
    figure = study_curves("made-up", {"once": "one", "thrice": "three"}, tmp_path)
    assert isinstance(figure, Figure)
    assert [line.get_label() for line in figure.axes[0].get_lines()] == ["one"]
    quoted = study_curves("made-up", {"thrice": "three"}, tmp_path)
    assert str(quoted) == "made-up.loss: not run yet"
