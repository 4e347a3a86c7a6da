"""Collection: from what an instructor downloaded to one submission a student, nobody lost.

Whatever is odd about a file becomes a sentence in its student's submission. Only a download that
cannot be read at all is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from exposure_lab.course.grading.submissions.answers import read_answers
from exposure_lab.course.grading.submissions.attempts import Candidate, choose
from exposure_lab.course.grading.submissions.file_names import notebook_stem
from exposure_lab.course.grading.submissions.layouts import find_pieces
from exposure_lab.course.grading.submissions.limits import DOWNLOAD, STUDENT, Limits
from exposure_lab.course.grading.submissions.pieces import Piece, by_student
from exposure_lab.course.grading.submissions.student_archives import open_archives
from exposure_lab.course.grading.submissions.submission import Submission
from exposure_lab.course.grading.submissions.tree import read_tree
from exposure_lab.course.release.manifest import Manifest
from exposure_lab.errors import GradingError
from exposure_lab.files.names import folded_name

HANDED_IN = {".safetensors", ".json", ".jsonl", ".csv", ".toml", ".npy"}
"""Suffixes of the files that an answer may come with; all others are left where they are."""


def collect(
    path: Path,
    manifest: Manifest,
    work: Path,
    *,
    layout: str | None = None,
    mapping: Path | None = None,
    download: Limits = DOWNLOAD,
    student: Limits = STUDENT,
) -> list[Submission]:
    """Find the submissions in a download, one a student, in the order of their keys.

    Args:
        path: a folder or a zip of notebooks, or of a folder a student, or an export of Canvas,
            Moodle or Gradescope.
        manifest: of the release that was handed out.
        work: new or empty folder for what is unpacked; submissions point into it.
        layout: a key of `layouts.LAYOUTS`; None to recognise it.
        mapping: a CSV file that says whose each file is, for any other layout.
        download: limits to the download.
        student: limits to the archives and notebooks of each student.

    Raises:
        GradingError: the download is missing, empty or damaged as a whole, or the mapping file is.
        ConfigError: no such layout, or both a layout and a mapping file.
        FilesError: the disk is full or refuses.
    """
    tree = read_tree(path, work, download)
    chapters = [chapter.file for chapter in manifest.chapters]
    students = by_student(find_pieces(tree, chapters, layout, mapping))
    if not students:
        raise GradingError(
            f"Expected submissions in {path}, but no file there is one: download them again, or "
            "name their students in a mapping file."
        )
    submissions = []
    for number, (key, pieces) in enumerate(students.items()):
        files = open_archives(pieces, work / "archives" / str(number), student)
        submissions.append(_submission(key, files, manifest, student))
    return _with_distinct_keys(submissions)


def _submission(
    key: str, pieces: Sequence[Piece], manifest: Manifest, limits: Limits
) -> Submission:
    """Make a student's submission of the files that are left once archives are open."""
    problems = [piece.file.problem for piece in pieces if piece.file and piece.file.problem]
    problems += [piece.problem for piece in pieces if piece.problem]
    candidates, unreadable = _read_notebooks(pieces, manifest, limits)
    problems += unreadable
    counted: list[Candidate] = []
    notes: dict[str, str] = {}
    for chapter in sorted(candidates):
        choice = choose(candidates[chapter])
        counted += [choice.candidate] if choice.candidate else []
        problems += [choice.problem] if choice.problem else []
        notes |= {chapter: choice.note} if choice.note else {}
    problems += [one.answers.remarks[""] for one in counted if "" in one.answers.remarks]
    if not candidates and not problems:
        problems.append(_nothing(pieces))
    ordered = sorted(pieces, key=lambda piece: piece.rank)
    relevant = [one.piece for one in counted] or pieces
    return Submission(
        student=key,
        name=pieces[0].name,
        ids={name: value for piece in ordered for name, value in piece.ids.items()},
        late=_late(relevant),
        submitted=_submitted(relevant),
        notebooks=tuple(one.path for one in counted),
        other_files=_other_files(pieces),
        problems=tuple(dict.fromkeys(problems)),
        notes=notes,
    )


def _read_notebooks(
    pieces: Sequence[Piece], manifest: Manifest, limits: Limits
) -> tuple[Mapping[str, list[Candidate]], list[str]]:
    """Read the notebooks of a student by chapter, and say what is wrong with the others."""
    candidates: dict[str, list[Candidate]] = {}
    problems = []
    for piece in pieces:
        file = piece.file
        if file is None or file.path is None or notebook_stem(file.name) is None:
            continue
        try:
            answers = read_answers(
                file.path, manifest, shown=piece.given_name or file.shown, most=limits.notebook
            )
        except GradingError as error:
            problems.append(str(error))
            continue
        candidate = Candidate(piece, file.path, answers)
        candidates.setdefault(answers.chapter, []).append(candidate)
    return candidates, problems


def _nothing(pieces: Sequence[Piece]) -> str:
    """Sentence on a student of whom no notebook came."""
    names = [piece.given_name or piece.file.name for piece in pieces if piece.file]
    came = f"only {', '.join(names[:5])} came" if names else "none came"
    return f"Expected a notebook, but {came}: ask for the .ipynb that Jupyter or Colab saves."


def _other_files(pieces: Sequence[Piece]) -> tuple[Path, ...]:
    paths = (piece.file.path for piece in pieces if piece.file and piece.file.path)
    return tuple(
        path
        for path in paths
        if path.suffix.lower() in HANDED_IN and notebook_stem(path.name) is None
    )


def _late(pieces: Sequence[Piece]) -> bool | None:
    """Whether any of them is late; None where the system does not say."""
    said = [piece.late for piece in pieces if piece.late is not None]
    return any(said) if said else None


def _submitted(pieces: Sequence[Piece]) -> datetime | None:
    return max((piece.submitted for piece in pieces if piece.submitted), default=None)


def _with_distinct_keys(submissions: Sequence[Submission]) -> list[Submission]:
    """Number keys that a disk may take for each other, and say so."""
    seen: dict[str, str] = {}
    distinct = []
    for one in submissions:
        key, number = one.student, 1
        while folded_name(key) in seen:
            number += 1
            key = f"{one.student} ({number})"
        if number > 1:
            sentence = (
                f"Expected names that differ, but {one.student} and "
                f"{seen[folded_name(one.student)]} are alike but for the case of letters: see "
                "whether they are one student."
            )
            one = replace(one, student=key, problems=(*one.problems, sentence))
        seen[folded_name(key)] = key
        distinct.append(one)
    return distinct
