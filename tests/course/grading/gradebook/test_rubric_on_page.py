"""Rubric of the capstone on a student's page: a nested list whose shares add up to the whole."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from made_up_grades import SCRIPT, made_up_manifest, made_up_record
from parsed_html import elements, parse, text
from test_gradebook_pages import assert_asks_for_nothing, assert_readable_by_a_screen_reader

from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.course.grading.gradebook import student_page as module
from exposure_lab.course.grading.gradebook.rubric_tree import Branch, rubric_tree
from exposure_lab.course.grading.gradebook.standing import standings
from exposure_lab.course.grading.gradebook.student_page import student_page
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record


def capstone(lost: Sequence[str] = (), mark: float | None = None) -> Record:
    """Record of a capstone in which all was earned but these questions."""
    questions: list[Any] = [
        {
            "id": id_,
            "tier": one.tier,
            "parts": [
                {"part": part, "points": n, "earned": 0 if id_ in lost else n}
                for part, n in one.parts.items()
            ],
        }
        for id_, one in graded_questions("90").items()
    ]
    written = [
        {"id": id_, "points": one.points, "text": "Yes.", "mark": mark}
        for id_, one in written_questions("90").items()
    ]
    data = {"student": "ana", "name": "Ana", "chapter": "90"}
    return Record.model_validate({**data, "questions": questions, "written": written})


def page(record: Record) -> str:
    (student,) = standings([record], LatePolicy())
    return student_page(student, made_up_manifest())


def main(made: str) -> str:
    """Words of a page between its head and its foot."""
    return text(elements(parse(made), "main")[0])


def own_words(item: Element) -> str:
    """Words of an item of a list without those of the lists in it."""
    below = " ".join(text(one) for one in item if one.tag == "ul")
    return text(item).removesuffix(below).strip()


def test_each_part_says_what_it_earned_and_who_decides() -> None:
    """Weights as in capstone_rubric.toml: 0.4 x 0.4 x 0.6 is 9.6 %; 0.15 x 0.5 is 7.5 %."""
    root = parse(page(capstone(lost=["90.unet"])))
    (heading,) = (text(h) for h in elements(root, "h3") if "rubric" in text(h))
    # All but 15 % that persons give, and 9.6 % that were lost.
    assert heading == "By the rubric: 75.4 of 100 %, and up to 15 % by a person"
    words = {own_words(item) for item in elements(root, "li")}
    assert "Generator: shapes, parameters, skips, values (90.unet): 0 of 9.6 %" in words
    assert "Both networks: 6.4 of 16 %" in words
    assert "The pipeline, part by part: 30.4 of 40 %" in words
    assert "What two ablations show (90.ablations): for a person, up to 7.5 %" in words
    assert "Judgement, in words: 0 of 15 %, and up to 15 % by a person" in words


def test_marks_of_persons_count() -> None:
    words = main(page(capstone(mark=2)))  # 2 of 3 points each
    assert "By the rubric: 95 of 100 %" in words
    assert "What two ablations show (90.ablations): 5 of 7.5 %" in words
    assert "a person" not in words


def test_where_being_late_costs_points_the_rubric_says_that_it_does_not_count_that() -> None:
    late = capstone().model_copy(update={"submitted": datetime(2027, 3, 2, tzinfo=UTC)})
    policy = LatePolicy({("", ""): datetime(2027, 3, 1, tzinfo=UTC)})
    (student,) = standings([late], policy)
    assert "Lateness is no part of it." in main(student_page(student, made_up_manifest()))
    assert "Lateness" not in main(page(late))


def leaves(branch: Branch) -> Iterator[Branch]:
    for one in branch.below:
        yield from leaves(one)
    if not branch.below:
        yield branch


@pytest.mark.parametrize("mark", [None, 1.5])
def test_shares_add_up(mark: float | None) -> None:
    tree = rubric_tree(capstone(["90.step", "90.trained"], mark))
    assert tree is not None
    found = list(leaves(tree))
    assert sum(one.weight for one in found) == pytest.approx(100)
    assert sum(one.earned for one in found) == pytest.approx(tree.earned, abs=1e-3)
    assert sum(one.open for one in found) == pytest.approx(tree.open, abs=1e-3)
    assert all(one.of for one in found)


def test_the_tree_is_nested_safe_and_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    made = page(capstone())
    assert_asks_for_nothing(made)
    assert_readable_by_a_screen_reader(made)
    # Lists within items within lists: a screen reader tells the level.
    assert elements(parse(made), "li")[0].findall("ul/li/ul/li")
    leaf = Branch(SCRIPT, 100.0, 0.0, 0.0, SCRIPT)
    hostile = dataclasses.replace(leaf, below=(dataclasses.replace(leaf, below=(leaf,)),))
    monkeypatch.setattr(module, "rubric_tree", lambda _: hostile)
    assert_asks_for_nothing(page(capstone()))


def test_other_chapters_and_other_questions_have_none() -> None:
    assert rubric_tree(made_up_record("ana")) is None
    assert "rubric" not in main(page(made_up_record("ana")))
    fewer = capstone().model_copy(update={"questions": capstone().questions[:3]})
    assert rubric_tree(fewer) is None
    assert "rubric" not in main(page(fewer))
