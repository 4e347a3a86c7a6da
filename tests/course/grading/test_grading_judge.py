"""The judge: parts earn points by their evidence alone, and nbval has the last word."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from made_up_questions import DOUBLE, LETTERS, SCALE

from exposure_lab.course.graded.question import Case, GradedQuestion
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.judge import EVIDENCE, REFERENCES, VERDICTS, judge_question
from exposure_lab.course.grading.judge_notebook import (
    NOTEBOOK,
    REPORT,
    list_checks,
    passed_checks,
    run_judge_notebook,
    write_judge_notebook,
)
from exposure_lab.course.grading.references import Prepared, Reference, prepare
from exposure_lab.course.grading.wire import decode, encode
from exposure_lab.errors import GradingError

VARIANT = {"factor": 3}
PROPERTIES = '<properties><property name="cell_id" value="check-01-double-1-0"/></properties>'


def evidence_of(question: GradedQuestion, prepared: Prepared, answer: Any) -> Evidence:
    """What a sandbox would tell of an answer that is run here."""
    if prepared.inputs is None:
        return Evidence(question.id, (CaseEvidence(encode(answer)),))
    cases = []
    for given in prepared.inputs:
        arguments = tuple(decode(argument, tensors=True) for argument in given)
        cases.append(CaseEvidence(encode(question.run(answer, Case("", arguments)))))
    return Evidence(question.id, tuple(cases))


def sentences(question: GradedQuestion, answer: Any) -> dict[str, str]:
    """Part to the sentence of the verdict on an answer; empty where it is right."""
    prepared = prepare(question, VARIANT, seed=1)
    evidence = evidence_of(question, prepared, answer)
    verdicts = judge_question(prepared.reference, evidence, question)
    assert all(verdict.right == (verdict.sentence == "") for verdict in verdicts)
    return {verdict.part: verdict.sentence for verdict in verdicts}


def test_right_answers_earn_every_part() -> None:
    assert sentences(SCALE, lambda values: 3 * values) == {
        "positive values": "",
        "negative values": "",
    }
    assert sentences(DOUBLE, 6.0) == {"the number": ""}
    assert sentences(LETTERS, {"C", "A"}) == {"every letter": ""}


def test_one_part_can_be_right() -> None:
    verdicts = sentences(SCALE, lambda values: np.maximum(values, 0) * 3)
    assert verdicts["positive values"] == ""
    assert verdicts["negative values"] == (
        "Expected the scaled values, but negative values were left out."
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda values: values * 4, "Expected the scaled values, but the values differ"),
        (lambda values: values / 3, "Expected the scaled values, but they were divided."),
        (lambda values: list(values), "as a numpy array, but got a list"),
        (lambda values: values[:1] * 3, "look at what each step does to the size"),
        (lambda values: values[None] * 3, "an axis is too many or too few"),
        (lambda values: values * np.nan, "finite numbers, but it holds NaN or infinity"),
        (lambda values: None, "but got nothing: is a `return` missing?"),
        (lambda values: "3", "as a numpy array, but got a text"),
        (lambda values: object(), "but got a value of type object"),
        (lambda values: values.astype(complex) * 3, "a value of type array of complex128"),
    ],
)
def test_wrong_answers_are_told_why(answer: Callable[[Any], Any], sentence: str) -> None:
    assert sentence in sentences(SCALE, answer)["positive values"]


@pytest.mark.parametrize("answer", [True, 7, "6", None, [6], {"six": 6}, float("nan")])
def test_wrong_values(answer: Any) -> None:
    assert sentences(DOUBLE, answer)["the number"] != ""


def test_an_answer_to_another_variant_is_wrong() -> None:
    assert sentences(DOUBLE, DOUBLE.reference({"factor": 4}))["the number"] != ""


@pytest.mark.parametrize("letters", [{"A"}, {"A", "B", "C"}, None, 5, ["A", {}]])
def test_a_question_that_judges_itself(letters: Any) -> None:
    assert sentences(LETTERS, letters)["every letter"] != ""


def test_hidden_inputs_are_those_of_the_seed() -> None:
    first, again, other = (prepare(SCALE, VARIANT, seed) for seed in (1, 1, 2))
    assert first == again
    assert first.inputs != other.inputs


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (Evidence("01.double", (None,), limit="time"), "look for a loop that never ends"),
        (Evidence("01.double", (None,), limit="memory"), "within the memory that there is"),
        (Evidence("01.double", (None,), limit="died"), "ended Python itself"),
        (Evidence("01.double", (None,), missing=True), "keep the name that the exercise gives"),
        (
            Evidence("01.double", (None,), missing=True, error="NameError: name 'x'"),
            "the answer's cell to run, but it raised NameError: name 'x'.",
        ),
        (
            Evidence("01.double", (CaseEvidence(raised="ValueError: no"),)),
            "the function raised ValueError: no",
        ),
        (Evidence("01.double", (CaseEvidence({"array": 3}),)), "got what cannot be read"),
        (Evidence("01.double", (CaseEvidence(raised="NotImplementedError"),)), "to be written"),
        (Evidence("01.double", (CaseEvidence(raised="NotImplementedError: x"),)), "raised NotI"),
        (Evidence("01.double", (CaseEvidence({"code": "x"}),)), "an unknown tag 'code'"),
        (Evidence("01.double", (CaseEvidence(6, changed=True),)), "changed it in place"),
    ],
)
def test_what_is_no_value_is_told(evidence: Evidence, sentence: str) -> None:
    reference = prepare(DOUBLE, VARIANT, 1).reference
    (verdict,) = judge_question(reference, evidence)
    assert not verdict.right
    assert sentence in verdict.sentence


def judge_in(folder: Path, answers: dict[str, Any]) -> list[Reference]:
    """Write a judge notebook for answers to the two comparing questions."""
    questions = [SCALE, DOUBLE]
    prepared = [prepare(question, VARIANT, 1) for question in questions]
    evidence = [
        evidence_of(question, one, answers[question.id]).to_json()
        for question, one in zip(questions, prepared, strict=True)
    ]
    references = [one.reference for one in prepared]
    data = {"questions_folder": None, "questions": [one.to_json() for one in references]}
    (folder / "0").mkdir()
    (folder / "0" / EVIDENCE).write_text(json.dumps(evidence))
    (folder / REFERENCES).write_text(json.dumps(data))
    write_judge_notebook(folder, references)
    return references


@pytest.mark.slow
def test_marks_come_from_nbval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def right_but_for_negative(values: Any) -> Any:
        return np.maximum(values, 0) * 3

    references = judge_in(tmp_path, {"01.scale": right_but_for_negative, "01.double": 6})
    # What lies beside the notebook configures nothing.
    (tmp_path / "conftest.py").write_text("raise SystemExit('read')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --deselect check-01-scale-2-0\n")
    # Nor does a kernel of a Python that is gone, which some program has called `python3`.
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    gone = {"argv": [str(tmp_path / "gone")], "display_name": "Gone", "language": "python"}
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps(gone))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    (passed,) = run_judge_notebook(tmp_path, references)
    assert [(check.question, check.part, check.points) for check in passed] == [
        ("01.scale", "positive values", 2),
        ("01.double", "the number", 1),
    ]
    verdicts = json.loads((tmp_path / "0" / VERDICTS).read_text())
    assert "left out" in verdicts["01.scale"][1]["sentence"]


@pytest.mark.slow
def test_the_judge_needs_no_torch(tmp_path: Path) -> None:
    references = judge_in(tmp_path, {"01.scale": lambda values: values * 3, "01.double": 6})
    notebook = nbformat.read(tmp_path / NOTEBOOK, as_version=4)
    assert all(cell.outputs for cell in notebook.cells[2:-1])
    probe = nbformat.v4.new_code_cell(
        "import sys\n\nassert 'torch' not in sys.modules", id="no-torch", execution_count=1
    )
    notebook.cells.append(probe)
    nbformat.write(notebook, tmp_path / NOTEBOOK)
    (passed,) = run_judge_notebook(tmp_path, references)
    assert len(passed) == 3
    (case,) = ElementTree.parse(tmp_path / REPORT).findall(".//property[@value='no-torch']/../..")
    assert case.find("failure") is None


@pytest.mark.parametrize(
    "inside", ["<failure/>", "<error/>", "<skipped/>", "<system-out>x</system-out>"]
)
def test_anything_but_a_clean_pass_earns_nothing(tmp_path: Path, inside: str) -> None:
    checks = list_checks([prepare(DOUBLE, VARIANT, 1).reference])
    report = tmp_path / REPORT
    report.write_text(f"<testsuite><testcase>{PROPERTIES}{inside}</testcase></testsuite>")
    assert passed_checks(report, checks) == []


@pytest.mark.parametrize("cases", ["", f"<testcase>{PROPERTIES}</testcase>" * 2])
def test_a_report_without_a_check_is_refused(tmp_path: Path, cases: str) -> None:
    checks = list_checks([prepare(DOUBLE, VARIANT, 1).reference])
    (tmp_path / REPORT).write_text(f"<testsuite>{cases}</testsuite>")
    with pytest.raises(GradingError, match=r"Expected one verdict on 01\.double, the number, but"):
        passed_checks(tmp_path / REPORT, checks)


def broken(values: Any) -> Any:
    raise ValueError("no such thing")


def test_a_reference_that_fails_is_refused() -> None:
    question = GradedQuestion(
        **{**SCALE.__dict__, "reference": lambda variant: broken, "mistakes": lambda variant: {}}
    )
    with pytest.raises(GradingError, match=r"reference of 01\.scale to run on its own inputs"):
        prepare(question, VARIANT, 1)
