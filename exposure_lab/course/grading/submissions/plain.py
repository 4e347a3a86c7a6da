"""Plain layout: a notebook or an archive a student, or a folder a student, or both."""

from exposure_lab.course.grading.submissions.file_names import ARCHIVE, notebook_stem
from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.pieces import Piece
from exposure_lab.course.grading.submissions.tree import Tree

NOT_HANDED_IN = {".csv", ".tsv", ".json", ".toml", ".yml", ".yaml", ".xlsx", ".ods", ".md", ".log"}
"""Suffixes of what an instructor keeps beside submissions, such as dates."""


def plain_pieces(tree: Tree) -> list[Piece]:
    """Find the students by the names of files and folders at the top.

    ``ana.safetensors`` beside ``ana.ipynb`` is of the same student.
    """
    pieces = []
    students = {stem(file) for file in tree.top_files if _is_submission(file)}
    for file in tree.top_files:
        student = stem(file)
        suffix = file.name[len(student) :].lower()
        if student in students or suffix not in NOT_HANDED_IN:
            pieces.append(Piece(student, student, file, file.name))
    for folder, files in tree.by_folder.items():
        pieces += [Piece(folder, folder, file, file.name) for file in files]
        if not files:
            pieces.append(Piece(folder, folder))
    return pieces


def stem(file: Found) -> str:
    """Name of a file without its suffix."""
    in_name = notebook_stem(file.name)
    if in_name is None:
        in_name = file.name.rpartition(".")[0]
    return in_name or file.name


def _is_submission(file: Found) -> bool:
    return notebook_stem(file.name) is not None or ARCHIVE.fullmatch(file.name) is not None
