"""Notebooks of honest students, as editors and habits leave them: no answer is lost."""

import ast
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from notebook_maker import (
    IMPORTS,
    MANIFEST,
    RENDER,
    RENDER_STUB,
    STOP,
    TRAINING,
    WORDS,
    Notebook,
    changed,
    first_chapter,
    question,
    save,
    text,
)
from oddities import (
    ODDITIES,
    cell_of,
    place,
    split,
    with_helper_elsewhere,
    without_marks,
    without_marks_and_ids,
)

from exposure_lab.course.grading.submissions.answers import Answers, read_answers
from exposure_lab.course.grading.submissions.given import read_given
from exposure_lab.course.grading.submissions.notebook import Cell
from exposure_lab.course.grading.submissions.roles import Asked, find_roles


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Notebook | str | bytes], Answers]:
    """Reads a notebook by the release whose first chapter this is."""
    save(
        tmp_path / "release/student/01_exposure.ipynb",
        first_chapter(RENDER_STUB, "predicted = None", "*Write here.*"),
    )
    save(tmp_path / "release/student/10_claims.ipynb", {"nbformat": 4, "cells": []})
    given = read_given(tmp_path / "release", MANIFEST)

    def read_one(content: Notebook | str | bytes) -> Answers:
        return read_answers(save(tmp_path / "mine.ipynb", content), MANIFEST, given)

    return read_one


def run(answers: Answers) -> dict[str, Any]:
    """Run the cells statement by statement, as the sandbox does: what fails is passed over."""
    names: dict[str, Any] = {}
    for cell in answers.cells:
        source = re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE)
        for node in ast.parse(source).body:
            with suppress(NameError, ImportError):
                exec(compile(ast.Module([node], []), "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize("change", ODDITIES)
def test_an_honest_oddity_loses_no_answer(
    read: Callable[..., Answers], change: Callable[[Notebook], None]
) -> None:
    answers = read(changed(change))
    assert answers.chapter == "01"
    names = run(answers)
    assert names["render_ev"](0.25, 1.0) == 0.5
    assert names["predicted"] == 174
    assert answers.texts == {"01.in-your-words": WORDS}
    sources = [cell.source for cell in answers.cells]
    assert not {IMPORTS, TRAINING} & set(sources)  # what was given, and nobody changed
    assert not any("check(" in source for source in sources)


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(lambda text: text.encode("utf-16"), id="UTF-16, as PowerShell writes"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="Windows line ends"),
    ],
)
def test_a_file_of_another_encoding_is_read(
    read: Callable[..., Answers], encode: Callable[[str], bytes]
) -> None:
    content = json.dumps(first_chapter(), indent=1, ensure_ascii=False)
    assert run(read(encode(content)))["predicted"] == 174


def test_numbers_that_json_does_not_know_may_stand_in_outputs(read: Callable[..., Answers]) -> None:
    def plot(content: Notebook) -> None:
        values = {"application/vnd.plotly.v1+json": {"y": [float("nan"), float("inf")]}}
        cell_of(content, "training")["outputs"] = [{"output_type": "display_data", "data": values}]

    assert run(read(changed(plot)))["predicted"] == 174


def test_a_plain_notebook_has_no_remarks_and_just_its_answers(read: Callable[..., Answers]) -> None:
    answers = read(first_chapter())
    assert dict(answers.remarks) == {}
    assert [(cell.question, cell.source) for cell in answers.cells] == [
        ("01.predict-stop", STOP),
        ("01.render-ev", RENDER),
    ]


def test_added_cells_come_in_their_order_and_without_a_question(
    read: Callable[..., Answers],
) -> None:
    answers = read(changed(with_helper_elsewhere))
    assert [cell.question for cell in answers.cells] == [None, "01.predict-stop", "01.render-ev"]


def test_a_split_answer_is_joined_and_named(read: Callable[..., Answers]) -> None:
    answers = read(changed(split))
    assert [cell.source for cell in answers.cells if cell.question == "01.render-ev"] == [RENDER]
    assert "cells 6 and 7" in answers.remarks["01.render-ev"]
    assert "joined" in answers.remarks["01.render-ev"]


def test_a_missing_answer_is_named(read: Callable[..., Answers]) -> None:
    def drop(content: Notebook) -> None:
        content["cells"] = [c for c in content["cells"] if "render" not in str(c.get("id"))]

    answers = read(changed(drop))
    assert "has none" in answers.remarks["01.render-ev"]
    assert [cell.question for cell in answers.cells] == ["01.predict-stop"]


def test_an_answer_without_marks_is_found_by_its_first_line_and_needs_review(
    read: Callable[..., Answers],
) -> None:
    answers = read(changed(without_marks_and_ids))
    assert {cell.question: cell.source for cell in answers.cells} == {
        "01.predict-stop": STOP,
        "01.render-ev": RENDER,
    }
    assert "first line" in answers.remarks["01.render-ev"]
    assert "defines" in answers.remarks["01.predict-stop"]  # its line was written over
    assert all("needs review" in sentence for sentence in answers.remarks.values())


def test_an_answer_that_defines_nothing_known_is_found_before_its_check(
    read: Callable[..., Answers],
) -> None:
    def rename(content: Notebook) -> None:
        without_marks_and_ids(content)
        content["cells"][5]["source"] = "def renderEV(srgb, ev):\n    return srgb"

    answers = read(changed(rename))
    assert "check behind it" in answers.remarks["01.render-ev"]


def test_code_in_the_cell_of_a_check_is_not_taken_but_named(read: Callable[..., Answers]) -> None:
    def move(content: Notebook) -> None:
        cell_of(content, "answer-01-render-ev")["source"] = RENDER_STUB
        checks = cell_of(content, "check-01-render-ev")
        checks["source"] = f"{RENDER}\n{checks['source']}"

    answers = read(changed(move))
    assert "needs review" in answers.remarks["01.render-ev"]
    assert [cell.source for cell in answers.cells] == [STOP, RENDER_STUB]


def test_a_text_that_goes_on_in_a_new_cell_is_whole(read: Callable[..., Answers]) -> None:
    def go_on(content: Notebook) -> None:
        content["cells"].insert(place(content, "written-01-in-your-words") + 1, text("And more."))

    assert read(changed(go_on)).texts == {"01.in-your-words": f"{WORDS}\n\nAnd more."}


def test_a_missing_text_is_named(read: Callable[..., Answers]) -> None:
    def drop(content: Notebook) -> None:
        content["cells"].remove(cell_of(content, "written-01-in-your-words"))

    answers = read(changed(drop))
    assert answers.texts == {}
    assert "needs review" in answers.remarks["01.in-your-words"]


def test_a_notebook_of_another_release_says_so(read: Callable[..., Answers]) -> None:
    answers = read(first_chapter(release="0123456789abcdef"))
    assert "0123456789abcdef" in answers.remarks[""]
    assert MANIFEST.release in answers.remarks[""]


def test_a_given_cell_that_was_changed_counts_as_added(read: Callable[..., Answers]) -> None:
    def train_longer(content: Notebook) -> None:
        mine = cell_of(content, "training")
        mine["source"] = mine["source"].replace("range(5)", "range(5000)")

    answers = read(changed(train_longer))
    assert [cell.question for cell in answers.cells] == ["01.predict-stop", "01.render-ev", None]
    assert "range(5000)" in answers.cells[-1].source


def test_blanks_at_the_ends_of_lines_do_not_change_a_given_cell(
    read: Callable[..., Answers],
) -> None:
    def put_blanks(content: Notebook) -> None:
        for name in ("imports", "training"):
            mine = cell_of(content, name)
            mine["source"] = mine["source"].replace("\n", "  \n") + "\n\n"

    assert [cell.source for cell in read(changed(put_blanks)).cells] == [STOP, RENDER]


def test_a_magic_command_stays_for_the_sandbox_to_read(read: Callable[..., Answers]) -> None:
    """A line that begins with % may as well be part of a text: only Python's parser can tell."""
    source = 'def render_ev(srgb, ev):\n    """\n%d stops\n"""\n    return srgb * 2.0**ev'
    (_, render) = read(first_chapter(source)).cells
    assert render.source == source


def test_given_imports_come_from_the_release_alone(read: Callable[..., Answers]) -> None:
    answers = read(changed(without_marks))
    assert IMPORTS not in [cell.source for cell in answers.cells]


def test_questions_that_ask_for_one_name_are_told_by_their_order() -> None:
    """As `predicted` in several exercises of a chapter; both cells lost their marks."""
    asked = Asked(
        (question("01.a", "predicted", "predicted = ..."), question("01.b", "predicted", "...")), ()
    )
    cells = [Cell("code", source) for source in ("predicted = 1", "other = 2", "predicted = 3")]
    roles = find_roles(cells, asked)
    assert roles.answers == {"01.a": [0], "01.b": [2]}
    assert roles.added == [1]
