"""Each way to break the contract of a chapter is named."""

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_notebook, new_output
from stub_chapters import code, exercise, parameters, text, write_chapter

from exposure_lab.publishing.contract import problems
from exposure_lab.publishing.notebook_files import find_chapters, read_notebook
from exposure_lab.publishing.reading_time import reading_minutes, stated_minutes

ROOT = Path(__file__).resolve().parents[2]


def one_problem(root: Path) -> str:
    """Return the only problem of the only chapter."""
    (problem,) = problems(root)
    return problem


@pytest.fixture
def figure() -> Any:
    """The picture that a stub names in its metadata."""
    own = {"figure": {"caption": "A stub.", "name": "fig-stub"}, "image": {"alt": "A dot."}}
    return code("draw()", "figure", mystnb=own)


def test_a_chapter_as_it_should_be(tmp_path: Path, figure: Any) -> None:
    write_chapter(tmp_path, "01_stub", figure, *exercise())
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a, c: a.metadata.pop("exposure_lab") and a.update(id="x"), "needs a question"),
        (lambda a, c: a.metadata["exposure_lab"].update(points=0), "needs points"),
        (lambda a, c: a.metadata["exposure_lab"].update(tier="D"), "needs a tier"),
        (lambda a, c: a.update(id="answer-1"), "must have the id answer-01-double"),
        (lambda a, c: a.update(source="x = 1"), "BEGIN SOLUTION"),
        (lambda a, c: a.update(source=a.source + "\nx = 1" * 20), "has 24 lines"),
        (lambda a, c: a.update(execution_count=3), "holds outputs"),
        (lambda a, c: c.metadata.update(tags=["check"]), "tag nbval-check-output"),
        (lambda a, c: c.update(outputs=[]), "must hold the line"),
        (lambda a, c: c.update(execution_count=None), "must hold the line"),
        (
            lambda a, c: c.update(outputs=[new_output("display_data", data={"image/png": ""})]),
            "may only print",
        ),
    ],
)
def test_exercises(tmp_path: Path, figure: Any, change: Any, expected: str) -> None:
    answer, check = exercise()
    change(answer, check)
    write_chapter(tmp_path, "01_stub", figure, answer, check)
    assert any(expected in sentence for sentence in problems(tmp_path))


def test_a_check_without_answer_and_an_answer_without_check(tmp_path: Path, figure: Any) -> None:
    answer, check = exercise()
    write_chapter(tmp_path, "01_stub", figure, check)
    assert "no cell before it answers" in one_problem(tmp_path)
    write_chapter(tmp_path, "01_stub", figure, answer)
    assert "has no check" in one_problem(tmp_path)


def test_a_chapter_of_more_than_two_thousand_words(tmp_path: Path, figure: Any) -> None:
    # Three words more: title, label and the link's text. Formula and address are none.
    ending = "\n\n$$\na + b\n$$ (label)\n\n[link](https://example.org/a/b)"
    write_chapter(tmp_path, "01_stub", figure, text("word " * 1997 + ending))
    assert problems(tmp_path) == []
    write_chapter(tmp_path, "01_stub", figure, text("word " * 1998 + ending))
    assert "has 2001 words, of 2000 at most" in one_problem(tmp_path)


def test_open_code_wider_than_the_page_shows(tmp_path: Path, figure: Any) -> None:
    write_chapter(tmp_path, "01_stub", figure, code(f"x = '{'x' * 78}'", "wide"))
    assert problems(tmp_path) == []  # 84 characters
    wide = f"x = '{'x' * 79}'"
    write_chapter(tmp_path, "01_stub", figure, code(wide, "wide"))
    expected = "cell wide has a line of 85 characters, of 84 at most in open code"
    assert expected in one_problem(tmp_path)
    write_chapter(tmp_path, "01_stub", figure, code(wide, "wide", tags=["hide-input"]))
    assert problems(tmp_path) == []


def test_a_reading_time_that_is_not_the_computed_one(tmp_path: Path, figure: Any) -> None:
    # 1,800 words are 9 minutes, 100 lines of open code 5, the figure 1, the exercise 5: 20.
    body = [text("word " * 1790), *(code("x = 1\n" * 20) for _ in range(5)), figure, *exercise()]
    for minutes, expected in ((20, []), (12, ["takes 12 minutes to read; that is 20: say so."])):
        top = text(f"*Reading time: about {minutes} minutes.*")
        write_chapter(tmp_path, "01_stub", top, parameters(), *body, complete=False)
        found = problems(tmp_path)
        assert len(found) == len(expected)
        assert all(sentence in found[0] for sentence in expected)


def test_folded_code_costs_no_reading_time() -> None:
    opened, folded = (
        new_notebook(cells=[code("x = 1\n" * 20, tags=tags) for _ in range(10)])
        for tags in ([], ["hide-input"])
    )
    assert (reading_minutes(opened), reading_minutes(folded)) == (10, 5)


def test_every_chapter_of_the_book_states_its_reading_time() -> None:
    for path in find_chapters(ROOT):
        assert stated_minutes(read_notebook(path)) is not None, path.name


def test_the_rest(tmp_path: Path, figure: Any) -> None:
    write_chapter(tmp_path, "01_stub")
    assert "'fig-stub' is no figure's name" in one_problem(tmp_path)
    second = parameters()
    second["id"] = "other"
    path = write_chapter(tmp_path, "01_stub", figure, second)
    assert "one cell tagged parameters, but has 2: parameters, other." in one_problem(tmp_path)
    path.write_text(path.read_text().replace('"other"', '"parameters"'))
    assert "must be unique, but parameters are not" in one_problem(tmp_path)
    write_chapter(tmp_path, "01_stub", figure, code("open('/home/me/x')"))
    assert "folder of one machine, /home/me/x" in one_problem(tmp_path)
    figure.metadata["mystnb"]["image"]["alt"] = " "
    write_chapter(tmp_path, "01_stub", figure)
    assert "without alternative text" in one_problem(tmp_path)
    write_chapter(tmp_path, "01_stub", text("![x](fig-stub.png)"), code("1"), complete=False)
    assert "one cell tagged parameters, but has none" in one_problem(tmp_path)
