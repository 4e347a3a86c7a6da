"""Moodle: a folder a student, or one flat folder, named by student and kind of submission.

Source: Moodle, mod/assign/classes/downloader.php. ``{Full Name}_{id}_assignsubmission_file/...``
(older: ``..._file_/...``), flat ``{Full Name}_{id}_assignsubmission_file_{file}``; in blind marking
``Participant_{id}``, in teams ``{Group}_{group id}`` or ``Default group`` alone; the kind is
``onlinetext`` for what was typed into the page.

A team is named as a person is, and its number is no participant's. Only ``Default group`` gives
teams away; where it is not there, whoever grades must say so.
"""

import re
from typing import NamedTuple

from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.pieces import Piece, stray
from exposure_lab.course.grading.submissions.tree import Tree

EXPECTED = "Ana Lopez_4021_assignsubmission_file"

FOLDER = re.compile(r"(?P<who>.+)_assignsubmission_(?P<kind>[a-z]+)_?", re.DOTALL)
FLAT = re.compile(r"(?P<who>.+?)_assignsubmission_(?P<kind>[a-z]+)_(?P<file>.+)", re.DOTALL)
BLIND = "Participant"
"""What stands for every name in blind marking; the id makes it what the grading table calls it."""
NUMBERED = re.compile(r"(?P<name>.*)_(?P<id>\d+)", re.DOTALL)


class MoodleName(NamedTuple):
    """What a name in a download from Moodle says."""

    name: str
    id: str | None
    """Participant's or group's id; None for the group of all who are in none."""
    kind: str
    """``file`` or ``onlinetext``."""
    file: str
    """Name that the student gave the file; empty for a folder."""


def parse_moodle(name: str, *, folder: bool) -> MoodleName | None:
    """Take a name apart; None where it follows no rule of Moodle.

    Args:
        name: of a file or folder at the top of the download.
        folder: whether it is a folder.
    """
    match = (FOLDER if folder else FLAT).fullmatch(name)
    if match is None:
        return None
    numbered = NUMBERED.fullmatch(match["who"])
    file = "" if folder else match["file"]
    if numbered is None:
        return MoodleName(match["who"], None, match["kind"], file)
    return MoodleName(numbered["name"], numbered["id"], match["kind"], file)


def moodle_pieces(tree: Tree, *, teams: bool = False) -> list[Piece]:
    """Find the students, or teams, of a download from Moodle.

    Args:
        tree: the download.
        teams: whether every name is a team's; known without being told where one has no number.
    """
    found = [parse_moodle(file.name, folder=False) for file in tree.top_files]
    found += [parse_moodle(folder, folder=True) for folder in tree.by_folder]
    teams = teams or any(said is not None and said.id is None for said in found)
    pieces = []
    for file in tree.top_files:
        said = parse_moodle(file.name, folder=False)
        pieces.append(_piece(file, said, teams) if said else stray(file, EXPECTED))
    for folder, files in tree.by_folder.items():
        said = parse_moodle(folder, folder=True)
        for file in files:
            pieces.append(_piece(file, said, teams) if said else stray(file, EXPECTED))
        if not files:
            pieces.append(_piece(None, said, teams) if said else Piece(folder, folder))
    return pieces


def _piece(file: Found | None, said: MoodleName, teams: bool) -> Piece:
    named = f"{said.name} {said.id}" if said.name == BLIND else said.name
    return Piece(
        student=said.id or said.name,
        name=named,
        file=file,
        given_name=said.file or (file.name if file else ""),
        ids={"moodle_group": named} if teams or not said.id else {"moodle_id": said.id},
    )
