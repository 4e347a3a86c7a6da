"""Student edition of a chapter: solutions out, variants in, prose for Colab, every cell marked.

What intake relies on is in the metadata ``exposure_lab``. The notebook names its release, chapter
and file, and says what `course check` needs of each question. An answer's cell has its question
and points, a check's its question, the cell of a text that a person marks ``written``, and every
other cell ``given``: what has none of these was added by the student.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat.v4 import new_markdown_cell

from exposure_lab.course.graded.question import WrittenQuestion
from exposure_lab.course.release.answer_code import first_code_line
from exposure_lab.course.release.exercise_cells import Assigned, hand_out, hand_out_check, id_of
from exposure_lab.course.release.links import Links, point_at_edition
from exposure_lab.errors import GradingError
from exposure_lab.publishing.colab_markdown import flatten
from exposure_lab.publishing.notebook_files import Cell, Notebook, tags

WRITE_HERE = "*Write here.*"


def make_edition(
    chapter: Notebook,
    file: str,
    assigned: Mapping[str, Assigned],
    written: Sequence[WrittenQuestion],
    links: Links,
    references: Mapping[str, str],
) -> Notebook:
    """Make the student edition of a chapter; the place of its release is left empty.

    Args:
        chapter: as committed, with solutions; it is only read.
        file: such as ``01_exposure.ipynb``.
        assigned: graded questions of the chapter by id; its other exercises earn no points.
        written: questions of the chapter that a person marks.
        links: where the edition can be opened.
        references: citation key to how the text names it.

    Raises:
        GradingError: a question without an exercise, edits that do not fit, or broken marks.
        ChapterError: a role or directive that has no plain form.
    """
    edition = copy.deepcopy(chapter)
    answers = {id_: cell for cell in edition.cells if (id_ := id_of(cell, "answer"))}
    for missing in assigned.keys() - answers.keys():
        raise GradingError(
            f"Expected an exercise for the graded question {missing} in {file}, but no cell "
            "answers it: add the exercise, or take the question out."
        )
    for question, cell in answers.items():
        hand_out(edition, question, cell, assigned.get(question))
    for cell in edition.cells:
        if cell.cell_type == "markdown":
            cell.source = point_at_edition(cell.source, file, links)
        elif checked := id_of(cell, "check"):
            hand_out_check(cell, checked, assigned.get(checked))
    for one in written:
        _insert_written(edition, one, file)
    plain = flatten(edition, file.removesuffix(".ipynb"), references)
    for cell in plain.cells:
        _clear(cell)
    plain.metadata["exposure_lab"] = {
        **plain.metadata.get("exposure_lab", {}),
        "release": "",
        "chapter": file[:2],
        "file": file,
        "questions": {id_: _describe(one) for id_, one in assigned.items()},
    }
    return plain


def _describe(one: Assigned) -> dict[str, Any]:
    """What `course check` needs to know of a question."""
    described = {"name": one.question.name, "variant": dict(one.variant)}
    return described | ({"private": True} if one.private else {})


def setup_of(chapter: Notebook, file: str) -> str:
    """Source of the cell with a chapter's imports, for the sandbox. Raises GradingError."""
    for cell in chapter.cells:
        if cell.cell_type == "code" and cell.get("id") == "imports":
            return str(cell.source)
    raise GradingError(
        f"Expected a code cell with the id imports in {file}, but there is none: give the cell "
        "with the chapter's imports this id."
    )


def starting_line(edition: Notebook, question: str) -> str:
    """First line of code that a question's cell holds in the edition."""
    cell = next(cell for cell in edition.cells if id_of(cell, "answer") == question)
    return first_code_line(cell.source)


def _insert_written(edition: Notebook, one: WrittenQuestion, file: str) -> None:
    """Insert prompt and answer cell behind the check that the question names, and its others."""
    ids = [id_of(cell, "check") for cell in edition.cells]
    if one.after not in ids:
        raise GradingError(
            f"Expected the check of {one.after} in {file}, behind which {one.id} is to stand, but "
            "there is none: name another question in `after`."
        )
    at = len(ids) - ids[::-1].index(one.after)
    while at < len(edition.cells) and edition.cells[at].id.startswith(("prompt-", "written-")):
        at += 1
    mark = one.id.replace(".", "-")
    of = f"{one.points} {'point' if one.points == 1 else 'points'}"
    prompt = f"**To answer in words.** {one.prompt.strip()} *({of}, which a person gives)*"
    edition.cells[at:at] = [
        _markdown(prompt, f"prompt-{mark}", {}),
        _markdown(WRITE_HERE, f"written-{mark}", {"exposure_lab": {"written": one.id}}),
    ]


def _markdown(source: str, name: str, metadata: dict[str, Any]) -> Cell:
    cell = new_markdown_cell(source, metadata=metadata)  # type: ignore[no-untyped-call]
    cell["id"] = name
    return cell


def _clear(cell: Cell) -> None:
    """Take outputs out of a cell, mark it, and keep only the tags that have a meaning here."""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    own = cell.metadata.get("exposure_lab", {})
    if not own.keys() & {"question", "written"}:
        cell.metadata["exposure_lab"] = {"given": True}
    kept = [tag for tag in tags(cell) if tag in ("answer", "check", "parameters", "hide-input")]
    if "answer" in kept:
        kept = ["answer"]  # a student's own code is not folded away
    cell.metadata.pop("tags", None)
    if kept:
        cell.metadata["tags"] = kept
