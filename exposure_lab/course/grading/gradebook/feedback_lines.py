"""Feedback in a few lines, for the course's own system: what was lost and why."""

from exposure_lab.course.grading.gradebook.shown_text import one_line
from exposure_lab.course.grading.gradebook.standing import ChapterStanding, StudentStanding

LONGEST_LINE = 500


def feedback_lines(student: StudentStanding) -> list[str]:
    """Say chapter by chapter what was earned, where points were lost and what persons wrote."""
    lines = []
    for chapter in student.chapters:
        lines += _chapter_lines(chapter)
    lines += student.problems
    return [one_line(line, LONGEST_LINE) for line in lines]


def _chapter_lines(chapter: ChapterStanding) -> list[str]:
    record = chapter.record
    lines = [f"Chapter {record.chapter}: {chapter.total:g} of {chapter.possible} points."]
    lines += [chapter.lateness] if chapter.lateness else []
    for question in record.questions:
        for part in question.parts:
            if part.earned < part.points:
                lost = f"{part.earned} of {part.points}"
                lines.append(f"{question.id}, {part.part}: {lost}. {part.reason}")
    for text in record.written:
        mark = "waits for a mark" if text.mark is None else f"{text.mark:g} of {text.points}"
        if text.mark is not None or text.text.strip():
            lines.append(f"{text.id}: {mark}. {text.comment}")
    return lines
