"""Words on whole notebooks: how far they came, on a student's page and on the class's."""

from typing import get_args

import pytest
from made_up_grades import SCRIPT, made_up_manifest, made_up_record, made_up_run
from parsed_html import elements, parse, text

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.course.grading.formative.result import Formative, Stop
from exposure_lab.course.grading.gradebook.overview_page import overview_page
from exposure_lab.course.grading.gradebook.standing import standings
from exposure_lab.course.grading.gradebook.student_page import student_page
from exposure_lab.course.grading.gradebook.whole_notebooks import BECAUSE, tell_class, tell_student
from exposure_lab.course.grading.late import LatePolicy

HEADING = "Your whole notebook, run from top to bottom"


def stopped(kind: str, question: str = "", **more: object) -> Formative:
    return made_up_run(Stop.model_validate({"cell": 4, "kind": kind, "question": question, **more}))


@pytest.mark.parametrize(
    "run, told",
    [
        (made_up_run(), "It ran to its end in 12 s, all 20 code cells of it."),
        (
            stopped("answer", "01.scale"),
            "It stopped at code cell 4 of 20, your answer to 01.scale, with an error:",
        ),
        (
            stopped("check", "01.scale", number=2),
            "It stopped at code cell 4 of 20, the check of 01.scale, in its line 2, with an error:",
        ),
        (stopped("check"), "It stopped at code cell 4 of 20, a check, with an error:"),
        (
            stopped("added", limit="time"),
            "It was stopped at code cell 4 of 20, a cell that was added, since it ran longer than "
            "the 60 s that a whole notebook has.",
        ),
        (
            stopped("given", limit="output"),
            "It was stopped at code cell 4 of 20, a cell of the chapter, since it gave more output "
            "than can be read.",
        ),
        (
            made_up_run(Stop(cell=0, limit="died")),
            "It was stopped at the start, since Python ended there.",
        ),
    ],
)
def test_student_reads_how_far_the_notebook_came(run: Formative, told: str) -> None:
    assert tell_student(run) == told


def test_every_limit_has_its_words() -> None:
    assert set(BECAUSE) == set(get_args(Limit))


def test_class_reads_how_many_came_to_their_end_and_where_others_stopped() -> None:
    assert tell_class([made_up_run()]) == "Whole notebooks run for feedback: 1; to their end: 1."
    runs = [stopped("answer", "01.scale"), stopped("given"), stopped("answer", "01.scale")]
    assert tell_class([made_up_run(), *runs]) == (
        "Whole notebooks run for feedback: 4; to their end: 1. They stopped at the answer to "
        "01.scale (2), a cell of the chapter (1)."
    )
    many = [stopped("answer", f"01.q{number}") for number in range(7)]
    assert tell_class(many).endswith("the answer to 01.q4 (1), and elsewhere.")


def test_page_has_the_part_for_the_chapter_that_was_run_and_no_other() -> None:
    records = [made_up_record("ana"), made_up_record("ana", "02"), made_up_record("bo")]
    run = stopped("answer", "01.scale", line="f = g", error=f"NameError: {SCRIPT}")
    runs = {("ana", "01"): run}
    ana, bo = standings(records, LatePolicy())
    root = parse(student_page(ana, made_up_manifest(), runs))
    first, second = elements(root, "section")
    assert HEADING in text(first) and HEADING not in text(second)
    (shown,) = elements(first, "pre")
    assert "f = g" in text(shown) and SCRIPT in text(shown)  # as text, and no element
    assert not elements(root, "script") and not elements(root, "img")
    assert "01.scale: right, 3 points." in text(first)
    assert "This earns or costs no marks." in text(first)
    assert HEADING not in student_page(bo, made_up_manifest(), runs)
    overview = overview_page([ana, bo], made_up_manifest(), [], {}, (), runs)
    assert "Whole notebooks run for feedback: 1; to their end: 0." in overview


def test_points_are_the_same_with_a_run_and_without() -> None:
    (ana,) = standings([made_up_record("ana")], LatePolicy())
    runs = {("ana", "01"): made_up_run()}
    scores = [
        text(next(e for e in parse(page).iter("p") if e.get("class") == "score"))
        for page in (
            student_page(ana, made_up_manifest()),
            student_page(ana, made_up_manifest(), runs),
        )
    ]
    assert scores[0] == scores[1] == "3 of 5 points"
