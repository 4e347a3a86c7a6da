"""Folders and zips without a system behind them, and what is wrong with a student's files."""

import os
from pathlib import Path

import pytest
from collecting import collected, folder
from notebook_maker import (
    Notebook,
    changed,
    dumped,
    first_chapter,
    save,
    tenth_chapter,
    write_zip,
)

from exposure_lab.errors import ConfigError

CLASS: dict[str, Notebook | bytes] = {
    "ana.ipynb": first_chapter(),
    "ana.safetensors": b"weights",
    "Ben Lee.ipynb": first_chapter(),
    "山田.ipynb.txt": first_chapter(),  # as some browsers save it
    "dates.csv": b"student,due",
}


def test_a_folder_of_notebooks(tmp_path: Path) -> None:
    students = collected(folder(tmp_path, CLASS))
    assert list(students) == ["Ben Lee", "ana", "山田"]
    assert all((len(one.notebooks), one.problems) == (1, ()) for one in students.values())
    assert [path.name for path in students["ana"].other_files] == ["ana.safetensors"]
    assert students["ana"].late is None


PER_STUDENT: dict[str, Notebook | bytes] = {
    "ana/01_exposure.ipynb": first_chapter(),
    "ana/second week/10_claims.ipynb": tenth_chapter(),
    "ben/01_exposure.ipynb": first_chapter(),
    "ben/.ipynb_checkpoints/01_exposure-checkpoint.ipynb": first_chapter(stop="predicted = 0"),
}


def test_a_folder_a_student(tmp_path: Path) -> None:
    students = collected(folder(tmp_path, PER_STUDENT))
    assert {key: len(one.notebooks) for key, one in students.items()} == {"ana": 2, "ben": 1}
    assert [path.name for path in students["ana"].notebooks] == [
        "01_exposure.ipynb",
        "10_claims.ipynb",
    ]


@pytest.mark.parametrize("files", [CLASS, PER_STUDENT], ids=["notebooks", "folders"])
@pytest.mark.parametrize("around", ["", "class/", "Homework 1/"])
def test_a_zip_of_either_with_or_without_a_folder_around_it(
    tmp_path: Path, files: dict[str, Notebook | bytes], around: str
) -> None:
    path = write_zip(tmp_path / "class.zip", {around + name: files[name] for name in files})
    zipped = collected(path)
    loose = collected(folder(tmp_path / "loose", files))
    assert {key: len(one.notebooks) for key, one in zipped.items()} == {
        key: len(one.notebooks) for key, one in loose.items()
    }
    assert not any(one.problems for one in zipped.values())


def test_a_zip_of_one_student(tmp_path: Path) -> None:
    members: dict[str, Notebook | bytes] = {
        "ana/01_exposure.ipynb": first_chapter(),
        "ana/10_claims.ipynb": tenth_chapter(),
    }
    assert list(collected(write_zip(tmp_path / "class.zip", members))) == ["ana"]


def test_one_notebook(tmp_path: Path) -> None:
    assert list(collected(save(tmp_path / "ana.ipynb", first_chapter()))) == ["ana"]


def test_a_zip_a_student_with_a_zip_in_it(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "x/inner.zip", {"10_claims.ipynb": tenth_chapter()}).read_bytes()
    write_zip(
        tmp_path / "handed in/ana.zip",
        {"hw/01_exposure.ipynb": first_chapter(), "hw/more.zip": inner, "weights.npy": b"n"},
    )
    ana = collected(tmp_path / "handed in")["ana"]
    assert (len(ana.notebooks), len(ana.other_files), ana.problems) == (2, 1, ())


def test_two_copies_of_one_notebook_are_one(tmp_path: Path) -> None:
    def run(content: Notebook) -> None:
        content["cells"][5]["outputs"] = [{"output_type": "stream", "text": "ran"}]

    files: dict[str, Notebook | bytes] = {
        "ana/01_exposure.ipynb": first_chapter(),
        "ana/01_exposure (1).ipynb": changed(run),
    }
    ana = collected(folder(tmp_path, files))["ana"]
    assert (len(ana.notebooks), ana.problems) == (1, ())


def test_an_empty_folder_is_a_student_without_a_notebook(tmp_path: Path) -> None:
    path = folder(tmp_path, {"ana.ipynb": first_chapter()})
    (path / "ben").mkdir()
    assert "none came" in collected(path)["ben"].problems[0]


def test_a_student_who_is_there_twice(tmp_path: Path) -> None:
    """Once as a notebook, once as a folder; and once with another case of letters."""
    files: dict[str, Notebook | bytes] = {
        "ana.ipynb": first_chapter(stop="predicted = 1"),
        "ana/01_exposure.ipynb": first_chapter(stop="predicted = 2"),
        "BEN/01_exposure.ipynb": first_chapter(),
        "ben/01_exposure.ipynb": first_chapter(),
    }
    students = collected(write_zip(tmp_path / "class.zip", files))
    assert "keep the one that counts" in students["ana"].problems[0]
    assert len(students) == len({key.casefold() for key in students}) == 3
    assert "see whether they are one student" in students["ben (2)"].problems[0]
    assert len(students["ben (2)"].notebooks) == len(students["BEN"].notebooks) == 1


def test_a_name_in_old_bytes_can_be_written_to_a_table(tmp_path: Path) -> None:
    path = folder(tmp_path, {"ana.ipynb": first_chapter()})
    try:
        Path(os.fsdecode(os.fsencode(path) + b"/Jos\xe9.ipynb")).write_bytes(
            dumped(first_chapter())
        )
    except OSError:
        pytest.skip("this disk takes names in UTF-8 alone")
    students = collected(path)
    assert len(students["José"].notebooks) == 1


def test_accents_are_composed(tmp_path: Path) -> None:
    students = collected(folder(tmp_path, {"Ana Mari\u0301a.ipynb": first_chapter()}))
    assert list(students) == ["Ana Mar\u00eda"]


@pytest.mark.parametrize("layout", ["canvas", "moodle", "gradescope"])
def test_a_layout_that_is_named_is_taken(tmp_path: Path, layout: str) -> None:
    students = collected(folder(tmp_path, {"ana.ipynb": first_chapter()}), layout=layout)
    (ana,) = students.values()
    assert len(ana.notebooks) == 1 and "mapping file" in " ".join(ana.problems)


def test_an_unknown_layout_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'canvas'"):
        collected(folder(tmp_path, {"ana.ipynb": first_chapter()}), layout="canvass")
