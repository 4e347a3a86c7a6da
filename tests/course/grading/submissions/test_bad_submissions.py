"""Bad input: each is named with what to do, nobody else is held up, and nobody is lost."""

import os
from pathlib import Path

import pytest
from collecting import collected, folder
from notebook_maker import Notebook, dumped, first_chapter, save, write_zip

from exposure_lab.course.grading.submissions.limits import Limits
from exposure_lab.errors import GradingError

PDF = b"%PDF-1.7 ..."
FEW = Limits(packed=10**6, members=30, size=200_000, file=100_000, notebook=30_000, ratio=50)


def nested(depth: int, tmp_path: Path) -> bytes:
    content = dumped(first_chapter())
    for level in range(depth):
        name = "01_exposure.ipynb" if level == 0 else "inner.zip"
        content = write_zip(tmp_path / f"n/{level}.zip", {name: content}).read_bytes()
    return content


def test_zips_in_zips_are_opened_two_deep(tmp_path: Path) -> None:
    for depth in (1, 2, 3, 6):
        save(tmp_path / f"handed in/deep{depth}.zip", nested(depth, tmp_path))
    students = collected(tmp_path / "handed in")
    assert {key: len(one.notebooks) for key, one in students.items()} == {
        "deep1": 1,
        "deep2": 1,
        "deep3": 0,
        "deep6": 0,
    }
    assert "too deep" in students["deep6"].problems[0]


def test_a_nested_bomb_stays_within_one_students_limits_and_spares_the_others(
    tmp_path: Path,
) -> None:
    layer = write_zip(tmp_path / "x/0.zip", {f"{n}.ipynb": bytes(30_000) for n in range(9)})
    bomb = {f"{n}.zip": layer.read_bytes() for n in range(9)}  # 2.4 MB of zeros, of 0.2 allowed
    files = {"ben.zip": write_zip(tmp_path / "x/bomb.zip", bomb).read_bytes()}
    path = folder(tmp_path, {**files, "ana.ipynb": first_chapter()})
    students = collected(path, student=FEW)
    assert (len(students["ana"].notebooks), students["ana"].problems) == (1, ())
    assert students["ben"].notebooks == () and students["ben"].problems
    written = sum(one.stat().st_size for one in (tmp_path / "work").rglob("*") if one.is_file())
    assert written <= FEW.size
    members = [one for one in (tmp_path / "work").rglob("*") if one.is_file()]
    assert len(members) <= FEW.members


BAD: dict[str, tuple[dict[str, Notebook | bytes], str]] = {
    "a PDF named .ipynb": ({"eve/01_exposure.ipynb": PDF}, "it is a PDF"),
    "a report alone": ({"eve/report.pdf": PDF}, "only report.pdf came"),
    "an archive of another kind": ({"eve/hw.rar": b"Rar!\x1a"}, "damaged or none"),
    "an empty zip": ({"eve.zip": b"PK\x05\x06" + bytes(18)}, "the archive is empty"),
    "a file of no bytes": ({"eve.zip": b""}, "damaged or none"),
    "a notebook of format 3": (
        {"eve.ipynb": b'{"nbformat": 3, "worksheets": []}'},
        "it has format 3",
    ),
    "a notebook of something else": (
        {"eve.ipynb": b'{"nbformat": 4, "cells": []}'},
        "no cell of it",
    ),
    "a notebook that is too large": ({"eve.ipynb": b" " * 30_001}, "at most 0.03 MB"),
    "a deep notebook": ({"eve.ipynb": b"[" * 20_000}, "nested too deeply"),
    "two notebooks of a chapter": (
        {"eve/a.ipynb": first_chapter(), "eve/b.ipynb": first_chapter(stop="predicted = 1")},
        "keep the one that counts",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_named_and_holds_up_nobody(tmp_path: Path, kind: str) -> None:
    files, expected = BAD[kind]
    students = collected(folder(tmp_path, {**files, "ana.ipynb": first_chapter()}), student=FEW)
    assert set(students) == {"ana", "eve"}
    assert (len(students["ana"].notebooks), students["ana"].problems) == (1, ())
    assert students["eve"].notebooks == ()
    (sentence,) = students["eve"].problems
    assert expected in sentence
    assert sentence.startswith("Expected") and sentence.endswith(".")


def test_a_notebook_of_another_release_is_graded_but_named(tmp_path: Path) -> None:
    other = first_chapter(release="0123456789abcdef")
    ana = collected(folder(tmp_path, {"ana.ipynb": other}))["ana"]
    assert len(ana.notebooks) == 1
    assert "0123456789abcdef" in ana.problems[0] and "manifest of that release" in ana.problems[0]


def test_links_in_folders_are_named_and_not_followed(tmp_path: Path) -> None:
    path = folder(tmp_path, {"ana/01_exposure.ipynb": first_chapter()})
    secret = save(tmp_path / "secret.ipynb", first_chapter())
    (path / "ben").mkdir()
    (path / "ben/01_exposure.ipynb").symlink_to(secret)
    (path / "cal").symlink_to(path / "ana")
    students = collected(path)
    for key in ("ben", "cal"):
        assert students[key].notebooks == () and "is a link" in students[key].problems[0]
    assert len(students["ana"].notebooks) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path, {"ana.ipynb": first_chapter()})
    os.mkfifo(path / "ben.ipynb")
    assert "a pipe" in collected(path)["ben"].problems[0]


def test_a_zip_that_leads_out_is_named_with_its_student(tmp_path: Path) -> None:
    members: dict[str, Notebook | bytes] = {
        "ana/01_exposure.ipynb": first_chapter(),
        "ben/../../01_exposure.ipynb": first_chapter(),
    }
    students = collected(write_zip(tmp_path / "in/class.zip", members))
    assert "outside its folder" in students["ben"].problems[0]
    assert len(students["ana"].notebooks) == 1
    assert not (tmp_path / "01_exposure.ipynb").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), PDF])
def test_a_download_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(GradingError, match=r"class\.zip"):
        collected(save(tmp_path / "class.zip", content))


def test_a_download_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="there is none: check the path"):
        collected(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(GradingError, match="it is empty"):
        collected(tmp_path / "empty")
    with pytest.raises(GradingError, match="no file there is one"):
        collected(folder(tmp_path, {"dates.csv": b"student,due"}))
