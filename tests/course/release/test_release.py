"""Releases of a small made-up course: what students get, and what the manifest says of it."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from made_up_course import (
    FILE,
    OWN_QUESTIONS,
    SOLUTIONS,
    answer,
    by_id,
    cells,
    course,
    exercise,
    package_has,
    write_book,
)

from exposure_lab.course.release.release import Release
from exposure_lab.errors import ConfigError, GradingError


@pytest.fixture(autouse=True)
def own_package(monkeypatch: pytest.MonkeyPatch) -> None:
    package_has(monkeypatch)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book")


@pytest.fixture
def made(book: Path) -> Release:
    return course(book).release()


def factor_of(release: Release, question: str = "01.scale") -> int:
    return next(int(q.variant["factor"]) for q in release.manifest.questions if q.id == question)


def test_exercise_has_its_variant_its_points_and_a_note(made: Release) -> None:
    factor, cell = factor_of(made), by_id(made.files[FILE])
    text = "".join(cell["exercise-scale"]["source"])
    assert text == (
        "A stop doubles the light.\n\n**Exercise 1.1 (Scale).** Write `scale(x)`: "
        f"{factor} times each value. *(3 points: 1 for values above zero; 2 for values below "
        f"zero)*\n\n**In this course:** The factor is {factor}, and a stop has nothing to do with "
        "it."
    )
    assert "".join(cell["answer-01-scale"]["source"]) == (
        f'def scale(x):\n    """x, {factor} times."""\n'
        "    raise NotImplementedError  # your code takes the place of this line"
    )
    assert "".join(cell["check-01-scale"]["source"]) == (
        f'check("01.scale", scale, variant={{"factor": {factor}}})'
    )
    assert "".join(cell["exercise-square"]["source"]).endswith("square?\n\n*(2 points)*")
    assert cell["answer-01-square"]["source"] == ["squared = None  # a number"]


def test_exercise_without_a_graded_form_keeps_its_check_and_earns_nothing(made: Release) -> None:
    cell = by_id(made.files[FILE])
    assert "Any number. *(no points in this course)*" in "".join(
        cell["exercise-unmarked"]["source"]
    )
    assert "".join(cell["answer-01-unmarked"]["source"]) == "# your number\n..."
    assert cell["answer-01-unmarked"]["metadata"]["exposure_lab"]["points"] == 0
    assert cell["check-01-unmarked"]["source"] == ['check("01.unmarked", unmarked)']
    assert "01.unmarked" not in {question.id for question in made.manifest.questions}


def test_no_line_of_a_solution_and_no_output_is_left(made: Release) -> None:
    for solution in SOLUTIONS.values():
        for line in solution.splitlines():
            assert json.dumps(line.strip())[1:-1] not in made.files[FILE]
    assert "SOLUTION" not in made.files[FILE]
    assert "right, 3 points" not in made.files[FILE]


def test_every_cell_says_what_it_is(made: Release) -> None:
    marks = {
        name: cell["metadata"]["exposure_lab"] for name, cell in by_id(made.files[FILE]).items()
    }
    assert marks["answer-01-scale"] == {"question": "01.scale", "points": 3, "tier": "A"}
    assert marks["check-01-scale"] == {"question": "01.scale"}
    assert marks["written-01-words"] == {"written": "01.words"}
    ours = [name for name in marks if not name.startswith(("answer-", "check-", "written-"))]
    assert len(ours) == 7 and all(marks[name] == {"given": True} for name in ours)
    tags = {n: c["metadata"].get("tags") for n, c in by_id(made.files[FILE]).items()}
    assert tags["answer-01-scale"] == ["answer"] and tags["check-01-scale"] == ["check"]


def test_written_question_stands_behind_the_check_it_names(made: Release) -> None:
    cell = by_id(made.files[FILE])
    names = list(cell)
    at = names.index("check-01-square")
    assert names[at + 1 : at + 3] == ["prompt-01-words", "written-01-words"]
    prompt = "".join(cell["prompt-01-words"]["source"])
    assert "Say in words what a stop is. *(3 points, which a person gives)*" in prompt
    assert cell["written-01-words"]["cell_type"] == "markdown"
    assert cell["written-01-words"]["source"] == ["*Write here.*"]


def test_notebook_is_valid_names_its_release_and_is_plain(made: Release) -> None:
    notebook = nbformat.reads(made.files[FILE], as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["exposure_lab"]["release"] == made.manifest.release
    assert notebook.metadata["exposure_lab"]["chapter"] == "01"
    assert notebook.metadata["exposure_lab"]["file"] == FILE
    assert notebook.metadata["exposure_lab"]["surprise"] == "!"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
        else:
            assert not re.search(r"\{[a-z:-]+\}`|^(```|:::)\{", cell.source, re.MULTILINE)


def test_manifest_has_what_a_grading_needs(made: Release) -> None:
    manifest = made.manifest
    assert re.fullmatch(r"[0-9a-f]{16}", manifest.release)
    assert (manifest.seed, manifest.version) == (5, "0.1.0")
    (chapter,) = manifest.chapters
    assert (chapter.file, chapter.number) == (FILE, "01")
    assert chapter.title == "Scaling: a small chapter"
    assert chapter.setup.startswith("import numpy as np")
    scale, square = manifest.questions
    assert (scale.id, scale.cell_id, scale.name) == ("01.scale", "answer-01-scale", "scale")
    assert (scale.points, scale.tier) == (3, "A")
    assert scale.parts == {"values above zero": 1, "values below zero": 2}
    assert scale.stub == "def scale(x):" and square.stub == "squared = None  # a number"
    assert scale.leaves_out == ("exposure_lab.images.srgb",)
    assert square.tolerance.absolute == 0.5
    (words,) = manifest.written
    assert (words.id, words.cell_id, words.points) == ("01.words", "written-01-words", 3)


def test_the_same_course_gives_the_same_bytes(book: Path, made: Release, tmp_path: Path) -> None:
    assert course(book).release() == made
    assert course(write_book(tmp_path / "elsewhere" / "chapters")).release() == made


def test_another_seed_gives_another_variant_and_release(book: Path, made: Release) -> None:
    other = course(book, 6).release()
    assert factor_of(other) != factor_of(made)
    assert other.manifest.release != made.manifest.release
    assert other.files[FILE] != made.files[FILE]


def test_release_is_known_by_its_contents_but_not_by_the_commit(
    book: Path, made: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exposure_lab.course.release.release.commit", lambda: "another")
    later = course(book).release()
    assert later.files == made.files and later.manifest.commit == "another"
    notebook = cells()
    notebook[0]["source"] += " One sentence more."
    assert course(write_book(book, notebook)).release().manifest.release != made.manifest.release


def test_own_questions_replace_those_of_the_same_id(book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    code = (OWN_QUESTIONS / "ch01.py").read_text(encoding="utf-8")
    code = code.replace("rng.integers(2, 100)", "rng.integers(1000, 2000)")
    (folder / "ch01.py").write_text(code.replace("(SCALE, SQUARE)", "(SCALE,)"), encoding="utf-8")
    made = course(book, questions=folder).release()
    assert factor_of(made) >= 1000
    assert factor_of(made, "01.square") < 1000
    check = "".join(by_id(made.files[FILE])["check-01-scale"]["source"])
    assert "without a check here" in check and "variant" not in check
    assert "variant" in "".join(by_id(made.files[FILE])["check-01-square"]["source"])


def test_links_lead_to_the_book_and_to_this_edition(book: Path, made: Release) -> None:
    def intro(release: Release) -> str:
        return "".join(by_id(release.files[FILE])["intro"]["source"])

    assert intro(made).startswith("# 1. Scaling")
    assert "/book/01_scaling.html" in intro(made) and "/book/02_next.html" in intro(made)
    assert "Isola and Zhu, 2017" in intro(made)
    # The public edition has other variants: a badge to it would lead a course astray.
    assert "colab" not in intro(made)
    assert "blob/student/book/01_scaling.ipynb" in intro(course(book, 0).release())
    own = course(book, published="https://github.com/a-teacher/autumn/tree/main/week-1").release()
    address = "https://colab.research.google.com/github/a-teacher/autumn/blob/main/week-1/"
    assert f"({address}{FILE})" in intro(own) and f"({address}{FILE})" in own.files["README.md"]


def test_handouts_say_what_to_open_and_what_to_hand_in(made: Release) -> None:
    readme, assistants = made.files["README.md"], made.files["ASSISTANTS.md"]
    assert f"| [01. Scaling: a small chapter]({FILE}) | 8 | upload `{FILE}` |" in readme
    assert f"exposure-lab course check {FILE}" in readme
    assert made.manifest.release in readme and made.manifest.release in assistants
    assert "explain, don't solve" in assistants and "`01.scale`, answered by `scale`" in assistants
    assert "$" not in readme + assistants


def edited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, old: str, new: str) -> None:
    """Let the package's questions be the made-up ones with another passage."""
    code = (OWN_QUESTIONS / "ch01.py").read_text(encoding="utf-8")
    assert code.count(old) == 1
    (tmp_path / "edited").mkdir()
    (tmp_path / "edited" / "ch01.py").write_text(code.replace(old, new), encoding="utf-8")
    package_has(monkeypatch, tmp_path / "edited")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            '"twice each value":',
            '"thrice each":',
            r"'thrice each' once in .* 01\.scale, .* 0 times",
        ),
        ('"twice each value":', '"e":', r"passage 'e' once .* times: mend"),
        ('"twice each value":', '"": "", "twice each value":', "passage '' once .* 0 times"),
        ('"twice each value":', '"each value. *": "", "twice each value":', "share 'each value'"),
        ('"01.scale"', '"01.lost"', r"exercise for the graded question 01\.lost in 01_scaling"),
        ('after="01.square"', 'after="01.lost"', r"check of 01\.lost in 01_scaling"),
        ("int(rng.integers(2, 100))", "rng.integers(2, 100)", r"plain numbers.* 01\.scale, but"),
        ("int(rng.integers(2, 100))", "float('nan')", r"plain numbers.* 01\.scale, but"),
    ],
)
def test_questions_that_do_not_fit_are_named(
    book: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    sentence: str,
) -> None:
    edited(monkeypatch, tmp_path, old, new)
    with pytest.raises(GradingError, match=sentence):
        course(book).release()


def test_passages_may_change_places(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(
        monkeypatch,
        tmp_path,
        '"twice each value":',
        '"Write": "twice each value", "twice each value":',
    )
    text = "".join(by_id(course(book).release().files[FILE])["exercise-scale"]["source"])
    assert re.search(r"twice each value `scale\(x\)`: \d+ times each value", text)


def without(name: str) -> list[Any]:
    return [cell for cell in cells() if cell["id"] != name]


def with_answer(source: str) -> list[Any]:
    return [answer("scale", source, 3) if c["id"] == "answer-01-scale" else c for c in cells()]


@pytest.mark.parametrize(
    ("chapter", "sentence"),
    [
        (without("exercise-scale"), "label ex-01-scale before the answer"),
        (without("imports"), "code cell with the id imports in 01_scaling"),
        (with_answer("def scale(x):\n    return 2 * x"), "marks do not pair up"),
        (with_answer("### BEGIN SOLUTION\nscale = 1"), "marks do not pair up"),
        (
            with_answer("def scale(x):\n### BEGIN SOLUTION\n    pass\n### END SOLUTION"),
            r"starting code of 01\.scale to parse without its solution",
        ),
        (
            [
                exercise("scale", "Scale", "x") if c["id"] == "exercise-scale" else c
                for c in cells()
            ],
            "'twice each value' once",
        ),
    ],
)
def test_chapters_that_do_not_fit_are_named(book: Path, chapter: list[Any], sentence: str) -> None:
    write_book(book, chapter)
    with pytest.raises(GradingError, match=sentence):
        course(book).release()


def test_chapters_can_be_chosen(book: Path, made: Release) -> None:
    chapter = [*cells()[:2], exercise("free", "Free", "Any."), answer("free", solved_free(), 1)]
    for cell in chapter:
        cell["source"] = cell["source"].replace("01-free", "02-free")
    chapter[-1]["id"] = "answer-02-free"
    chapter[-1]["metadata"]["exposure_lab"]["question"] = "02.free"
    write_book(book, chapter)
    (book / FILE).rename(book / "02_free.ipynb")
    write_book(book)
    assert course(book).release() == made
    assert course(book, chapters=("01",)).release() == made
    every = course(book, chapters=("all",)).release()
    assert [one.number for one in every.manifest.chapters] == ["01", "02"]
    assert "no points in this course" in every.files["02_free.ipynb"]
    assert re.search(r"02\. Scaling.*\| none \|", every.files["README.md"])
    with pytest.raises(ConfigError, match="which has 01, 02, but got 03"):
        course(book, chapters=("03",)).release()
    with pytest.raises(ConfigError, match="which 01 have, but got 02"):
        course(book, chapters=("02",)).release()


def solved_free() -> str:
    return "### BEGIN SOLUTION\nfree = 3\n### END SOLUTION"


def test_no_book_is_said(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="--book"):
        course(tmp_path / "book").release()


@pytest.mark.parametrize("address", ["github.com/a/b", "https://example.org/a/b/tree/main", ""])
def test_published_must_be_a_folder_on_github(book: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="Expected a folder such as"):
        course(book, published=address).release()
