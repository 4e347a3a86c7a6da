"""Mapping files: whose a file is, where no layout says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from notebook_maker import MANIFEST, first_chapter, save, tenth_chapter

from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.submission import Submission
from exposure_lab.errors import ConfigError, GradingError


@pytest.fixture
def download(tmp_path: Path) -> Path:
    save(tmp_path / "in/7f3a.ipynb", first_chapter(stop="predicted = 1"))
    save(tmp_path / "in/7f3b.ipynb", first_chapter(stop="predicted = 2"))
    save(tmp_path / "in/box 9/nb/01_exposure.ipynb", first_chapter())
    save(tmp_path / "in/box 9/nb/10_claims.ipynb", tenth_chapter())
    save(tmp_path / "in/nobody.ipynb", first_chapter())
    return tmp_path / "in"


def collected(download: Path, lines: str | bytes) -> dict[str, Submission]:
    mapping = save(download / "mapping.csv", lines)
    work = download.parent / "work"
    return {one.student: one for one in collect(download, MANIFEST, work, mapping=mapping)}


@pytest.mark.parametrize("comma", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_files_and_folders_get_their_students(download: Path, comma: str, encoding: str) -> None:
    lines = [
        ["File", "Student", "name", "late", "matriculation"],
        ["7f3a.ipynb", "s1", "María", "yes", "00123"],
        ["box 9", "s2", "", "", ""],
        ["box 9", "s3", "Cal", "no", "7"],
        ["gone.ipynb", "s4", "", "", ""],
    ]
    students = collected(download, "\r\n".join(map(comma.join, lines)).encode(encoding))
    assert (students["s1"].name, students["s1"].late) == ("María", True)
    assert students["s1"].ids == {"matriculation": "00123"}
    assert len(students["s2"].notebooks) == 2 and students["s2"].name == "s2"
    assert students["s3"].notebooks == students["s2"].notebooks  # a group: each gets the mark
    assert "no such file" in students["s4"].problems[0]
    for key in ("nobody.ipynb", "7f3b.ipynb"):  # nobody is lost
        assert len(students[key].notebooks) == 1
        assert "line for each file" in students[key].problems[0]
    assert "mapping.csv" not in students


def test_of_two_attempts_with_times_the_newest_counts(download: Path) -> None:
    students = collected(
        download,
        "file,student,submitted\n7f3a.ipynb,s1,2026-03-02 10:00\n7f3b.ipynb,s1,2026-03-01 10:00\n",
    )
    assert "predicted = 1" in students["s1"].notebooks[0].read_text()
    assert students["s1"].submitted == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert "newest counts" in students["s1"].notes["01"]


def test_two_attempts_without_times_are_for_a_person(download: Path) -> None:
    students = collected(download, "file,student\n7f3a.ipynb,s1\n7f3b.ipynb,s1\n")
    assert students["s1"].notebooks == ()
    assert "keep the one that counts" in students["s1"].problems[0]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "the first line has none"),
        ("path,who\na,b\n", "the first line has path, who"),
        ("file,student\n7f3a.ipynb,\n", "a file and a student in line 2"),
        ("file,student,late\n7f3a.ipynb,s1,maybe\n", "it is 'maybe'"),
        ("file,student,submitted\n7f3a.ipynb,s1,monday\n", "it is 'monday'"),
        ('file,student\n"' + "x" * 200_000, "save it again"),
    ],
)
def test_a_mapping_file_that_makes_no_sense_is_an_error(
    download: Path, lines: str, sentence: str
) -> None:
    with pytest.raises(GradingError, match=sentence):
        collected(download, lines)


def test_a_missing_mapping_file_is_an_error(download: Path) -> None:
    with pytest.raises(GradingError, match="mapping file at"):
        collect(download, MANIFEST, download.parent / "work", mapping=download / "no.csv")


def test_a_layout_beside_a_mapping_file_is_wrong_usage(download: Path) -> None:
    mapping = save(download / "mapping.csv", "file,student\n7f3a.ipynb,s1\n")
    with pytest.raises(ConfigError, match="leave one out"):
        collect(download, MANIFEST, download.parent / "w", mapping=mapping, layout="moodle")
