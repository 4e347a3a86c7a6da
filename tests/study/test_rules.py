"""When a run counts as finished. The rises are drawn by hand, not measured."""

from typing import Any

import pytest

from exposure_lab.errors import RunError
from exposure_lab.study.rules import rise_at_end, still_rising


def history(scores: dict[int, float]) -> list[dict[str, Any]]:
    """Rows as a run writes them: a step between two scores, which must not count."""
    rows: list[dict[str, Any]] = []
    for step, score in scores.items():
        rows.append({"kind": "step", "step": step, "l1": 0.1})
        rows.append({"kind": "epoch", "step": step, "val_psnr": score})
    return rows


def line(rise: float, steps: int = 100, epochs: int = 10) -> dict[int, float]:
    """Scores that rise by so many dB over the whole run."""
    return {i * steps // epochs: 15 + rise * i / epochs for i in range(epochs + 1)}


@pytest.mark.parametrize("epochs", [5, 7, 10, 150])
def test_a_straight_line_rises_by_a_fifth_of_itself(epochs: int) -> None:
    assert rise_at_end(history(line(3.0, steps=10 * epochs, epochs=epochs))) == pytest.approx(0.6)


def test_five_epochs_are_judged_by_the_last_two_scores() -> None:
    scores = {0: 9.0, 20: 13.0, 40: 15.0, 60: 12.0, 80: 16.0, 100: 16.25}
    assert rise_at_end(history(scores)) == pytest.approx(0.25)


def test_what_came_before_the_last_fifth_does_not_count() -> None:
    scores = {step: 10.0 + step for step in range(0, 80, 10)} | {80: 20.0, 90: 20.0, 100: 20.0}
    assert rise_at_end(history(scores)) == pytest.approx(0, abs=1e-9)


def test_one_unlucky_score_at_the_end_does_not_finish_a_run() -> None:
    scores = line(5.0, steps=500, epochs=50)
    scores[500] = scores[400]  # as high as a fifth before
    assert still_rising(history(scores))


@pytest.mark.parametrize(
    ("rise", "expected"), [(0.5, True), (0.51, True), (0.49, False), (0.0, False), (-3.0, False)]
)
def test_a_tenth_of_a_decibel_is_the_limit(rise: float, expected: bool) -> None:
    assert still_rising(history(line(rise))) is expected


def test_scores_at_uneven_steps() -> None:
    # From step 60, the last score before the final fifth, to 100: 0.4 dB in 40 of 100 steps.
    assert rise_at_end(history({0: 1.0, 60: 18.0, 100: 18.4})) == pytest.approx(0.2)


def test_scores_that_begin_late_are_judged_from_the_first() -> None:
    assert rise_at_end(history({90: 18.0, 100: 18.2})) == pytest.approx(0.4)


def test_one_epoch_is_judged_from_its_start() -> None:
    assert rise_at_end(history({0: 10.0, 50: 15.0})) == pytest.approx(1.0)


@pytest.mark.parametrize("scores", [{}, {0: 9.0}])
def test_a_run_without_two_scores_is_refused(scores: dict[int, float]) -> None:
    with pytest.raises(RunError, match="at least twice"):
        still_rising(history(scores))
