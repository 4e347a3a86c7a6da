"""Answer and check cells of a chapter's notebook, for the tests of its questions."""

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

    def cells_by_question(self, kind: str) -> dict[str, dict[str, Any]]:
        """Find all ``answer`` or ``check`` cells, by question id."""
        return {
            cell["metadata"]["exposure_lab"]["question"]: cell
            for cell in self.cells
            if kind in cell["metadata"].get("tags", [])
        }

    def solution(self, question: str) -> Any:
        """Run the answer cells up to this one and hand back what its check cell hands in."""
        names = dict(self.names)
        for name, cell in self.cells_by_question("answer").items():
            source = "".join(cell["source"])
            assert "### BEGIN SOLUTION" in source and "### END SOLUTION" in source
            exec(source, names)
            if name == question:
                break
        check = "".join(self.cells_by_question("check")[question]["source"])
        return names[check.rpartition(", ")[2].rstrip(")\n")]

    def passes_and_is_stored(self, question: str) -> None:
        """Assert that the solution is right and that the check cell holds its line."""
        line = verdict(question, self.solution(question))
        assert line.startswith(f"{question}: right")
        assert (
            "".join(self.cells_by_question("check")[question]["outputs"][0]["text"]) == line + "\n"
        )

    def agree_with(self, questions: Sequence[Any]) -> None:
        """Assert that cells and questions have the same ids and points."""
        answers, checks = self.cells_by_question("answer"), self.cells_by_question("check")
        points = {question.id: question.points for question in questions}
        assert set(answers) == set(checks) == set(points)
        for name, cell in answers.items():
            assert cell["id"] == f"answer-{name.replace('.', '-')}"
            assert cell["metadata"]["exposure_lab"]["points"] == points[name]
            assert cell["metadata"]["exposure_lab"]["tier"] == "A"
