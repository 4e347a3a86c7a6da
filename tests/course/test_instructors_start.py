"""The instructors' start page: its commands as they stand there, and what it says of them."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from exposure_lab.course.grading.sandbox.probe import probe

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "book" / "instructors" / "start.md"
SHELL = ("bash", "-euo", "pipefail", "-c")


class Block(NamedTuple):
    """Fenced block of the page."""

    section: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    """Blocks of the page, in order, with the heading that they stand under."""
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", section, re.M | re.S):
            yield Block(heading, language, text)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def type_marks(folder: Path) -> None:
    """Do what the page asks for in a spreadsheet."""
    path = folder / "grades" / "for_a_person.csv"
    table = rows(path)
    for row in table:
        row["mark"] = {"ada": "2", "ben": "0"}[row["student"]]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def named_files() -> list[str]:
    """Files that the lists of the page name; the second list is of those in ``grades``."""
    text, _, grades = PAGE.read_text(encoding="utf-8").partition("\n## Look\n")
    name = re.compile(r"^- `([\w./-]+)`: ", re.MULTILINE)
    return [*name.findall(text), *(f"grades/{one}" for one in name.findall(grades))]


@pytest.mark.posix("lines of bash")
@pytest.mark.slow
@pytest.mark.skipif(not probe().usable, reason="needs a sandbox, and this machine has none")
def test_the_page_as_it_stands(tmp_path: Path) -> None:
    install, *rest = blocks()
    assert install.section == "Install" and install.text.startswith("git clone ")
    (tmp_path / "exposure-lab").symlink_to(ROOT)  # the clone; this Python has it installed
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "200"}
    printed, section = "", ""
    for block in rest:
        if block.language == "text":
            said = " ".join(printed.split())
            for line in block.text.splitlines():
                assert line in said, (block.section, said)
            continue
        assert block.language == "bash"
        if block.section == "Mark what a person marks" != section:
            by_student = {row["student"]: row for row in rows(tmp_path / "grades/grades.csv")}
            totals = {name: row["total (16)"] for name, row in by_student.items()}
            assert totals == {"ada": "5", "ben": "1"}
            type_marks(tmp_path)
        section = block.section
        done = subprocess.run(
            [*SHELL, block.text], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, (block.section, printed)
    assert section == "When somebody appeals"
    assert [name for name in named_files() if not (tmp_path / name).is_file()] == []
    (ada, _) = rows(tmp_path / "grades/grades.csv")
    assert (ada["student"], ada["total (16)"]) == ("ada", "7")
    page = next(tmp_path.glob("grades/students/ben-*/feedback.html")).read_text(encoding="utf-8")
    for reason in re.findall(r'"([a-z][^"]+)"', quoted_reasons()):
        assert " ".join(reason.split()) in page


def quoted_reasons() -> str:
    """Sentence of the page that quotes what Ben's page says."""
    text = PAGE.read_text(encoding="utf-8")
    return text[text.index("Ben's page gives the reasons") :].partition("\n\n")[0]


def test_the_page_names_what_a_release_and_a_grading_hold() -> None:
    """So that the test above looks for files at all, and for two quoted reasons."""
    assert len(named_files()) == 9
    assert len(re.findall(r'"([a-z][^"]+)"', quoted_reasons())) == 2
