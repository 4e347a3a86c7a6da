"""Pass over whole notebooks: what is run again, what pages show, and that marks stay."""

from pathlib import Path
from typing import Any

import pytest
from formative_class import FormativeClass
from made_up_batch import needs_sandbox
from parsed_html import parse, text
from typer.testing import CliRunner

from exposure_lab.cli.main import app
from exposure_lab.course.grading.formative import formative_pass as passing
from exposure_lab.course.grading.formative.formative_pass import (
    STAGES,
    formative_results,
    require_formative,
)
from exposure_lab.course.grading.formative.result import (
    FORMATIVE,
    Formative,
    Stop,
    read_formative,
    write_formative,
)
from exposure_lab.course.grading.grade import grade
from exposure_lab.course.grading.gradebook.pages import student_page_path
from exposure_lab.course.grading.record import Record, list_records, write_record
from exposure_lab.errors import GradingError, ParallelError

WRONG = "def scale(x):\n    return x"


@pytest.fixture
def small(tmp_path: Path) -> FormativeClass:
    return FormativeClass(tmp_path)


def quiet(*_said: Any) -> None:
    """Take what a grading says and shows."""


def page(small: FormativeClass, student: str) -> str:
    path = small.batch.root / student_page_path(student)
    return text(parse(path.read_text(encoding="utf-8")))


@needs_sandbox
@pytest.mark.slow
def test_a_grading_runs_whole_notebooks_only_where_asked(small: FormativeClass) -> None:
    small.hand_in_right("anna")
    small.hand_in("ben", WRONG, "squared = <b>1</b>")
    assert grade(small.request(), quiet, quiet).formative is None
    assert list(small.batch.root.rglob(FORMATIVE)) == []
    assert "whole notebook" not in page(small, "anna")
    before = {path: path.read_bytes() for path in small.batch.root.rglob("record.json")}
    graded = grade(small.request(formative=60), quiet, quiet)
    assert graded.formative is not None
    assert (graded.formative.run, graded.formative.to_their_end) == (2, 1)
    assert before == {path: path.read_bytes() for path in small.batch.root.rglob("record.json")}
    assert graded.written.with_problems == 0
    assert "It ran to its end in" in page(small, "anna")
    assert "01.scale: looked at" in page(small, "anna")
    words = page(small, "ben")
    assert "It stopped at code cell 5 of 6, your answer to 01.square, in its line 1," in words
    assert "SyntaxError" in words and "This earns or costs no marks." in words
    overview = text(parse((small.batch.root / "overview.html").read_text(encoding="utf-8")))
    assert (
        "Whole notebooks run for feedback: 2; to their end: 1. They stopped at the answer to "
        "01.square (1)." in overview
    )
    # What is there is shown by later runs, which ask for none.
    grade(small.request(), quiet, quiet)
    assert "It ran to its end in" in page(small, "anna")


@needs_sandbox
@pytest.mark.slow
def test_only_new_answers_are_run_again_and_old_results_are_not_shown(
    small: FormativeClass,
) -> None:
    small.hand_in_right("anna")
    small.grade()
    assert small.run().run == 1
    assert small.run().run == 0
    small.hand_in("anna", WRONG, "squared = 1")
    small.grade()
    assert formative_results(small.batch, list_records(small.batch.root)) == {}
    assert small.run().run == 1


@needs_sandbox
@pytest.mark.slow
def test_more_time_is_a_reason_and_several_processes_work(small: FormativeClass) -> None:
    small.hand_in_right("anna")
    small.hand_in_right("ben")
    small.grade()
    records = list_records(small.batch.root)
    first = passing.formative_pass(small.batch, records, 60.0, quiet, jobs=2)
    assert first == passing.FormativePass(2, 2)
    # Only what formative runs see has the package's own answers in it.
    answers = small.batch.root.rglob("exposure_lab/course")
    assert {path.relative_to(small.batch.root).parts[0] for path in answers} == {STAGES}
    result = small.result("anna")
    assert result is not None
    stopped = result.model_copy(update={"allowed": 2.0, "stop": Stop(cell=1, limit="time")})
    write_formative(small.batch.chapter("anna", "01"), stopped)
    assert small.run(2.0).run == 0
    assert small.run(60.0) == passing.FormativePass(1, 1)


@needs_sandbox
@pytest.mark.slow
def test_the_command_sums_up_and_its_exit_status_is_that_of_the_marks(
    small: FormativeClass,
) -> None:
    small.hand_in("ben", WRONG, "squared = nope")
    request = small.request()
    command = ["course", "grade", str(request.submissions), "--release", str(request.release)]
    command += ["--out", str(request.out), "--questions", str(request.questions)]
    done = CliRunner().invoke(app, [*command, "--formative", "60"])
    assert done.exit_code == 0, done.output
    assert "Whole notebooks run: 1; to their end: 0. No mark comes from them." in done.output
    assert "Whole notebooks" not in CliRunner().invoke(app, command).output


def blank(small: FormativeClass, student: str, **more: Any) -> Record:
    """Record of a grading whose answers are there."""
    settings = {"answers": "abc", "release": small.manifest.release, **more}
    record = Record.model_validate(
        {"student": student, "name": student, "chapter": "01", **settings}
    )
    folder = small.batch.chapter(student, "01")
    folder.mkdir(parents=True)
    (folder / "answers.json").write_text(
        '{"chapter": "01", "cells": [], "texts": {}, "remarks": {}}'
    )
    write_record(folder, record)
    return record


def test_what_fails_on_our_side_is_told_once_and_tried_again(
    small: FormativeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_folder: Path) -> Path:
        raise GradingError("Expected room for the package, but there is none: make some.")

    monkeypatch.setattr(passing, "stage", no_room)
    small.settings()
    records = [blank(small, student) for student in ("anna", "ben")]
    for _ in range(2):
        done = passing.formative_pass(small.batch, records, 9.0, quiet)
        assert (done.run, done.to_their_end) == (0, 0)
        assert done.sentences == (
            "No feedback on 2 whole notebooks: Expected room for the package, but there is none: "
            "make some.",
        )
    assert small.result("anna") is None


def test_a_process_that_dies_costs_feedback_alone(
    small: FormativeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_given: Any, **_more: Any) -> Any:
        raise ParallelError("Expected 2 processes, but one was ended: run with fewer --jobs.")

    monkeypatch.setattr(passing, "map_items", dying)
    done = passing.formative_pass(small.batch, [blank(small, "anna")], 9.0, quiet, jobs=2)
    assert done.run == 0
    assert done.sentences[0].startswith("No feedback on 1 whole notebook: Expected 2 processes")


def test_what_could_not_be_graded_is_not_run(small: FormativeClass) -> None:
    assert passing.formative_pass(small.batch, [blank(small, "a", answers="")], 9.0, quiet).run == 0
    nobody = Record(student="b", name="b", chapter="")
    assert passing.formative_pass(small.batch, [nobody], 9.0, quiet).run == 0


def test_packages_that_are_missing_are_named_before_anything_is_graded(
    small: FormativeClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "NEEDED", ("nbclient_of_nobody", "kernel_of_nobody"))
    with pytest.raises(GradingError, match="Expected nbclient_of_nobody and kernel_of_nobody for"):
        require_formative()
    with pytest.raises(GradingError, match=r'pip install "exposure-lab\[grade\]"'):
        grade(small.request(formative=9), quiet, quiet)
    assert not small.batch.root.exists()


def test_a_result_comes_back_and_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    result = Formative(
        answers="abc",
        release="r",
        allowed=60,
        seconds=1.5,
        cells=3,
        ran=1,
        stop=Stop(cell=2, kind="check", question="01.a", error="NameError: x"),
    )
    write_formative(tmp_path, result)
    assert read_formative(tmp_path) == result
    for damaged in ('{"answers": 5}', "{", '{"answers": "abc", "another": 1}'):
        (tmp_path / FORMATIVE).write_text(damaged)
        assert read_formative(tmp_path) is None
