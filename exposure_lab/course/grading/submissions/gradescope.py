"""Gradescope: a folder a submission, and one file that says who handed each in, and when.

``submission_metadata.yml`` has the names of the folders as keys. The keys below are Ruby's symbols
as texts: ``":submitters"``, a list with ``":name"``, ``":sid"``, ``":email"``, several in a group,
each of whom gets the mark; ``":created_at"``.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from exposure_lab.course.grading.submissions.found import Found
from exposure_lab.course.grading.submissions.pieces import Piece, stray
from exposure_lab.course.grading.submissions.tree import Tree
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import GradingError

METADATA = "submission_metadata.yml"
METADATA_BYTES = 100_000_000
"""Bytes of the file, at most: it may hold what an autograder printed for each submission."""

EXPECTED = "submission_123456, as submission_metadata.yml lists them,"
NUMBER = re.compile(r"submission_(\d+)")


def gradescope_pieces(tree: Tree) -> list[Piece]:
    """Find the students of an export from Gradescope.

    A folder that the metadata do not know is a student by its name, who is asked for; so is every
    folder where the metadata are missing or damaged.
    """
    entries, damage = _read_metadata(tree)
    folders = tree.by_folder
    pieces = []
    for folder in dict.fromkeys([*entries, *folders]):
        people = _submitters(entries.get(folder))
        files: list[Found | None] = [*folders.get(folder, ())]
        for file in files or [None]:
            if people:
                pieces += [_piece(file, folder, entries[folder], person) for person in people]
            elif file is not None:
                pieces.append(stray(file, EXPECTED))
            else:
                pieces.append(Piece(folder, folder))
    files = [file for file in tree.top_files if file.name != METADATA]
    pieces += [stray(file, EXPECTED) for file in files if file is not None]
    return [_with_problem(piece, damage) for piece in pieces] if damage else pieces


def _read_metadata(tree: Tree) -> tuple[dict[str, Any], str | None]:
    """Entries by the name of their folder, and what is wrong with the file."""
    file = next((file for file in tree.top_files if file.name == METADATA), None)
    if file is None or file.path is None:
        return {}, (
            f"Expected {METADATA} beside the submissions, but there is none: export again, or name "
            "the students in a mapping file."
        )
    try:
        content = _parse(file.path)
    except (OSError, ValueError, yaml.YAMLError, RecursionError, GradingError) as error:
        return {}, (
            f"Expected {METADATA} to say who handed in what, but it cannot be read "
            f"({printable(error)}): export again, or name the students in a mapping file."
        )
    return {str(key): entry for key, entry in content.items()}, None


def _parse(path: Path) -> dict[Any, Any]:
    """Parse the file by the safe loader, which makes plain values alone."""
    if path.stat().st_size > METADATA_BYTES:
        raise GradingError(f"it has more than {METADATA_BYTES / 1e6:.0f} MB")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_bytes(), Loader=loader)
    if not isinstance(content, dict):
        raise GradingError("it is no list of submissions")
    return content


def _submitters(entry: Any) -> list[Mapping[str, Any]]:
    people = _value(entry, "submitters")
    listed = people if isinstance(people, list) else []
    return [person for person in listed if isinstance(person, dict) and _person(person)["name"]]


def _piece(file: Found | None, folder: str, entry: Any, person: Mapping[str, Any]) -> Piece:
    said = _person(person)
    number = NUMBER.fullmatch(folder)
    submitted = _time(_value(entry, "created_at"))
    ids = {"gradescope_id": number[1] if number else folder, **said}
    name = ids.pop("name")
    return Piece(
        student=ids.get("sid") or ids.get("email") or name,
        name=name,
        file=file,
        given_name="/".join(file.parts[1:]) if file else "",
        ids=ids,
        submitted=submitted,
        series=None if submitted is None else "",
        rank=() if submitted is None else (submitted.timestamp(),),
    )


def _person(person: Mapping[str, Any]) -> dict[str, str]:
    """Name, student's number and address of a submitter, as far as they are there."""
    values = {key: _value(person, key) for key in ("name", "sid", "email")}
    said = {key: str(value).strip() for key, value in values.items() if value not in (None, "")}
    return {"name": said.get("sid") or said.get("email") or "", **said}


def _value(entry: Any, key: str) -> Any:
    """Value under a symbol of Ruby, or under its plain name."""
    if not isinstance(entry, dict):
        return None
    return entry.get(f":{key}", entry.get(key))


def _time(value: Any) -> datetime | None:
    """Moment of a submission; None where there is none that can be read."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _with_problem(piece: Piece, problem: str) -> Piece:
    return replace(piece, problem=problem)
