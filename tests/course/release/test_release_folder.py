"""Folder of a release: whole, the same bytes again, and nobody's files lost."""

import json
from pathlib import Path

import pytest
from made_up_course import FILE, course, package_has, write_book

from exposure_lab.course.release.manifest import content_hash, read_manifest
from exposure_lab.course.release.release import Release
from exposure_lab.course.release.release_folder import changed_files, write_release
from exposure_lab.errors import FilesError, GradingError


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package_has(monkeypatch)
    return write_book(tmp_path / "book")


@pytest.fixture
def made(book: Path) -> Release:
    return course(book).release()


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_written_again_it_has_the_same_bytes(made: Release, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(out, made)
    before = contents(out)
    assert set(before) == {
        "instructor/manifest.json",
        f"student/{FILE}",
        "student/README.md",
        "student/ASSISTANTS.md",
    }
    write_release(out, made)
    write_release(tmp_path / "deep" / "er", made)
    assert contents(out) == contents(tmp_path / "deep" / "er") == before
    assert read_manifest(out) == made.manifest
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def test_manifest_knows_its_files(made: Release, tmp_path: Path) -> None:
    write_release(tmp_path / "out", made)
    assert changed_files(tmp_path / "out", made.manifest) == []
    path = tmp_path / "out" / "student" / FILE
    assert content_hash(path.read_text("utf-8")) == made.manifest.chapters[0].sha256
    path.write_text(path.read_text("utf-8").replace("Scaling", "Sailing"), encoding="utf-8")
    assert changed_files(tmp_path / "out", made.manifest) == [FILE]
    path.unlink()
    assert changed_files(tmp_path / "out", made.manifest) == [FILE]


def test_another_release_is_not_lost(made: Release, book: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", course(book, 6).release()
    write_release(out, made)
    before = contents(out)
    with pytest.raises(GradingError, match=f"holds release {made.manifest.release} of seed 5"):
        write_release(out, other)
    assert contents(out) == before
    write_release(out, other, overwrite=True)
    assert read_manifest(out) == other.manifest


@pytest.mark.parametrize("name", [FILE, "README.md", "ASSISTANTS.md"])
def test_changes_of_an_instructor_are_not_lost(made: Release, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    write_release(out, made)
    (out / "student" / name).write_text("mine", encoding="utf-8")
    with pytest.raises(GradingError, match=f"but {name} was changed"):
        write_release(out, made)
    assert (out / "student" / name).read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["notes.txt", "student/own.ipynb", "instructor/marks.csv"])
def test_files_of_others_are_never_touched(made: Release, tmp_path: Path, name: str) -> None:
    for out, there in ((tmp_path / "empty", False), (tmp_path / "release", True)):
        if there:
            write_release(out, made)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("mine", encoding="utf-8")
        for overwrite in (False, True):
            with pytest.raises(FilesError, match=name):
                write_release(out, made, overwrite=overwrite)
        assert (out / name).read_text("utf-8") == "mine"


def test_a_file_in_the_way_stays(made: Release, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(FilesError):
        write_release(tmp_path / "out", made)
    assert (tmp_path / "out").read_text("utf-8") == "mine"


def test_an_empty_folder_will_do(made: Release, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_release(tmp_path / "out", made)
    assert read_manifest(tmp_path / "out") == made.manifest


@pytest.mark.parametrize(
    ("old", "new", "error", "sentence"),
    [
        ('"seed": 5', '"seed": 6', GradingError, "changed since"),
        ('"seed": 5', '"seed": "x"', GradingError, r"it is none \(seed: .*make the release again"),
        ('"seed": 5', '"seed": 5, "more": 1', GradingError, r"it is none \(more"),
        ('"seed": 5', '"seed": NaN', FilesError, "does not parse"),
        ('"points": 2,\n', '"points": 7,\n', GradingError, "do not add up"),
        ('"id": "01.square"', '"id": "01.scale"', GradingError, "twice"),
        (
            '"chapter": "01",\n      "cell_id"',
            '"chapter": "02",\n      "cell_id"',
            GradingError,
            "of a chapter",
        ),
    ],
)
def test_a_manifest_that_is_none_is_said(
    made: Release, tmp_path: Path, old: str, new: str, error: type[Exception], sentence: str
) -> None:
    write_release(tmp_path / "out", made)
    path = tmp_path / "out" / "instructor" / "manifest.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(error, match=sentence):
        read_manifest(tmp_path / "out")


def test_a_folder_without_a_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match=r"instructor/manifest\.json"):
        read_manifest(tmp_path)


def test_a_release_that_cannot_be_read_is_not_replaced(made: Release, tmp_path: Path) -> None:
    write_release(tmp_path / "out", made)
    path = tmp_path / "out" / "instructor" / "manifest.json"
    path.write_text(json.dumps({"seed": 1}), encoding="utf-8")
    with pytest.raises(GradingError, match="cannot be read"):
        write_release(tmp_path / "out", made)
