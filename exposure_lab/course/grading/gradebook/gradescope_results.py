"""Results for Gradescope: one ``results.json`` a submission, as an autograder leaves it there.

An autograder writes it to ``/autograder/results/results.json``; it knows its submission by the
``id`` in ``/autograder/submission_metadata.json``, after which the folders here are named. Source:
gradescope/autograder_samples, docs/specs.md at af5dee4 ("Output format").
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from exposure_lab.course.grading.batch_folder import folder_name
from exposure_lab.course.grading.gradebook.shown_text import cut, one_line, visible
from exposure_lab.course.grading.gradebook.standing import ChapterStanding, StudentStanding
from exposure_lab.course.grading.gradebook.uploads import Upload, lacking
from exposure_lab.course.grading.record import QuestionMark, WrittenMark

VISIBILITY = "after_published"
"""When students see a mark: once the instructor publishes the grades."""


def gradescope_results(students: Sequence[StudentStanding]) -> Upload | None:
    """Make the results of each submission; None where no student came from Gradescope.

    A group hands in one submission, whose result is that of its member whose points are lowest:
    members differ only by extensions of their own, and the sentence names such a group.
    """
    known = [one for one in students if one.ids.get("gradescope_id")]
    if not known:
        return None
    submissions: dict[str, list[StudentStanding]] = {}
    for student in known:
        submissions.setdefault(student.ids["gradescope_id"], []).append(student)
    files, uneven = {}, []
    for submission, group in submissions.items():
        lowest = min(group, key=lambda one: one.total)
        name = f"submission_{submission}" if submission.isdigit() else folder_name(submission)
        path = f"gradescope/{name}/results.json"
        text = json.dumps(_results(lowest), ensure_ascii=False, indent=1, allow_nan=False)
        files[path] = text.encode("utf-8", "replace").decode() + "\n"
        if any(one.total != lowest.total for one in group):
            uneven.append(submission)
    sentence = lacking(students, known, "Gradescope", "the number of a submission")
    if uneven:
        sentence += (
            f"{' ' if sentence else ''}Expected one total for all of a group, but the members of "
            f"submission {', '.join(map(one_line, uneven))} have other due dates: its file has the "
            "lowest, so enter the others on Gradescope by hand."
        )
    return Upload("Gradescope", len(known), files, sentence)


def _results(student: StudentStanding) -> dict[str, Any]:
    tests = [test for chapter in student.chapters for test in _tests(chapter)]
    results: dict[str, Any] = {
        "score": student.total,
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "visibility": VISIBILITY,
        "execution_time": round(sum(one.record.seconds for one in student.chapters)),
        "tests": tests,
    }
    if student.problems:
        results["output"] = "\n".join(one_line(problem, 500) for problem in student.problems)
        results["output_format"] = "text"
    return results


def _tests(chapter: ChapterStanding) -> Iterator[dict[str, Any]]:
    for question in chapter.record.questions:
        yield from _parts(question)
    for text in chapter.record.written:
        yield _written(text)
    if chapter.lateness:
        yield {
            "name": f"Chapter {chapter.record.chapter}: lateness",
            "status": "failed" if chapter.days_late else "passed",
            "output": chapter.lateness,
            "visibility": VISIBILITY,
        }


def _parts(question: QuestionMark) -> Iterator[dict[str, Any]]:
    for part in question.parts:
        yield {
            "name": f"{question.id}: {one_line(part.part)}",
            "score": part.earned,
            "max_score": part.points,
            "status": "passed" if part.earned == part.points else "failed",
            "output": cut(visible(part.reason), 1_000),
            "visibility": VISIBILITY,
        }


def _written(text: WrittenMark) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{text.id}: marked by a person",
        "max_score": text.points,
        "output": cut(visible(text.comment), 2_000),
        "visibility": VISIBILITY,
    }
    if text.mark is None:
        return test | {"score": 0, "output": test["output"] or "This answer waits for its mark."}
    return test | {"score": text.mark, "status": "passed"}
