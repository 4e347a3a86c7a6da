"""Pages of a grading in a browser: their own policy lets the style in and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from chromium import MARKS, WrittenPage
from made_up_grades import (
    LONG,
    SCRIPT,
    made_up_manifest,
    made_up_record,
    made_up_run,
    question_mark,
)

from exposure_lab.course.grading.formative.result import Stop
from exposure_lab.course.grading.gradebook.outputs import write_outputs
from exposure_lab.course.grading.gradebook.pages import student_page_path
from exposure_lab.course.grading.gradebook.person_file import PersonMarks
from exposure_lab.course.grading.late import LatePolicy

pytestmark = MARKS

GROUNDS = {"light": "rgb(253, 252, 250)", "dark": "rgb(21, 23, 26)"}


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("grades")
    question = question_mark("01.scale", ["positive values"], printed="x" * 900 + SCRIPT)
    records = [
        made_up_record(
            student, name=name, questions=(question,), text=name, problems=(name.replace(" ", ""),)
        )
        for student, name in (("long", LONG), ("script", SCRIPT))
    ]
    code = "\n".join(f"x{i} = np.roll(values, {i}, {'y' * 80})" for i in range(12))
    sources = {record.student: {"01.scale": code} for record in records}
    stop = Stop(cell=3, question="q" * 90, line="x" * 300, error="NameError: " + "y" * 289)
    runs = {(record.student, "01"): made_up_run(stop) for record in records}
    write_outputs(
        out, records, made_up_manifest(), LatePolicy(), PersonMarks(), sources, formative=runs
    )
    return out


@pytest.mark.parametrize(
    "page", ["overview.html", student_page_path("long"), student_page_path("script")]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_a_phone_and_asks_for_nothing(
    browser: Any, grades: Path, page: str, scheme: str
) -> None:
    opened = WrittenPage(browser, grades / page, 390, color_scheme=scheme)
    tab = opened.tab
    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert tab.evaluate(ground) == GROUNDS[scheme]  # so the style was let in
    assert opened.requests == [(grades / page).as_uri()] and opened.complaints == []
    opened.context.close()


def test_focus_is_seen(browser: Any, grades: Path) -> None:
    opened = WrittenPage(browser, grades / "overview.html")
    opened.tab.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement)"
    assert opened.tab.evaluate(f"document.activeElement.tagName + {style}.outlineWidth") == "A3px"
    opened.context.close()
