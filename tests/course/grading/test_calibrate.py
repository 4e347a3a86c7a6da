"""Calibration: noise of machines and known mistakes, both in units of a question's tolerance."""

import dataclasses
import json
import sys
import venv
from collections.abc import Callable
from importlib.metadata import version
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
from exposure_lab.course.grading.wire import decode, encode
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


def other_python(folder: Path) -> Path:
    """Make an environment without packages; its interpreter is a link to this one."""
    venv.create(folder, symlinks=True, with_pip=False)
    return folder / "bin" / "python"


def packages_of(python: Path) -> Path:
    (folder,) = python.parent.parent.glob("lib/python*/site-packages")
    return folder


def error_of(python: Path) -> str:
    with pytest.raises(GradingError) as caught:
        calibrate(["01.scale"], [1], python=python, own=OWN_QUESTIONS)
    return str(caught.value)


@pytest.mark.slow
def test_another_interpreter_gives_the_same(tmp_path: Path) -> None:
    python = other_python(tmp_path / "other")
    here = [path for path in sys.path if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})" for path in here]
    (packages_of(python) / "these.pth").write_text("\n".join(lines))
    (one,) = calibrate(["01.scale"], [1, 2], python=python, own=OWN_QUESTIONS)
    assert one.noise == 0


def test_what_another_interpreter_gives_is_compared(tmp_path: Path) -> None:
    """Its values are a thousandth above ours: ten times the tolerance of 1e-4."""
    question = graded_questions("01", OWN_QUESTIONS)["01.scale"]
    (ours,) = module.reference_values(["01.scale"], [1], OWN_QUESTIONS)["01.scale"]
    values = {"01.scale": [[encode(1.001 * decode(value)) for value in ours]]}
    answer = json.dumps({"version": version("exposure-lab"), "values": values})
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\ncat <<'END'\nA library says hello.\n{answer}\nEND\n")
    python.chmod(0o755)
    (one,) = calibrate(["01.scale"], [1], python=python, own=OWN_QUESTIONS)
    assert one.noise == pytest.approx(0.001 / question.tolerance.relative, rel=0.2)


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    python = tmp_path / "python"
    assert error_of(python) == (
        f"Expected another Python at {python}, but the system says: No such file or directory: "
        "name the python of an environment that has this package."
    )
    python.touch()
    assert "the system says: Permission denied" in error_of(python)


def test_an_interpreter_without_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = other_python(tmp_path / "other")
    monkeypatch.chdir(Path(__file__).parents[3])  # a checkout is not installed by being here
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert error_of(python) == (
        f"Expected {python} to have this package, but it does not (ModuleNotFoundError: No module "
        f"named 'exposure_lab'): install exposure-lab {version('exposure-lab')} for it."
    )


def test_an_interpreter_with_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    python = other_python(tmp_path / "other")
    for name in ("exposure_lab", "exposure_lab-0.0.1.dist-info"):
        (packages_of(python) / name).mkdir()
    (packages_of(python) / "exposure_lab" / "__init__.py").touch()
    (packages_of(python) / "exposure_lab-0.0.1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: exposure-lab\nVersion: 0.0.1\n"
    )
    assert error_of(python) == (
        f"Expected exposure-lab {version('exposure-lab')} in {python}, but it has 0.0.1: install "
        "the same version, so that both ask the same questions."
    )


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'no torch here' >&2; exit 1", "it failed (no torch here): install exposure-lab"),
        ("exit 3", "it failed (it ended with 3): install exposure-lab"),
        ("echo hello", "to be a Python, but it printed something else: name the python"),
        ("echo '[1]'", "to be a Python, but it printed something else"),
        ("echo '{}'", "to be a Python, but it printed something else"),
    ],
)
def test_a_program_that_is_no_such_python(script: str, sentence: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    assert sentence in error_of(python)
