"""What the tests of every chapter's questions share: the notebook's own answer and check cells."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exposure_lab.course.checks import verdict

BOOK = Path(__file__).parents[2] / "book"


class NotebookAnswers:
    """The answer and check cells of one chapter, by question."""

    def __init__(self, chapter: str, names: Mapping[str, Any]) -> None:
        """``names``: what the cells before the answers have imported or defined."""
        text = (BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8")
        self.cells: list[dict[str, Any]] = json.loads(text)["cells"]
        self.names = names

    def asked(self, kind: str) -> dict[str, dict[str, Any]]:
        """Question id to cell, of all the ``answer`` or ``check`` cells."""
        return {
            cell["metadata"]["exposure_lab"]["question"]: cell
            for cell in self.cells
            if kind in cell["metadata"].get("tags", [])
        }

    def solution(self, question: str) -> Any:
        """Run the answer cells up to this one and hand back what its check cell hands in."""
        names = dict(self.names)
        for name, cell in self.asked("answer").items():
            source = "".join(cell["source"])
            assert "### BEGIN SOLUTION" in source and "### END SOLUTION" in source
            exec(source, names)
            if name == question:
                break
        check = "".join(self.asked("check")[question]["source"])
        return names[check.rpartition(", ")[2].rstrip(")\n")]

    def passes_and_is_stored(self, question: str) -> None:
        """The solution is right, and the line that says so is what the check cell holds."""
        line = verdict(question, self.solution(question))
        assert line.startswith(f"{question}: right")
        assert "".join(self.asked("check")[question]["outputs"][0]["text"]) == line + "\n"

    def agree_with(self, questions: Sequence[Any]) -> None:
        """Cells and questions have the same ids and points."""
        answers, checks = self.asked("answer"), self.asked("check")
        points = {one.id: one.points for one in questions}
        assert set(answers) == set(checks) == set(points)
        for name, cell in answers.items():
            assert cell["id"] == f"answer-{name.replace('.', '-')}"
            assert cell["metadata"]["exposure_lab"]["points"] == points[name]
            assert cell["metadata"]["exposure_lab"]["tier"] == "A"
