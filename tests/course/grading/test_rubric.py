"""Rubric: weights that add up, shares of programs and persons, and what is wrong with a tree."""

import json
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.course.graded.registry import graded_questions, written_questions
from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.record import Record
from exposure_lab.course.grading.rubric import evaluate, read_rubric, rubric_of, write_rubrics
from exposure_lab.errors import GradingError

TREE = """
[code]
title = "Code"
weight = 0.75
[code.first]
title = "All of a question"
weight = 0.5
question = "90.one"
[code.second]
title = "A part of it"
weight = 0.5
question = "90.one"
part = "the hard part"
[words]
title = "In words"
weight = 0.25
person = "90.text"
"""


def record(easy: int = 1, hard: int = 0, mark: float | None = None, text: str = "Yes.") -> Record:
    parts = [
        {"part": "the easy part", "points": 1, "earned": easy},
        {"part": "the hard part", "points": 3, "earned": hard},
    ]
    return Record.model_validate(
        {
            "student": "anna",
            "name": "Anna",
            "chapter": "90",
            "questions": [{"id": "90.one", "tier": "A", "parts": parts}],
            "written": [{"id": "90.text", "points": 4, "text": text, "mark": mark}],
        }
    )


@pytest.mark.parametrize(
    ("graded", "share", "still_open"),
    [
        (record(), 0.75 * (0.5 * 1 / 4 + 0.5 * 0), 0.25),
        (record(hard=3), 0.75, 0.25),
        (record(hard=3, mark=3), 0.75 + 0.25 * 3 / 4, 0.0),
        (record(easy=0, mark=4), 0.25, 0.0),
        (record(text="  "), 0.75 * 0.125, 0.0),  # nobody has anything to mark
    ],
)
def test_shares_add_up_by_weight(graded: Record, share: float, still_open: float) -> None:
    result = evaluate(read_rubric(TREE, "tree.toml"), graded)
    assert result["share"] == pytest.approx(share)
    assert result["open"] == pytest.approx(still_open)


def test_each_node_says_what_it_is() -> None:
    nodes = evaluate(read_rubric(TREE, "tree.toml"), record(hard=3))["nodes"]
    assert nodes["code"]["nodes"]["second"] == {
        "title": "A part of it",
        "weight": 0.5,
        "share": 1.0,
        "open": 0.0,
        "of": "90.one",
        "by": "program",
    }
    assert (nodes["words"]["by"], nodes["words"]["of"]) == ("person", "90.text")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "weight = 0.75",
            "weight = 0.7",
            r"add up to 1 in the top of tree\.toml, but theirs is 0\.95",
        ),
        ("weight = 0.5\nquestion", "weight = 0.4\nquestion", "add up to 1 in code of"),
        ('title = "Code"\n', "", "a title and a weight in code of"),
        ("weight = 0.25", "weight = true", "a title and a weight in words"),
        ('person = "90.text"', "", "one question or person, but got neither"),
        ('person = "90.text"', 'person = "90.text"\nquestion = "90.one"', "question, person"),
        ("[words]", "[words", "it is no TOML"),
        ("weight = 0.25", "weight = 0.25\ncolour = 1", "but got colour"),
    ],
)
def test_a_tree_that_is_none_is_named(old: str, new: str, sentence: str) -> None:
    assert old in TREE
    with pytest.raises(GradingError, match=sentence):
        read_rubric(TREE.replace(old, new, 1), "tree.toml")


@pytest.mark.parametrize("name", ["90.other", "90.text"])
def test_a_leaf_of_another_course_is_named(name: str) -> None:
    tree = read_rubric(TREE.replace("90.one", name), "tree.toml")
    with pytest.raises(GradingError, match=f"Expected {name} in the record, which code.first"):
        evaluate(tree, record())


def test_the_rubric_of_the_capstone_counts_every_part_once() -> None:
    rubric = rubric_of("90")
    assert rubric is not None
    questions, written = graded_questions("90"), written_questions("90")
    counted: list[tuple[str, str]] = []
    persons = []
    for leaf in rubric.leaves():
        if leaf.person:
            persons.append(leaf.person)
        else:
            parts = [leaf.part] if leaf.part else list(questions[leaf.question].parts)
            counted += [(leaf.question, part) for part in parts]
    assert sorted(counted) == sorted(
        (id_, part) for id_, q in questions.items() for part in q.parts
    )
    assert sorted(persons) == sorted(written)
    assert rubric_of("01") is None


def whole(points: float) -> dict[str, Any]:
    """Record of a capstone in which this share of everything was earned: 0 or 1."""
    return {
        "student": "anna",
        "name": "Anna",
        "chapter": "90",
        "questions": [
            {
                "id": id_,
                "tier": one.tier,
                "parts": [
                    {"part": part, "points": n, "earned": int(points * n)}
                    for part, n in one.parts.items()
                ],
            }
            for id_, one in graded_questions("90").items()
        ],
        "written": [
            {"id": id_, "points": one.points, "text": "Yes.", "mark": points * one.points}
            for id_, one in written_questions("90").items()
        ],
    }


@pytest.mark.parametrize("points", [0.0, 1.0])
def test_all_or_nothing_of_the_capstone(points: float) -> None:
    rubric = rubric_of("90")
    assert rubric is not None
    result = evaluate(rubric, Record.model_validate(whole(points)))
    assert (result["share"], result["open"]) == (points, 0.0)


def test_results_stand_beside_the_records(tmp_path: Path) -> None:
    batch = BatchFolder(tmp_path)
    graded = Record.model_validate(whole(1.0))
    other = graded.model_copy(update={"chapter": "01"})
    odd = graded.model_copy(update={"student": "ben", "questions": graded.questions[:3]})
    for one in (graded, other, odd):
        batch.chapter(one.student, one.chapter).mkdir(parents=True)
    (sentence,) = write_rubrics(batch, [graded, other, odd])
    assert "mend the rubric" in sentence  # and the others are written all the same
    (path,) = tmp_path.rglob("rubric.json")
    assert path.parent == batch.chapter("anna", "90")
    assert json.loads(path.read_text())["share"] == 1.0
