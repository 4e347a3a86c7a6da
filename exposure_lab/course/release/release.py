"""Release of a course: every chapter's student edition, the handouts, and the manifest."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import nbformat

from exposure_lab.course.graded.question import GradedQuestion, Variant
from exposure_lab.course.graded.registry import (
    graded_questions,
    private_questions,
    written_questions,
)
from exposure_lab.course.release.choice import choose_chapters, student_file
from exposure_lab.course.release.exercise_cells import Assigned
from exposure_lab.course.release.handouts import write_assistants, write_readme
from exposure_lab.course.release.links import Links
from exposure_lab.course.release.manifest import (
    RELEASE,
    Manifest,
    ManifestChapter,
    ManifestQuestion,
    ManifestWritten,
    Tolerance,
    content_hash,
)
from exposure_lab.course.release.student_edition import make_edition, setup_of, starting_line
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import parse_json
from exposure_lab.provenance import commit
from exposure_lab.publishing.myst_roles import read_references
from exposure_lab.publishing.notebook_files import Notebook, read_notebook


class Release(NamedTuple):
    """What students get, and the instructor's private part."""

    manifest: Manifest
    files: dict[str, str]
    """Name of each file for students to its text."""


class _Edition(NamedTuple):
    """Student edition of a chapter, and its entries in the manifest."""

    text: str
    chapter: ManifestChapter
    questions: tuple[ManifestQuestion, ...]
    written: tuple[ManifestWritten, ...]


@dataclass(frozen=True)
class Course:
    """What a release is made of: the same course gives the same release, to the byte."""

    book: Path
    """Folder of the committed chapters."""
    seed: int
    """Draws the variants."""
    chapters: Sequence[str] = ()
    """See `choice.choose_chapters`."""
    questions: Path | None = None
    """Folder of an instructor's own questions."""
    published: str | None = None
    """Address of the GitHub folder in which students find the notebooks."""

    def release(self) -> Release:
        """Make the release.

        Raises:
            GradingError: no book there, or questions that do not fit it.
            ConfigError: a chapter that the book does not have, or no GitHub folder.
            ChapterError: a chapter whose text has no plain form.
        """
        links = Links.of(self.seed, self.published)
        chosen = choose_chapters(self.book, self.chapters, self.questions)
        editions = [self._make_edition(path, links) for path in chosen]
        manifest = Manifest(
            seed=self.seed,
            version=version("exposure-lab"),
            commit=commit(),
            chapters=tuple(edition.chapter for edition in editions),
            questions=tuple(entry for edition in editions for entry in edition.questions),
            written=tuple(entry for edition in editions for entry in edition.written),
        ).sealed()
        mark = rf"\g<1>{manifest.release}\2"
        files = {one.chapter.file: RELEASE.sub(mark, one.text) for one in editions}
        files["README.md"] = write_readme(manifest, links)
        files["ASSISTANTS.md"] = write_assistants(manifest)
        return Release(manifest, files)

    @cached_property
    def _references(self) -> dict[str, str]:
        bibliography = self.book / "references.bib"
        return read_references(bibliography) if bibliography.is_file() else {}

    def _make_edition(self, path: Path, links: Links) -> _Edition:
        file = student_file(path)
        number = file[:2]
        chapter = read_notebook(path)
        private = private_questions(self.questions)
        assigned = {
            id_: Assigned(question, draw_variant(question, self.seed), id_ in private)
            for id_, question in graded_questions(number, self.questions).items()
        }
        written = list(written_questions(number, self.questions).values())
        notebook = make_edition(chapter, file, assigned, written, links, self._references)
        text = _to_text(notebook)
        return _Edition(
            text,
            ManifestChapter(
                file=file,
                number=number,
                title=_title(chapter, file),
                sha256=content_hash(text),
                setup=setup_of(chapter, file) if assigned else "",
            ),
            tuple(_enter(one, notebook) for one in assigned.values()),
            tuple(
                ManifestWritten(
                    id=one.id,
                    chapter=number,
                    cell_id=f"written-{one.id.replace('.', '-')}",
                    points=one.points,
                )
                for one in written
            ),
        )


def draw_variant(question: GradedQuestion, seed: int) -> Variant:
    """Draw the variant of a release, as it comes back from the manifest.

    Raises:
        GradingError: it holds what JSON does not.
    """
    variant = question.variant(seed)
    try:
        carried: Variant = parse_json(json.dumps(dict(variant), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise GradingError(
            f"Expected a variant of plain numbers, texts and lists from {question.id}, but "
            f"{error}: mend its `draw`, as by int() or float()."
        ) from error
    return carried


def _enter(one: Assigned, edition: Notebook) -> ManifestQuestion:
    question = one.question
    return ManifestQuestion(
        id=question.id,
        chapter=question.chapter,
        cell_id=f"answer-{question.id.replace('.', '-')}",
        name=question.name,
        points=question.points,
        tier=question.tier,
        parts=dict(question.parts),
        variant=dict(one.variant),
        stub=starting_line(edition, question.id),
        leaves_out=question.leaves_out,
        tolerance=Tolerance.of(question.tolerance),
    )


def _to_text(notebook: Notebook) -> str:
    """Notebook as Jupyter writes it: keys sorted, one space of indent, a final newline."""
    text: str = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def _title(chapter: Notebook, file: str) -> str:
    """First heading of a chapter, without a number."""
    for cell in chapter.cells:
        if cell.cell_type == "markdown" and (match := re.search(r"^# (.+)$", cell.source, re.M)):
            return re.sub(r"^\d+\. ", "", match[1].strip())
    return file.removesuffix(".ipynb")
