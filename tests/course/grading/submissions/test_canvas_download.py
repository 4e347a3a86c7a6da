"""Downloads from Canvas: names are made by its rules here, and taken apart again."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_maker import MANIFEST, first_chapter, tenth_chapter, write_zip

from exposure_lab.course.grading.submissions.canvas import attempt, parse_canvas
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.submission import Submission

CHAPTERS = ["01_exposure.ipynb", "10_claims.ipynb"]


def canvas_name(sortable: str, user: int, attachment: int, file: str, late: bool = False) -> str:
    """Name of an upload, by the rules of Canvas's lib/content_zipper.rb."""
    lower = re.sub(r"_(\d+)_", r"\1", sortable).lower()
    parts = [lower, *(["LATE"] if late else []), str(user)]
    prefix = re.sub(r"[^\w]", "", "_".join(parts))
    cleaned = re.sub(r'[\x00/\\:*?"<>|]+', "_", file)
    return f"{prefix}_{attachment}_{cleaned}"


def collected(tmp_path: Path, members: dict[str, object]) -> dict[str, Submission]:
    path = write_zip(tmp_path / "course submissions.zip", members)  # type: ignore[arg-type]
    return {one.student: one for one in collect(path, MANIFEST, tmp_path / "work")}


@pytest.mark.parametrize(
    ("sortable", "name"),
    [
        ("O'Brien-Smith, Ana María", "obriensmithanamaría"),
        ("Lee_12_Kim, Jo", "lee12kimjo"),
        ("山田, 太郎", "山田太郎"),
        ("Group 4", "group4"),
        ("van_der_Berg, Jan", "van_der_bergjan"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_names_are_taken_apart(sortable: str, name: str, late: bool) -> None:
    said = parse_canvas(canvas_name(sortable, 4021, 88123, "01_exposure.ipynb", late))
    assert said is not None
    assert (said.name, said.late, said.user, said.attachment) == (name, late, "4021", 88123)
    assert said.file == "01_exposure.ipynb"


@given(
    # A name that ends in _ and digits can be read in two ways; see the test below.
    sortable=st.text(min_size=1, max_size=40).filter(lambda name: not re.search(r"_\W*\d", name)),
    user=st.integers(1, 10**17),
    attachment=st.integers(1, 10**17),
    file=st.text(min_size=1, max_size=40),
    late=st.booleans(),
)
def test_any_name_that_canvas_makes_is_taken_apart(
    sortable: str, user: int, attachment: int, file: str, late: bool
) -> None:
    name = canvas_name(sortable, user, attachment, file, late)
    said = parse_canvas(name)
    assert said is not None
    if said.anonymous is None:  # one who is called Anon cannot be told from an anonymous one
        assert (said.user, said.attachment, said.late) == (str(user), attachment, late)
        assert name.endswith(f"_{said.file}")


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_anonymous_names_are_taken_apart(late: str) -> None:
    said = parse_canvas(f"{late}anon_qT3xZ_88123_01_exposure.ipynb")
    assert said is not None
    assert (said.anonymous, said.user, said.late) == ("qT3xZ", None, bool(late))
    assert said.file == "01_exposure.ipynb"


@pytest.mark.parametrize(
    "name", ["notes.pdf", "ana_12.ipynb", "ana_b_c_01.ipynb", "ana_12_text.md"]
)
def test_other_names_are_not(name: str) -> None:
    assert parse_canvas(name) is None


def test_a_name_that_ends_in_a_number_is_told_by_the_files_of_the_release() -> None:
    said = parse_canvas("student_12_4021_88123_01_exposure.ipynb", CHAPTERS)
    assert said is not None
    assert (said.name, said.user, said.file) == ("student_12", "4021", "01_exposure.ipynb")
    of_chapter_10 = parse_canvas("ana_4021_88123_10_claims-2.ipynb", CHAPTERS)
    assert of_chapter_10 is not None
    assert (of_chapter_10.user, of_chapter_10.file) == ("4021", "10_claims-2.ipynb")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("01_exposure.ipynb", ("01_exposure.ipynb", 0)),
        ("01_exposure-1.ipynb", ("01_exposure.ipynb", 1)),
        ("01_exposure-7.ipynb", ("01_exposure.ipynb", 7)),
        ("hw.tar-2.gz", ("hw.tar.gz", 2)),
        ("a-0f8fad5b-d9cb-469f-a165-70867728950e.ipynb", ("a.ipynb", 8)),
        ("01_exposure (1).ipynb", ("01_exposure (1).ipynb", 0)),
        ("self-made.ipynb", ("self-made.ipynb", 0)),
    ],
)
def test_attempts_are_numbered(file: str, expected: tuple[str, int]) -> None:
    assert attempt(file) == expected


def test_a_download_gives_each_student_their_own(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            canvas_name("O'Brien-Smith, Ana María", 1, 91, "01_exposure.ipynb"): first_chapter(),
            canvas_name("O'Brien-Smith, Ana María", 1, 92, "10_claims.ipynb"): tenth_chapter(),
            canvas_name("山田, 太郎", 2, 93, "01_exposure.ipynb", late=True): first_chapter(),
            "benlee_3_text.html": b"<p>My text</p>",
            "calm_4_link.html": b"<a href='https://example.org'>",
            canvas_name("Doe, D", 5, 94, "report.pdf"): b"%PDF-1.7",
        },
    )
    ana, yamada, ben, cal, doe = (students[key] for key in "12345")
    assert (ana.name, ana.late, ana.ids) == ("obriensmithanamaría", False, {"canvas_id": "1"})
    assert len(ana.notebooks) == 2 and ana.problems == ()
    assert yamada.late is True and len(yamada.notebooks) == 1
    assert "only text.html came" in ben.problems[0]
    assert "only link.html came" in cal.problems[0]
    assert "only report.pdf came" in doe.problems[0]


def test_an_anonymous_download_keeps_the_anonymous_ids(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            "anon_qT3xZ_91_01_exposure.ipynb": first_chapter(),
            "LATE_anon_Ab9yK_92_01_exposure.ipynb": first_chapter(),
        },
    )
    assert students["qT3xZ"].ids == {"canvas_anonymous_id": "qT3xZ"}
    assert (students["qT3xZ"].late, students["Ab9yK"].late) == (False, True)
    assert students["qT3xZ"].name != students["Ab9yK"].name


def test_of_a_resubmission_the_newest_counts_and_it_is_said(tmp_path: Path) -> None:
    old, new = first_chapter(stop="predicted = 1"), first_chapter(stop="predicted = 2")
    students = collected(
        tmp_path,
        {
            canvas_name("Lee, Jo", 7, 91, "01_exposure.ipynb"): old,
            canvas_name("Lee, Jo", 7, 95, "01_exposure-1.ipynb"): new,
        },
    )
    jo = students["7"]
    assert "predicted = 2" in jo.notebooks[0].read_text()
    assert "newest counts, 01_exposure-1.ipynb" in jo.notes["01"]
    assert (jo.problems, len(jo.notebooks)) == ((), 1)


def test_two_different_files_of_one_chapter_are_for_a_person(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            canvas_name("Lee, Jo", 7, 91, "01_exposure.ipynb"): first_chapter(stop="predicted = 1"),
            canvas_name("Lee, Jo", 7, 92, "final.ipynb"): first_chapter(stop="predicted = 2"),
            canvas_name("Lee, Jo", 7, 93, "10_claims.ipynb"): tenth_chapter(),
        },
    )
    jo = students["7"]
    assert [path.name[-16:] for path in jo.notebooks] == ["_10_claims.ipynb"]
    assert "final.ipynb" in jo.problems[0] and "keep the one that counts" in jo.problems[0]


def test_a_file_that_follows_no_rule_is_somebody_to_ask_for(tmp_path: Path) -> None:
    students = collected(
        tmp_path,
        {
            canvas_name("Lee, Jo", 7, 91, "01_exposure.ipynb"): first_chapter(),
            "homework by mail.ipynb": first_chapter(),
        },
    )
    assert len(students["homework by mail.ipynb"].notebooks) == 1
    assert "mapping file" in students["homework by mail.ipynb"].problems[0]


def test_an_unpacked_download_is_the_same(tmp_path: Path) -> None:
    name = canvas_name("Lee, Jo", 7, 91, "01_exposure.ipynb", late=True)
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / name).write_text("{}")
    (jo,) = collect(folder, MANIFEST, tmp_path / "work")
    assert (jo.student, jo.late) == ("7", True)
