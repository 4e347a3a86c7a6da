"""Downloads from Moodle: names are made by its rules here, and taken apart again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_maker import MANIFEST, first_chapter, tenth_chapter, write_zip

from exposure_lab.course.grading.gradebook.moodle_upload import moodle_upload
from exposure_lab.course.grading.gradebook.standing import standings
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.moodle import parse_moodle
from exposure_lab.course.grading.submissions.submission import Submission

Make = Callable[[str, int | None, str], str]
"""Gives the name of a member, by a student or team, its number and a file."""


def moodle_prefix(name: str, id_: int | None) -> str:
    """Prefix by the rules of Moodle's mod/assign/classes/downloader.php."""
    with_id = name.replace("_", " ") + (f"_{id_}" if id_ is not None else "")
    return re.sub(r"""[\x00-\x1f\x7f&<>"`|':\\/]""", "", re.sub(r"\.\.+", "", with_id))


def in_folder(name: str, id_: int | None, file: str, kind: str = "file") -> str:
    return f"{moodle_prefix(name, id_)}_assignsubmission_{kind}/{file}"


def flat(name: str, id_: int | None, file: str, kind: str = "file") -> str:
    return f"{moodle_prefix(name, id_)}_assignsubmission_{kind}_{file}"


def collected(
    tmp_path: Path, members: dict[str, object], layout: str | None = None
) -> dict[str, Submission]:
    path = write_zip(tmp_path / "C1-Homework-7.zip", members)  # type: ignore[arg-type]
    found = collect(path, MANIFEST, tmp_path / "work", layout=layout)
    return {one.student: one for one in found}


@given(
    name=st.text(min_size=1, max_size=40).filter(lambda name: moodle_prefix(name, None).strip()),
    id_=st.integers(1, 10**12),
    file=st.text(min_size=1, max_size=40).filter(lambda file: "/" not in file),
)
def test_any_name_that_moodle_makes_is_taken_apart(name: str, id_: int, file: str) -> None:
    folder = parse_moodle(in_folder(name, id_, "x").partition("/")[0], folder=True)
    assert folder is not None
    assert (folder.name, folder.id) == (moodle_prefix(name, None), str(id_))
    one = parse_moodle(flat(name, id_, file), folder=False)
    assert one is not None
    assert (one.name, one.id, one.file) == (moodle_prefix(name, None), str(id_), file)


def test_older_folders_end_in_a_line() -> None:
    said = parse_moodle("Ana Lopez_12_assignsubmission_file_", folder=True)
    assert said is not None and (said.name, said.id, said.kind) == ("Ana Lopez", "12", "file")


def test_folders_of_students_with_folders_in_them(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            in_folder("O'Brien-Smith Ana María", 11, "01_exposure.ipynb"): first_chapter(),
            in_folder("O'Brien-Smith Ana María", 11, "week 2/10_claims.ipynb"): tenth_chapter(),
            in_folder("jlee Jo Lee_12_Kim", 12, "01_exposure.ipynb"): first_chapter(),
            in_folder("山田 太郎", 13, "onlinetext.html", kind="onlinetext"): b"<p>...</p>",
            in_folder("Cal M", 14, "01_exposure.ipynb"): first_chapter(),
            in_folder("Cal M", 14, "onlinetext.html", kind="onlinetext"): b"<p>See file</p>",
        },
    )
    ana, jo, yamada, cal = (students[key] for key in ("11", "12", "13", "14"))
    assert (ana.name, ana.ids) == ("OBrien-Smith Ana María", {"moodle_id": "11"})
    assert (len(ana.notebooks), ana.problems, ana.late) == (2, (), None)
    assert jo.name == "jlee Jo Lee 12 Kim"
    assert yamada.name == "山田 太郎" and "only onlinetext.html came" in yamada.problems[0]
    assert (len(cal.notebooks), cal.problems) == (1, ())


def test_flat_downloads(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            flat("Ana Lopez", 11, "01_exposure.ipynb"): first_chapter(),
            flat("Ana Lopez", 11, "10_claims.ipynb"): tenth_chapter(),
            flat("Ben Lee", 12, "onlinetext.html", kind="onlinetext"): b"<p>...</p>",
        },
    )
    assert len(students["11"].notebooks) == 2
    assert "onlinetext.html" in students["12"].problems[0]


@pytest.mark.parametrize("make", [in_folder, flat])
def test_blind_marking(tmp_path: Path, make: Make) -> None:
    students = collected(
        tmp_path,
        {
            make("Participant", 501, "01_exposure.ipynb"): first_chapter(),
            make("Participant", 502, "01_exposure.ipynb"): first_chapter(),
        },
    )
    assert {one.name for one in students.values()} == {"Participant 501", "Participant 502"}
    assert students["501"].ids == {"moodle_id": "501"}
    assert all(len(one.notebooks) == 1 for one in students.values())


@pytest.mark.parametrize("make", [in_folder, flat])
def test_teams_are_known_by_the_one_that_has_no_number(tmp_path: Path, make: Make) -> None:
    students = collected(
        tmp_path,
        {
            make("Team_Blue", 71, "01_exposure.ipynb"): first_chapter(),
            make("Default group", None, "01_exposure.ipynb"): first_chapter(),
        },
    )
    assert students["71"].ids == {"moodle_group": "Team Blue"}
    assert students["Default group"].ids == {"moodle_group": "Default group"}
    assert all(len(one.notebooks) == 1 for one in students.values())


@pytest.mark.parametrize("make", [in_folder, flat])
@pytest.mark.parametrize("layout", [None, "moodle-team"])
def test_numbers_of_teams_are_no_participants_where_one_says_so(
    tmp_path: Path, make: Make, layout: str | None
) -> None:
    """Nothing in such a download tells teams from persons, so that only the layout can."""
    members: dict[str, object] = {
        make("Team Blue", 71, "01_exposure.ipynb"): first_chapter(),
        make("Team Blue", 72, "01_exposure.ipynb"): first_chapter(),
    }
    students = collected(tmp_path, members, layout)
    assert [one.name for one in students.values()] == ["Team Blue", "Team Blue"]
    assert all(len(one.notebooks) == 1 and not one.problems for one in students.values())
    records = [
        Record(student=key, name=one.name, ids=one.ids, chapter="01")
        for key, one in students.items()
    ]
    upload = moodle_upload(standings(records, LatePolicy()), MANIFEST)
    assert upload is not None
    assert bool(upload.files) == (layout is None)
    if layout:
        assert "it has teams, whose numbers are not those of participants" in str(upload.sentence)


def test_an_empty_folder_is_a_student_without_a_notebook(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            in_folder("Ana Lopez", 11, "01_exposure.ipynb"): first_chapter(),
            "Ben Lee_12_assignsubmission_file/": b"",
        },
    )
    assert "none came" in students["12"].problems[0]


def test_the_folder_of_one_student_is_not_taken_for_the_class(tmp_path: Path) -> None:
    students = collected(
        tmp_path, {in_folder("Ana Lopez", 11, "01_exposure.ipynb"): first_chapter()}
    )
    assert list(students) == ["11"]
