"""Grading of one chapter of one student: answers in the sandbox, evidence to the judge, marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.batch_folder import (
    BatchFolder,
    BatchSettings,
    read_answers_file,
)
from exposure_lab.course.grading.chapter_references import ChapterReferences, questions_of
from exposure_lab.course.grading.evidence import Evidence
from exposure_lab.course.grading.judge_notebook import list_checks
from exposure_lab.course.grading.judge_together import Judged, judge_submissions
from exposure_lab.course.grading.record import PartMark, QuestionMark, Record, WrittenMark
from exposure_lab.course.grading.run_worker import run_worker
from exposure_lab.course.grading.submissions.answers import Answers
from exposure_lab.course.grading.trained.handed_in import handed_in_folder
from exposure_lab.course.grading.worker_job import worker_question
from exposure_lab.course.release.manifest import Manifest, read_manifest
from exposure_lab.course.release.student_edition import WRITE_HERE
from exposure_lab.errors import GradingError
from exposure_lab.provenance import provenance


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


def mark_answers(
    task: Task, batch: BatchFolder, settings: BatchSettings, references: ChapterReferences
) -> Record:
    """Run a student's answers, judge them, and give the record; nothing is written.

    Raises:
        GradingError: the sandbox does not start, or the judge does not come to an end.
    """
    evidence = run_answers(task, batch, settings, references)
    (judged,) = judge_submissions([evidence], references, settings.questions_folder)
    if isinstance(judged, GradingError):
        raise judged
    return make_record(task, evidence, judged, references, settings)


def make_record(
    task: Task,
    evidence: Sequence[Evidence],
    judged: Judged,
    references: ChapterReferences,
    settings: BatchSettings,
) -> Record:
    """Make the record of a grading from the evidence and what the judge says of it."""
    manifest = read_manifest(settings.release)
    answers = read_answers_file(task.folder)
    marks = {
        "questions": tuple(_mark(answers, one, references, manifest, judged) for one in evidence),
        "written": tuple(
            WrittenMark(id=entry.id, points=entry.points, text=_written(answers, entry.id))
            for entry in manifest.written
            if entry.chapter == references.chapter
        ),
        "judged_by": references.judged_by,
        "release": manifest.release,
        "provenance": provenance(device="cpu", seed=task.blank.seed),
    }
    return task.blank.model_copy(update=marks)


def run_answers(
    task: Task, batch: BatchFolder, settings: BatchSettings, references: ChapterReferences
) -> list[Evidence]:
    """Run a student's answers in the sandbox and give the evidence, in the order of the questions.

    Raises:
        GradingError: the sandbox does not start.
    """
    manifest = read_manifest(settings.release)
    chapter = next(entry for entry in manifest.chapters if entry.number == references.chapter)
    questions = [
        worker_question(question, references.inputs[question.id], settings.seconds)
        for question in questions_of(references.chapter, manifest, settings.own_questions)
    ]
    found = run_worker(
        chapter.setup,
        read_answers_file(task.folder).cells,
        questions,
        batch.stages,
        sandboxed=settings.sandboxed,
        handed_in=handed_in_folder(task.folder),
    )
    return [found[reference.question] for reference in references.references]


def _mark(
    answers: Answers,
    evidence: Evidence,
    references: ChapterReferences,
    manifest: Manifest,
    judged: Judged,
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
                earned=check.points if check in judged.passed else 0,
                reason=(
                    "" if check in judged.passed else judged.reasons.get((entry.id, check.part), "")
                ),
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
