"""Hostile batch: all attacks and two honest students graded together, once for all tests."""

import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from attack import ANSWER, CHECK, SECRET, Attack, Place, cell_of, stream
from made_up_batch import Class
from made_up_course import FILE, OWN_QUESTIONS

from exposure_lab.course.grading.batch_folder import folder_name
from exposure_lab.course.grading.grade import Graded, Request, grade
from exposure_lab.course.grading.record import Record, list_records

HONEST = ("honest-anna", "zoe-honest")
"""One is graded among the first, one among the last."""

SECONDS, JOBS = 2.0, 2


@dataclass
class HostileBatch:
    """What came of the grading, and what was around it."""

    small: Class
    place: Place
    graded: Graded
    records: dict[str, Record]
    honest_files: dict[str, bytes]
    callers: int
    """Connections to the port that attacks know of."""
    files_before: set[Path]
    """Everything around the grades, before they were made."""

    @property
    def files_after(self) -> set[Path]:
        """Everything around the grades now."""
        return _around(self.small)

    @property
    def out(self) -> Path:
        """Folder of the grades."""
        return self.small.batch.root

    def page(self, attack: Attack) -> str:
        """Page of a student."""
        folder = self.out / "students" / folder_name(attack.student)
        return (folder / "feedback.html").read_text(encoding="utf-8")


def grade_hostile_batch(root: Path, attacks: Sequence[Attack]) -> HostileBatch:
    """Hand in all attacks and grade them.

    Args:
        root: a new folder.
        attacks: to hand in.
    """
    small = Class(root / "class")
    for student in HONEST:
        small.hand_in_right(student)
    honest_files = {name: (small.submissions / f"{name}.ipynb").read_bytes() for name in HONEST}
    canary, mark = root / "canary.txt", root / "mark"
    canary.write_text(f"{SECRET}\n")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_TOKEN", SECRET)
        place = Place(small.root, mark, canary, server.getsockname()[1], small.scale)
        for attack in attacks:
            hand_in(attack, small, place)
        before = _around(small)
        request = Request(
            small.submissions,
            small.release,
            small.batch.root,
            seed=3,
            questions=OWN_QUESTIONS,
            seconds=SECONDS,
            jobs=JOBS,
        )
        graded = grade(request, say=lambda sentence: None, show=lambda done, all_: None)
        callers = _waiting(server)
    records = {record.student: record for record in list_records(small.batch.root)}
    return HostileBatch(small, place, graded, records, honest_files, callers, before)


def hand_in(attack: Attack, small: Class, place: Place) -> None:
    """Put what a student hands in into the folder of submissions."""
    notebook = _notebook(attack, small, place)
    path = small.submissions / attack.student
    if attack.hand_in is not None:
        attack.hand_in(path, notebook, place)
    elif attack.files:
        write_files(path, attack, place)
        (path / FILE).write_text(json.dumps(notebook))
    else:
        path.with_name(f"{path.name}.ipynb").write_text(json.dumps(notebook))


def write_files(folder: Path, attack: Attack, place: Place) -> None:
    """Write what lies beside the notebook."""
    folder.mkdir()
    for name, content in attack.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else place.fill(content).encode())


def _notebook(attack: Attack, small: Class, place: Place) -> dict[str, Any]:
    """The release's notebook with the attack in it."""
    text = (small.release / "student" / FILE).read_text(encoding="utf-8")
    notebook: dict[str, Any] = json.loads(text)
    cells = notebook["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    cell_of(cells, ANSWER)["source"] = place.fill(attack.answer)
    right = f"squared = {small.square} ** 2"
    cell_of(cells, "answer-01-square")["source"] = attack.squared or right
    cell_of(cells, "written-01-words")["source"] = attack.words
    cell_of(cells, CHECK).update(outputs=[stream("01.scale: right, 3 points.")], execution_count=1)
    if attack.change is not None:
        attack.change(cells)
    return notebook


def _around(small: Class) -> set[Path]:
    """Everything beside the grades of a class; no link is followed."""
    root = small.root.parent
    return {path for path in root.rglob("*") if not path.is_relative_to(small.batch.root)}


def _waiting(server: socket.socket) -> int:
    server.setblocking(False)
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count
