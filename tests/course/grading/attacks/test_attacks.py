"""Attacks, all graded in one batch: none earns a mark, harms another, leaks or stops the batch.

That those which forge do so elsewhere is shown in `test_attack_controls.py`. With ``-s`` the last
test prints the table.
"""

import csv
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from all_attacks import ATTACKS
from attack import SECRET, Attack
from attack_table import attack_table
from attacks_on_pages import MODEL, PROMPT
from hostile_batch import HONEST, HostileBatch, grade_hostile_batch
from made_up_batch import needs_sandbox
from parsed_html import elements, parse

from exposure_lab.course.grading.chapter_references import read_references
from exposure_lab.course.grading.gradebook.standing import waits
from exposure_lab.course.grading.wire import decode

pytestmark = [needs_sandbox, pytest.mark.slow]

FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")  # noqa: RUF001 - full-width forms count too


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> HostileBatch:
    return grade_hostile_batch(tmp_path_factory.mktemp("hostile"), ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.family}: {attack.name}")
def test_an_attack_earns_nothing_and_is_told_why(attack: Attack, batch: HostileBatch) -> None:
    record = batch.records[attack.student]
    assert record.earned == (attack.square if attack.graded else 0)
    if not attack.graded:
        assert record.chapter == ""
        assert any(attack.says in problem for problem in record.problems), record.problems
        return
    scale, square = record.questions
    assert (scale.earned, square.earned) == (0, attack.square)
    reasons = [part.reason for part in scale.parts]
    assert any(attack.says in reason for reason in reasons), reasons
    assert all(reason.startswith("Expected ") for reason in reasons)
    assert all(text.mark is None for text in record.written)


def test_nobody_is_lost_and_nobody_appears(batch: HostileBatch) -> None:
    assert set(batch.records) == {*HONEST, *(attack.student for attack in ATTACKS)}
    assert batch.graded.written.students == len(ATTACKS) + len(HONEST)


def test_honest_students_among_them_keep_all_marks(batch: HostileBatch) -> None:
    for student in HONEST:
        record = batch.records[student]
        assert [question.earned for question in record.questions] == [3, 2]
        assert record.problems == ()


def test_nothing_outside_was_read_changed_or_called(batch: HostileBatch) -> None:
    assert batch.place.canary.read_text() == f"{SECRET}\n"
    assert not batch.place.mark.exists()
    assert batch.callers == 0
    for student, content in batch.honest_files.items():
        assert (batch.small.submissions / f"{student}.ipynb").read_bytes() == content
    assert batch.files_after == batch.files_before
    found = [path for path in texts(batch.out) if SECRET in path.read_text(encoding="utf-8")]
    assert found == []


def test_no_process_is_left(batch: HostileBatch) -> None:
    deadline = time.monotonic() + 10
    while left := commands_with(str(batch.out)):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def test_pages_hold_no_script_and_ask_for_nothing(batch: HostileBatch) -> None:
    pages = [*batch.out.glob("*.html"), *batch.out.glob("students/*/feedback.html")]
    assert len(pages) == len(batch.records) + 1
    for path in pages:
        root = parse(path.read_text(encoding="utf-8"))
        tags = {element.tag for element in root.iter()}
        assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form"} & tags
        for element in root.iter():
            assert not any(name.startswith("on") or name == "style" for name in element.attrib)
            href = element.get("href", "#")
            assert re.fullmatch(r"#[\w-]*|students/[\w.-]+/feedback\.html", href), href
        (policy,) = elements(root, "meta", http_equiv="Content-Security-Policy")
        assert policy.get("content", "").startswith("default-src 'none'; style-src 'sha256-")


def test_pages_of_students_hold_no_hidden_number(batch: HostileBatch) -> None:
    """But for what an answer prints or raises itself: its own inputs stand on its own page."""
    references = read_references(batch.out / "references", "01")
    given = numbers(references.inputs["01.scale"])
    right = numbers([case.expected for one in references.references for case in one.cases])
    assert len(given) > 5 and len(right) > 5
    for attack in ATTACKS:
        page = batch.page(attack)
        assert not [number for number in right if number in page]
        if attack.name != "inputs printed and raised":
            assert not [number for number in given if number in page], attack.name
        assert f"seed {batch.graded.settings.seed}" not in page


def test_tables_hold_no_formula(batch: HostileBatch) -> None:
    tables = list(batch.out.rglob("*.csv"))
    assert {"grades.csv", "for_a_person.csv"} <= {path.name for path in tables}
    for path in tables:
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
        assert not re.search(r"(^|[;\t\r\n\"])[=@+]", path.read_text(encoding="utf-8-sig"))


def test_no_model_marks_and_a_prompt_is_a_text_like_others(batch: HostileBatch) -> None:
    record = batch.records[MODEL]
    assert [text.text for text in record.written] == [PROMPT]
    assert all(map(waits, record.written))
    assert record.earned == 2


def test_the_table(batch: HostileBatch) -> None:
    earned = {attack.student: points(attack, batch) for attack in ATTACKS}
    table = attack_table(earned)
    print(f"\n{table}")
    assert table.splitlines()[-1].endswith(f"| {len(ATTACKS)} of {len(ATTACKS)} |")


def points(attack: Attack, batch: HostileBatch) -> int:
    """Points that the attacked question earned."""
    questions = batch.records[attack.student].questions
    return sum(question.earned for question in questions if question.id == "01.scale")


def numbers(values: Any) -> set[str]:
    """Numbers of arrays on the wire with four decimals, as far as they can be told from others."""
    found: set[str] = set()
    for value in values if isinstance(values, list) else []:
        if isinstance(value, list):
            found |= numbers(value)
        elif isinstance(array := decode(value), np.ndarray):
            found |= {f"{number:.5f}"[:-1] for number in array.ravel()}
    return found


def texts(folder: Path) -> Iterator[Path]:
    """Files of a folder of grades that hold text, but for the packages that sandboxes see."""
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".html", ".csv") and "stages" not in path.parts:
            yield path


def commands_with(word: str) -> list[str]:
    """Command lines of this machine's processes that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_text(errors="replace").replace("\0", " ")
            found += [line] if word in line else []
    return found
