"""Notebook inside the sandbox: which statements of its cells a question needs, and their run.

The answer's own cell runs whole. Of every other cell only that runs which binds a name that the
answer needs, directly or through another: a long training, a plot or an endless loop elsewhere in
the notebook costs this question nothing. The chapter's import cell is cut down in the same way,
which spares most answers matplotlib and many of them torch.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any


class Notebook:
    """Cells of a submission behind the chapter's own import cell."""

    MISSING = object()
    """Stands for an answer whose name no cell binds."""

    def __init__(self, job: dict[str, Any], statements: ModuleType) -> None:
        self._not_there = statements.NotThere
        self._setup = statements.Cell(job["setup"])
        self._cells = [statements.Cell(cell["source"], cell["question"]) for cell in job["cells"]]
        self._needed: dict[str, set[str]] = {}
        self._chosen: dict[str, set[Any]] = {}
        for question in job["questions"]:
            self._choose(question["id"], question["name"])

    @property
    def imports(self) -> set[str]:
        """Packages that the chosen statements import."""
        return {
            name for chosen in self._chosen.values() for each in chosen for name in each.imports
        }

    def run_setup(self) -> ModuleType:
        """Run what the answers need of the chapter's import cell; what fails is left out."""
        module = ModuleType("__main__")
        vars(module)["display"] = lambda *_values, **_options: None  # as every notebook has it
        needed: set[str] = set().union(*self._needed.values())
        for statement in _close(needed, self._setup.statements):
            try:
                statement.run(vars(module), needed)
            except Exception:
                continue  # an answer that uses the name will say that it is not there
        return module

    def run(self, question: str, name: str, namespace: dict[str, Any]) -> tuple[Any, Any]:
        """Run the statements that a question needs.

        Returns:
            What its name is bound to, or `MISSING`; and the first error of its own cell, or None.
        """
        found, error, answered = self.MISSING, None, False
        namespace.pop(name, None)  # the chapter may import what the student is to write
        for cell in self._cells:
            own = cell.question == question
            if own:
                error = error or cell.error
            for statement in cell.statements:
                if statement not in self._chosen[question]:
                    continue
                # A later cell serves another question: it may add names, but changes none.
                if answered and not own and statement.binds <= namespace.keys():
                    continue
                raised = self._try(statement, namespace, self._needed[question])
                error = error or raised if own else error
            if own:
                answered, found = True, namespace.get(name, found)
        return namespace.get(name, found) if found is self.MISSING else found, error

    def _try(
        self, statement: Any, namespace: dict[str, Any], needed: set[str]
    ) -> BaseException | None:
        try:
            statement.run(namespace, needed)
        except BaseException as error:  # a cell may raise SystemExit or an error of its own
            # A plot or a check that is called in passing is none of the answer.
            in_passing = statement.is_expression and isinstance(error, self._not_there)
            return None if in_passing else error
        return None

    def _choose(self, question: str, name: str) -> None:
        own = [s for cell in self._cells if cell.question == question for s in cell.statements]
        others = [
            statement
            for cell in self._cells
            if cell.question != question
            for statement in cell.statements
            if cell.question is not None or statement.is_plain
        ]
        needed = {name}.union(*(statement.mentions for statement in own))
        if any(statement.is_dynamic for statement in own):
            needed.add("*")
        self._chosen[question] = {*own, *_close(needed, others)}
        self._needed[question] = needed


def _close(needed: set[str], statements: Sequence[Any]) -> list[Any]:
    """Choose the statements that bind what is needed; what they mention is then needed too."""
    chosen: set[Any] = set()
    while True:
        variables = needed & {name for s in chosen if s.is_variable for name in s.binds}
        new = [s for s in statements if s not in chosen and _is_needed(s, needed, variables)]
        if not new:
            return [statement for statement in statements if statement in chosen]
        chosen.update(new)
        needed.update(*(statement.mentions for statement in new))


def _is_needed(statement: Any, needed: set[str], variables: set[str]) -> bool:
    """Whether it binds a needed name, may do so, or may change a variable by a method."""
    if statement.is_dynamic or "*" in needed or statement.binds & needed:
        return True
    return not statement.is_plain and bool(statement.mentions & variables)
