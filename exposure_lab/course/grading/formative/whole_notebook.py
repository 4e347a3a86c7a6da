"""Whole notebook of a student: the release's own, with the student's cells in their places.

Of the notebook that was handed in it holds code alone, so that no stored output, tag or metadata of
a stranger has a say. A cell that the student added stands before the answer that it stood before,
or behind everything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.grading.submissions.answers import Answers
from exposure_lab.course.grading.submissions.notebook import Cell, read_student_notebook
from exposure_lab.course.grading.submissions.roles import checked_question, defines, is_check
from exposure_lab.course.release.answer_code import first_code_line
from exposure_lab.course.release.manifest import STUDENT, Manifest


@dataclass(frozen=True)
class CodeCell:
    """Code cell of a whole notebook."""

    source: str
    kind: str
    """``given``, ``answer``, ``check``, or ``added`` by the student."""
    question: str = ""
    """Id of the question that it answers or checks."""


def rebuild(release: Path, manifest: Manifest, answers: Answers) -> list[CodeCell]:
    """List the code cells of a student's notebook as they are run; empty ones are left out.

    Args:
        release: folder that ``course release`` wrote.
        manifest: of that release.
        answers: what the student wrote in one of its chapters.

    Raises:
        GradingError: the release's notebook cannot be read.
    """
    chapter = next(one for one in manifest.chapters if one.number == answers.chapter)
    released = read_student_notebook(release / STUDENT / chapter.file).cells
    placed = _Placed(answers, [cell for cell in released if cell.kind == "code"])
    return [cell for cell in placed.cells() if cell.source.strip()]


class _Placed:
    """A student's cells among those of the release."""

    def __init__(self, answers: Answers, released: Sequence[Cell]) -> None:
        self._released = released
        self._answers: dict[str, str] = {}
        before: list[str] = []
        self._before = {"": before}
        """Question to the added cells before its answer; the empty one is the notebook's end."""
        for cell in answers.cells:
            if cell.question is None:
                before.append(cell.source)
            else:
                self._answers[cell.question] = cell.source
                self._before[cell.question], before = before, []
                self._before[""] = before

    def cells(self) -> list[CodeCell]:
        """All cells, in order."""
        # First, since an exercise may stand far before the place at which its cell is waiting.
        own = {place: self._adopt(cell) for place, cell in enumerate(self._released)}
        made = []
        for place, cell in enumerate(self._released):
            question = (cell.says("question") or "") if "answer" in cell.tags else ""
            if question:
                made += [CodeCell(source, "added") for source in self._before.pop(question, ())]
                source = self._answers.get(question, own[place] or cell.source)
                made.append(CodeCell(source, "answer", question))
            elif is_check(cell):
                made.append(CodeCell(cell.source, "check", checked_question(cell) or ""))
            else:
                made.append(CodeCell(cell.source, "given"))
        left = [source for sources in self._before.values() for source in sources]
        return [*made, *(CodeCell(source, "added") for source in left)]

    def _adopt(self, exercise: Cell) -> str | None:
        """Take the student's cell of an exercise without points, which counts as an added one.

        It is known by the exercise's first line, or by the name that its check asks for.
        """
        question = exercise.says("question")
        if "answer" not in exercise.tags or question is None or question in self._answers:
            return None
        line, name = first_code_line(exercise.source), self._name(question)
        for sources in self._before.values():
            for source in sources:
                lines = map(str.strip, source.splitlines())
                if (line not in ("", "...") and line in lines) or (
                    name and defines(Cell("code", source), name)
                ):
                    sources.remove(source)
                    return source
        return None

    def _name(self, question: str) -> str:
        """Name that the check of a question asks for; empty where it says none."""
        call = re.compile(rf"""check\(\s*["']{re.escape(question)}["'],\s*(\w+)""")
        found = (call.search(cell.source) for cell in self._released if is_check(cell))
        return next((match[1] for match in found if match), "")
