"""The instructors' syllabus says what chapters, questions, claims and results say now."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ci_programs import run_program

from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.study.claims import all_claims

ROOT = Path(__file__).resolve().parent.parent
PAGE = "book/instructors/syllabus.md"


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The functions and names of ``.ci/syllabus.py``."""
    return run_program("syllabus.py")


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_page_is_up_to_date(program: dict[str, Any], text: str) -> None:
    chapters = list(program["read_chapters"]())
    tables = program["hours_table"](chapters), program["objective_tables"](chapters)
    new = text
    for part, table in zip(program["PARTS"], tables, strict=True):
        new = program["written"](new, part, program["as_block"](table))
    assert new == text, "run `make syllabus`"


def test_each_question_and_claim_of_a_chapter_stands_there_once(text: str) -> None:
    chapters = {path.name[:2] for path in (ROOT / "book").glob("*.ipynb")}
    if (ROOT / "book/instructors/capstone.ipynb").exists():
        chapters.add("90")
    questions = [*graded_questions().values(), *written_questions().values()]
    for one in questions:
        if one.chapter in chapters:
            row = f"| {one.objective} | `{one.id}` | {one.points} |"
            assert text.count(row) == 1, "run `make syllabus`"
    listed = re.findall(r"claims? of the report:\*\* (.*)\.$", text, re.MULTILINE)
    names = [name for line in listed for name in re.findall(r"`([\w-]+)`", line)]
    assert sorted(names) == sorted(all_claims())


def test_the_sums_are_those_of_the_rows(program: dict[str, Any], text: str) -> None:
    """Added up from the page itself: minutes of reading, points, and work by its own rule."""
    table = text.partition("<!-- hours -->")[2].partition("<!-- /hours -->")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.strip().splitlines()[2:]
        if line.startswith("|")
    ]
    *chapters, total = rows
    reading = [int(row[1].removesuffix(" min")) for row in chapters]
    points = [0 if row[4] == "none" else int(row[4]) for row in chapters]
    assert total[1] == f"{sum(reading)} min" and total[4] == str(sum(points))
    per_point = program["MINUTES_A_POINT"]
    assert f"{per_point} minutes for each point" in table
    assert "without the 5 minutes that it counts for a question" in table
    for row, minutes, earned in zip(chapters, reading, points, strict=True):
        looked_at = 0 if row[3] == "none" else 5 * int(row[3])
        hours = (minutes - looked_at + per_point * earned) / 60
        assert abs(float(row[5].removesuffix(" h")) - hours) <= 0.25


def test_the_program_writes_the_page(
    program: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("images"))
    copy = tmp_path / PAGE
    copy.write_text(
        re.sub(r"(<!-- (\w+) -->).*?(<!-- /\2 -->)", r"\1 old \3", text, flags=re.DOTALL),
        encoding="utf-8",
    )
    program["main"].__globals__["ROOT"] = tmp_path
    try:
        assert program["main"]() == 0
        assert copy.read_text(encoding="utf-8") == text
        copy.write_text("No marks.", encoding="utf-8")
        assert program["main"]() == 1
    finally:
        program["main"].__globals__["ROOT"] = ROOT
    printed = capsys.readouterr()
    assert f"{PAGE} tells of" in printed.out
    assert printed.err.startswith(f"{PAGE}: Expected <!-- hours -->")


def test_a_chapter_without_a_reading_time_is_named(program: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    chapter = (ROOT / "book" / "01_exposure.ipynb").read_text(encoding="utf-8")
    path = tmp_path / "book" / "01_exposure.ipynb"
    path.write_text(chapter.replace("Reading time", "Time"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"reading time in 01_exposure\.ipynb"):
        list(program["read_chapters"](tmp_path))
