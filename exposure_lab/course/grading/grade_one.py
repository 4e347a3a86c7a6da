"""Grading of one chapter of one student: answers in the sandbox, evidence to the judge, marks."""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.batch_folder import (
    BatchFolder,
    BatchSettings,
    read_answers_file,
)
from exposure_lab.course.grading.chapter_references import (
    ChapterReferences,
    load_references,
    questions_of,
)
from exposure_lab.course.grading.evidence import Evidence, write_evidence
from exposure_lab.course.grading.judge import EVIDENCE, REFERENCES, VERDICTS
from exposure_lab.course.grading.judge_notebook import (
    Check,
    list_checks,
    run_judge_notebook,
    write_judge_notebook,
)
from exposure_lab.course.grading.record import (
    PartMark,
    QuestionMark,
    Record,
    WrittenMark,
    write_record,
)
from exposure_lab.course.grading.run_worker import run_worker
from exposure_lab.course.grading.submissions.answers import Answers
from exposure_lab.course.grading.trained.handed_in import handed_in_folder
from exposure_lab.course.grading.worker_job import worker_question
from exposure_lab.course.release.manifest import Manifest, read_manifest
from exposure_lab.course.release.student_edition import WRITE_HERE
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import write_json
from exposure_lab.provenance import provenance

ATTEMPTS = 2
"""Times that a grading which fails on our side is tried."""


@dataclass(frozen=True)
class Task:
    """One grading that is asked for: all that another process needs to do it."""

    grades: str
    """Folder of the batch."""
    blank: Record
    """Whose work it is, which chapter and the seed of its hidden inputs, without marks."""

    @property
    def folder(self) -> Path:
        """Folder of the grading."""
        batch = BatchFolder(Path(self.grades))
        return batch.chapter(self.blank.student, self.blank.chapter)


def grade_one(task: Task) -> Record:
    """Grade one chapter of one student and write the record.

    What fails on our side, twice, is noted in the record, so that the batch goes on and the student
    is not lost; such a record is graded again by the next run.
    """
    begun = time.monotonic()
    for _ in range(ATTEMPTS):
        try:
            record = _grade(task)
            break
        except GradingError as error:
            problem = f"Expected to grade chapter {task.blank.chapter}, but: {error}"
            problems = (*task.blank.problems, problem)
            record = task.blank.model_copy(update={"problems": problems, "answers": ""})
    record = record.model_copy(update={"seconds": round(time.monotonic() - begun, 2)})
    write_record(task.folder, record)
    return record


def _grade(task: Task) -> Record:
    batch = BatchFolder(Path(task.grades))
    settings = batch.begun()
    manifest = read_manifest(settings.release)
    references = load_references(
        batch.references_of(task.blank.seed),
        task.blank.chapter,
        manifest,
        task.blank.seed,
        settings.own_questions,
    )
    record, evidence = mark_answers(task, batch, settings, references)
    write_evidence(task.folder / EVIDENCE, evidence)
    return record


def mark_answers(
    task: Task, batch: BatchFolder, settings: BatchSettings, references: ChapterReferences
) -> tuple[Record, list[Evidence]]:
    """Run a student's answers, judge them, and give the record with the evidence behind it.

    Raises:
        GradingError: the sandbox does not start, or the judge does not come to an end.
    """
    manifest = read_manifest(settings.release)
    answers = read_answers_file(task.folder)
    beside = handed_in_folder(task.folder)
    evidence = run_answers(answers, references, manifest, settings, batch.stages, beside)
    passed, reasons = judge(evidence, references, settings.questions_folder)
    marks = {
        "questions": tuple(
            _mark(answers, one, references, manifest, passed, reasons) for one in evidence
        ),
        "written": tuple(
            WrittenMark(id=entry.id, points=entry.points, text=_written(answers, entry.id))
            for entry in manifest.written
            if entry.chapter == references.chapter
        ),
        "judged_by": references.judged_by,
        "release": manifest.release,
        "provenance": provenance(device="cpu", seed=task.blank.seed),
    }
    return task.blank.model_copy(update=marks), evidence


def run_answers(
    answers: Answers,
    references: ChapterReferences,
    manifest: Manifest,
    settings: BatchSettings,
    stages: Path,
    beside: Path | None = None,
) -> list[Evidence]:
    """Run a student's answers in the sandbox and give the evidence, in the order of the questions.

    Args:
        answers: of the chapter.
        references: of the same chapter, with the inputs.
        manifest: of the release.
        settings: of the batch.
        stages: folder of this batch's staged packages.
        beside: folder of the files that came with the notebook.

    Raises:
        GradingError: the sandbox does not start.
    """
    chapter = next(entry for entry in manifest.chapters if entry.number == references.chapter)
    questions = [
        worker_question(question, references.inputs[question.id], settings.seconds)
        for question in questions_of(references.chapter, manifest, settings.own_questions)
    ]
    found = run_worker(
        chapter.setup,
        answers.cells,
        questions,
        stages,
        sandboxed=settings.sandboxed,
        handed_in=beside,
    )
    return [found[reference.question] for reference in references.references]


def judge(
    evidence: Sequence[Evidence], references: ChapterReferences, questions_folder: str | None
) -> tuple[set[Check], dict[tuple[str, str], str]]:
    """Judge evidence through nbval.

    Returns:
        The checks that passed, and the sentence on each part, by question and part.

    Raises:
        GradingError: the judge did not come to an end.
    """
    with tempfile.TemporaryDirectory(prefix="exposure-lab-judge-") as name:
        folder = Path(name)
        write_evidence(folder / EVIDENCE, evidence)
        entries = [one.to_json() for one in references.references]
        write_json(
            folder / REFERENCES, {"questions_folder": questions_folder, "questions": entries}
        )
        write_judge_notebook(folder, references.references)
        passed = set(run_judge_notebook(folder, references.references))
        try:
            verdicts = json.loads((folder / VERDICTS).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GradingError(
                "Expected a verdict on every question, but the judge stumbled over what the "
                "answers gave: mark them by hand, and tell the makers of this program."
            ) from None
    reasons = {
        (question, verdict["part"]): verdict["sentence"]
        for question, parts in verdicts.items()
        for verdict in parts
    }
    return passed, reasons


def _mark(
    answers: Answers,
    evidence: Evidence,
    references: ChapterReferences,
    manifest: Manifest,
    passed: set[Check],
    reasons: Mapping[tuple[str, str], str],
) -> QuestionMark:
    entry = next(one for one in manifest.questions if one.id == evidence.question)
    checks = [one for one in list_checks(references.references) if one.question == entry.id]
    return QuestionMark(
        id=entry.id,
        tier=entry.tier,
        parts=tuple(
            PartMark(
                part=check.part,
                points=check.points,
                earned=check.points if check in passed else 0,
                reason="" if check in passed else reasons.get((entry.id, check.part), ""),
            )
            for check in checks
        ),
        printed=evidence.printed,
        limit=evidence.limit,
        remark=answers.remarks.get(entry.id, ""),
    )


def _written(answers: Answers, question: str) -> str:
    """Text that a student wrote; none where the cell is as it was handed out."""
    text = answers.texts.get(question, "")
    return "" if text.strip() == WRITE_HERE else text
