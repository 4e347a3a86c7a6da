"""References of a chapter on the disk: computed once a round, read by every grading in it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exposure_lab.course import graded
from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.grading import trained
from exposure_lab.course.grading.references import Reference, prepare
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.fingerprints import digest, tree_digest, versions

LIBRARIES = ("exposure-lab", "numpy", "torch", "scikit-image")
"""Packages whose versions can change what a reference gives."""


@dataclass(frozen=True)
class ChapterReferences:
    """What the answers of one chapter are run on and held against in a round."""

    chapter: str
    judged_by: str
    """Hash over questions, variants, seed and versions: marks of another hash may differ."""
    inputs: dict[str, list[list[Any]] | None]
    references: tuple[Reference, ...]


def load_references(
    folder: Path, chapter: str, manifest: Manifest, seed: int, own: Path | None
) -> ChapterReferences:
    """Read a chapter's references, or compute them where questions or the seed are others.

    Args:
        folder: of the round's references.
        chapter: its number.
        manifest: of the release, which holds the variants.
        seed: of this round.
        own: folder of the instructor's own questions.

    Raises:
        GradingError: a question of the release is not there any more, or its reference fails.
    """
    judged_by = judged_by_now(chapter, manifest, seed, own)
    path = folder / f"{chapter}.json"
    if path.exists() and (found := read_references(folder, chapter)).judged_by == judged_by:
        return found
    questions = questions_of(chapter, manifest, own)
    variants = {entry.id: entry.variant for entry in manifest.questions}
    prepared = [prepare(question, variants[question.id], seed) for question in questions]
    data = {
        "judged_by": judged_by,
        "inputs": {one.reference.question: one.inputs for one in prepared},
        "questions": [one.reference.to_json() for one in prepared],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, data)
    return _from_json(chapter, json.loads(json.dumps(data)))


def read_references(folder: Path, chapter: str) -> ChapterReferences:
    """Read a chapter's references as they were computed, whatever has changed since.

    Raises:
        FilesError: there are none.
    """
    return _from_json(chapter, read_json_object(folder / f"{chapter}.json"))


def questions_of(chapter: str, manifest: Manifest, own: Path | None) -> list[GradedQuestion]:
    """List a chapter's graded questions as the release asks them.

    Raises:
        GradingError: this package, or the instructor's folder, has one of them no more.
    """
    known = graded_questions(chapter, own)
    asked = [entry.id for entry in manifest.questions if entry.chapter == chapter]
    if gone := [name for name in asked if name not in known]:
        raise GradingError(
            f"Expected the question {gone[0]} of the release, but it is not there: grade with the "
            "version of the package that made the release, and with its folder of questions."
        )
    return [known[name] for name in asked]


def _from_json(chapter: str, data: dict[str, Any]) -> ChapterReferences:
    references = tuple(Reference.from_json(entry) for entry in data["questions"])
    return ChapterReferences(chapter, data["judged_by"], data["inputs"], references)


def judged_by_now(chapter: str, manifest: Manifest, seed: int, own: Path | None) -> str:
    """Hash over all that a chapter's marks depend on but the answers, as it is installed now.

    Raises:
        GradingError: a question of the release is not there any more.
    """
    questions = questions_of(chapter, manifest, own)
    sources = [_digest_of(Path(str(graded.__file__)).parent, chapter)]
    if own is not None:
        sources.append(_digest_of(own, chapter))
    if any(one.measure is not None for one in questions):
        sources.append(tree_digest(Path(str(trained.__file__)).parent))  # with the thresholds
    sources += [tree_digest(folder) for one in questions for folder in one.reads]
    variants = [entry.variant for entry in manifest.questions if entry.chapter == chapter]
    return digest(sources, variants, seed, versions(LIBRARIES))[:16]


def _digest_of(folder: Path, chapter: str) -> str:
    """Hash of a folder's questions of a chapter, and of what all chapters' questions share."""
    files = folder.glob("*.py")
    mine = [p for p in files if not p.stem.startswith("ch") or p.stem.startswith(f"ch{chapter}")]
    return tree_digest(folder, mine)
