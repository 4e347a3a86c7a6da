"""Judging of submissions to one chapter in one run of nbval, since most of a run is its start.

No student's code runs there. Each submission has evidence, references, cells and a judge of its
own; one that breaks the run is judged again alone, and so is every other that it took along.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from exposure_lab.course.grading.chapter_references import ChapterReferences
from exposure_lab.course.grading.evidence import Evidence, write_evidence
from exposure_lab.course.grading.judge import EVIDENCE, REFERENCES, VERDICTS
from exposure_lab.course.grading.judge_notebook import (
    Check,
    run_judge_notebook,
    write_judge_notebook,
)
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import write_json

Submissions = Sequence[Sequence[Evidence]]
"""Evidence of several submissions, each in the order of the questions."""


@dataclass(frozen=True)
class Judged:
    """What the judge says of a submission."""

    passed: frozenset[Check]
    reasons: Mapping[tuple[str, str], str]
    """Question and part to the sentence on it."""


def judge_submissions(
    submissions: Submissions, references: ChapterReferences, questions_folder: str | None
) -> list[Judged | GradingError]:
    """Judge the evidence of submissions through nbval.

    Args:
        submissions: to one chapter.
        references: of their chapter.
        questions_folder: folder of the instructor's own questions.

    Returns:
        A verdict a submission, or the error where its judge did not come to an end.
    """
    run = partial(_run, references, questions_folder)
    found: list[Judged | None] = [None] * len(submissions)
    if len(submissions) > 1:
        try:
            found = run(submissions)
        except GradingError:
            pass  # whoever broke the run does so again alone
    return [
        judged or _alone(evidence, run) for judged, evidence in zip(found, submissions, strict=True)
    ]


def _alone(
    evidence: Sequence[Evidence], run: Callable[[Submissions], list[Judged | None]]
) -> Judged | GradingError:
    try:
        (judged,) = run([evidence])
    except GradingError as error:
        return error
    return judged or GradingError(
        "Expected a verdict on every question, but the judge stumbled over what the answers gave: "
        "mark them by hand, and tell the makers of this program."
    )


def _run(
    references: ChapterReferences, questions_folder: str | None, submissions: Submissions
) -> list[Judged | None]:
    """Run one judge notebook; None for a submission that it gave no verdicts on.

    Raises:
        GradingError: nbval did not come to an end.
    """
    entries = [one.to_json() for one in references.references]
    with tempfile.TemporaryDirectory(prefix="exposure-lab-judge-") as name:
        folder = Path(name)
        folders = [folder / str(number) for number in range(len(submissions))]
        for own, evidence in zip(folders, submissions, strict=True):
            own.mkdir()
            write_evidence(own / EVIDENCE, evidence)
        write_json(
            folder / REFERENCES, {"questions_folder": questions_folder, "questions": entries}
        )
        write_judge_notebook(folder, references.references, len(submissions))
        passed = run_judge_notebook(folder, references.references, len(submissions))
        reasons = [_read_reasons(own / VERDICTS) for own in folders]
    return [
        None if why is None else Judged(frozenset(checks), why)
        for checks, why in zip(passed, reasons, strict=True)
    ]


def _read_reasons(path: Path) -> Mapping[tuple[str, str], str] | None:
    if not path.exists():
        return None
    verdicts = json.loads(path.read_text(encoding="utf-8"))
    return {
        (question, verdict["part"]): verdict["sentence"]
        for question, parts in verdicts.items()
        for verdict in parts
    }
