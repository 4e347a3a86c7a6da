"""Judge of a submission's evidence, as the cells of a judge notebook call it.

It runs no student's code and imports no torch: it reads what came out of the sandbox and what the
reference gives, and compares them. Each cell judges one part of one question and shows a line and a
bundle of `MIME`, which nbval holds against what a right answer shows.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.grading.comparison import explain
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.nbval_tolerance import MIME
from exposure_lab.course.grading.references import CaseReference, Reference
from exposure_lab.course.grading.wire import WireError, decode

EVIDENCE, REFERENCES, VERDICTS = "evidence.json", "references.json", "verdicts.json"
"""Files of a judge notebook: the references beside it, the others in a folder a submission."""

STOPPED = {
    "time": "Expected a result in time, but none came: look for a loop that never ends.",
    "memory": "Expected a result within the memory that there is, but it took more: look for a "
    "list or an array that grows.",
    "processes": "Expected a result in one process, but too many were started: call the function "
    "itself.",
    "output": "Expected a result of a size that can be read, but it was far larger: return what "
    "the exercise asks for, and print less.",
    "died": "Expected a result, but the answer ended Python itself: take out what exits or "
    "crashes.",
}
"""What a student is told where something stopped the worker."""


@dataclass(frozen=True)
class PartVerdict:
    """Verdict on one part of a question."""

    part: str
    right: bool
    sentence: str
    """Why it is wrong; empty where it is right."""
    calls: int
    """Calls of this part."""
    failed: int
    """Calls of this part that were not right."""


def judge_question(
    reference: Reference, evidence: Evidence, own: GradedQuestion | None = None
) -> list[PartVerdict]:
    """Judge the parts of a question by its evidence; a part is right if all its calls are.

    Args:
        reference: what the calls should give.
        evidence: what they gave.
        own: the question, where it judges its value itself.
    """
    if own is not None and (own.judge is not None or own.measure is not None):
        return _judge_by_the_question(reference, evidence, own)
    verdicts = []
    for part in reference.parts:
        pairs = [
            (expected, case)
            for expected, case in zip(reference.cases, evidence.cases, strict=True)
            if expected.part == part
        ]
        sentences = [_judge_case(reference, evidence, *pair) for pair in pairs]
        failed = [sentence for sentence in sentences if sentence is not None]
        right = bool(pairs) and not failed
        verdicts.append(
            PartVerdict(part, right, failed[0] if failed else "", len(pairs), len(failed))
        )
    return verdicts


def _judge_case(
    reference: Reference, evidence: Evidence, expected: CaseReference, case: CaseEvidence | None
) -> str | None:
    """Say why a call is not right; None where it is."""
    if sentence := _why_no_value(reference, evidence, case):
        return sentence
    assert case is not None
    try:
        got = decode(case.value)
    except WireError as error:
        return f"Expected {reference.what}, but got what cannot be read: {error}."
    mistakes = {cause: decode(value) for cause, value in expected.mistakes.items()}
    right = decode(expected.expected)
    if sentence := explain(got, right, reference.tolerance, reference.what, mistakes):
        return sentence
    if case.changed:
        return (
            "Expected the input to stay as it was, but the function changed it in place: make a "
            "new one."
        )
    return None


def _why_no_value(
    reference: Reference, evidence: Evidence, case: CaseEvidence | None
) -> str | None:
    if evidence.error is not None and (case is None or evidence.missing):
        return f"Expected the answer's cell to run, but it raised {evidence.error}."
    if evidence.missing:
        return (
            f"Expected {reference.what}, but the answer's cell defines no such name: keep the name "
            "that the exercise gives."
        )
    if case is None:
        return STOPPED.get(str(evidence.limit), STOPPED["died"])
    if case.raised == "NotImplementedError":  # the line that the exercise was handed out with
        return "Expected a result, but the function is still to be written."
    if case.raised is not None:
        return (
            f"Expected a result, but the function raised {case.raised}: call it yourself to see "
            "the line."
        )
    return None


def _judge_by_the_question(
    reference: Reference, evidence: Evidence, own: GradedQuestion
) -> list[PartVerdict]:
    """Let the question judge its value; whatever it cannot judge is wrong."""
    (case,) = evidence.cases
    sentence = _why_no_value(reference, evidence, case)
    verdicts: Mapping[str, str | None] = {}
    if sentence is None and case is not None:
        try:
            value = decode(case.value)
            if own.measure is not None:
                verdicts = own.measure(value, decode(reference.cases[0].expected))
            elif own.judge is not None:
                verdicts = own.judge(reference.variant, value)
        except Exception:  # a value so odd that the question's own judge stumbles over it
            sentence = f"Expected {reference.what}, but got a value of another kind."
    return [
        PartVerdict(part, wrong is None, wrong or "", 1, int(wrong is not None))
        for part in reference.parts
        for wrong in [verdicts.get(part, "") if sentence is None else sentence]
    ]


class Judge:
    """Evidence of one submission and the references, as a judge notebook opens them."""

    def __init__(self, folder: Path | str) -> None:
        """Read the evidence, and the references anew, so that no two submissions share any.

        Args:
            folder: of the submission, with `EVIDENCE`, in the one that holds `REFERENCES`.
        """
        self.folder = Path(folder)
        references = json.loads((self.folder.parent / REFERENCES).read_text(encoding="utf-8"))
        evidence = json.loads((self.folder / EVIDENCE).read_text(encoding="utf-8"))
        private = Path(references["questions_folder"]) if references["questions_folder"] else None
        own = {}
        if any(entry["own_judge"] for entry in references["questions"]):
            # Only here: the questions of all chapters are many files.
            from exposure_lab.course.graded.registry import graded_questions

            own = graded_questions(folder=private)
        found = {entry["question"]: Evidence.from_json(entry) for entry in evidence}
        self.verdicts: dict[str, list[PartVerdict]] = {}
        for entry in references["questions"]:
            reference = Reference.from_json(entry)
            question = own[reference.question] if reference.own_judge else None
            self.verdicts[reference.question] = judge_question(
                reference, found[reference.question], question
            )

    def show(self, question_id: str, number: int) -> None:
        """Show the verdict on a part of a question, the first being 1."""
        from IPython.display import display

        verdict = self.verdicts[question_id][number - 1]
        display(bundle(question_id, verdict), raw=True)

    def write(self) -> None:
        """Write all verdicts into the submission's folder, for the reasons that students read."""
        verdicts = {
            question: [asdict(verdict) for verdict in parts]
            for question, parts in self.verdicts.items()
        }
        text = json.dumps(verdicts, ensure_ascii=False, indent=1)
        (self.folder / VERDICTS).write_text(text, encoding="utf-8")


def bundle(question_id: str, verdict: PartVerdict) -> dict[str, Any]:
    """What a judging cell shows: a line, and how many calls of how many failed."""
    line = f"{question_id}, {verdict.part}: {'right.' if verdict.right else verdict.sentence}"
    share = verdict.failed / verdict.calls if verdict.calls else 1.0
    data = {"question": question_id, "part": verdict.part, "share_failed": share}
    return {"text/plain": line, MIME: data}
