"""Calibration: noise of machines and known mistakes, both in units of a question's tolerance."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_course import OWN_QUESTIONS

from exposure_lab.course.graded.question import GradedQuestion, Tolerance
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading import calibrate as module
from exposure_lab.course.grading.calibrate import Calibration, calibrate
from exposure_lab.course.grading.comparison import deviation
from exposure_lab.errors import ConfigError, GradingError


def questions(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let there be one question, the scaling of the small course with some changes."""
    scale = graded_questions("01", OWN_QUESTIONS)["01.scale"]
    one: GradedQuestion = dataclasses.replace(scale, **changes)
    monkeypatch.setattr(module, "graded_questions", lambda *a, **k: {"01.scale": one})


def test_differences_are_in_units_of_the_tolerance() -> None:
    tolerance = Tolerance(relative=0.01, absolute=0.5)
    assert deviation(np.array([100.0, 0.0]), np.array([100.0, 1.0]), tolerance) == pytest.approx(
        1 / 0.51
    )
    assert deviation(103.0, 100.0, tolerance) == pytest.approx(2.0)
    assert deviation([1, 2], (1, 2), tolerance) == 0
    assert deviation("text", 1, tolerance) == float("inf")


def test_a_tolerance_with_room_on_both_sides_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    questions(monkeypatch)
    (one,) = calibrate(["01.scale"], [1, 2, 3])
    assert one.holds
    assert one.noise == 0
    assert one.nearest > 1000


def nearly(variant: Any) -> dict[str, Callable[[Any], Any]]:
    return {"it is a little off": lambda x: x * variant["factor"] * (1 + 5e-5)}


def test_a_mistake_within_the_tolerance_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    questions(monkeypatch, mistakes=nearly)
    (one,) = calibrate([], [1, 2])
    assert not one.holds
    assert one.hidden == ("it is a little off",)


def test_noise_above_the_tolerance_leads_to_a_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(100))

    def reference(variant: Any) -> Callable[[Any], Any]:
        factor = 1 + 5e-4 * (next(calls) % 2)
        return lambda x: x * variant["factor"] * factor

    questions(monkeypatch, reference=reference)
    (one,) = calibrate([], [1])
    assert one.noise == pytest.approx(5, rel=0.2)
    assert not one.holds
    assert one.proposal is not None
    assert 1e-3 < one.proposal.relative < 1


def test_nothing_is_proposed_where_it_holds() -> None:
    held = Calibration("01.scale", Tolerance(), 0.01, 100.0, "", ())
    assert held.holds
    assert held.proposal is None


def test_a_question_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match=r"Unknown question '01\.render'; did you mean"):
        calibrate(["01.render"], [1])


@pytest.mark.slow
def test_another_interpreter_gives_the_same() -> None:
    (one,) = calibrate(["01.scale"], [1, 2], python=Path(sys.executable), own=OWN_QUESTIONS)
    assert one.noise == 0


def test_an_interpreter_without_the_package(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named exposure_lab' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(GradingError, match="No module named exposure_lab"):
        calibrate(["01.scale"], [1], python=python, own=OWN_QUESTIONS)
