"""Exports from Gradescope: submitters by their metadata, groups, and damaged metadata."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from notebook_maker import MANIFEST, Notebook, first_chapter, tenth_chapter, write_zip

from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.submissions.submission import Submission

METADATA = """---
submission_101:
  :submitters:
  - :name: O'Brien-Smith, Ana María
    :sid: '0042'
    :email: ana@example.org
  :created_at: 2026-02-01 10:00:00.000000000 Z
  :score: 3.0
  :history: []
submission_102:
  :submitters:
  - :name: 山田 太郎
    :sid: '43'
    :email: taro@example.org
  - :name: Ben Lee
    :sid:
    :email: ben@example.org
  :created_at: '2026-02-01 12:30:00 -0500'
  :score:
submission_104:
  :submitters:
  - :name: Cal M
    :sid: '45'
  :created_at: 2026-02-01 10:00:00 Z
"""


def collected(
    tmp_path: Path, members: dict[str, Notebook | bytes], metadata: str | bytes = METADATA
) -> dict[str, Submission]:
    text = metadata if isinstance(metadata, bytes) else metadata.encode()
    inside = {"submission_metadata.yml": text, **members}
    path = write_zip(
        tmp_path / "submissions.zip",
        {f"assignment_900_export/{name}": content for name, content in inside.items()},
    )
    return {one.student: one for one in collect(path, MANIFEST, tmp_path / "work")}


EXPORT: dict[str, Notebook | bytes] = {
    "submission_101/01_exposure.ipynb": first_chapter(),
    "submission_102/01_exposure.ipynb": first_chapter(),
    "submission_102/weights/network.safetensors": b"",
    "submission_103/01_exposure.ipynb": first_chapter(),
}


def test_everybody_is_found_and_each_of_a_group_gets_the_notebook(tmp_path: Path) -> None:
    students = collected(tmp_path, EXPORT)
    ana, yamada, ben = students["0042"], students["43"], students["ben@example.org"]
    assert ana.name == "O'Brien-Smith, Ana María"
    assert ana.ids == {"gradescope_id": "101", "sid": "0042", "email": "ana@example.org"}
    assert ana.submitted == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert yamada.submitted == datetime(2026, 2, 1, 17, 30, tzinfo=UTC)
    assert yamada.notebooks == ben.notebooks and len(ben.notebooks) == 1
    assert [path.name for path in yamada.other_files] == ["network.safetensors"]
    assert ben.ids == {"gradescope_id": "102", "email": "ben@example.org"}


def test_a_student_without_files_and_a_folder_without_students_are_named(tmp_path: Path) -> None:
    students = collected(tmp_path, EXPORT)
    assert "none came" in students["45"].problems[0]
    assert "mapping file" in students["submission_103"].problems[0]
    assert len(students["submission_103"].notebooks) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param("- a list", id="no submissions"),
        pytest.param("a: [", id="no YAML"),
        pytest.param("!!python/object/apply:os.system ['touch /tmp/never']", id="an object"),
        pytest.param("[" * 5000, id="deep"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(":submitters: 1\nsubmission_101: 3\n", id="no people"),
    ],
)
def test_damaged_metadata_lose_nobody(tmp_path: Path, metadata: str | bytes) -> None:
    students = collected(tmp_path, EXPORT, metadata)
    for folder in ("submission_101", "submission_102", "submission_103"):
        assert len(students[folder].notebooks) == 1
        assert students[folder].problems
    assert not Path("/tmp/never").exists()


def test_missing_metadata_lose_nobody(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {name: content for name, content in EXPORT.items()})
    students = collect(path, MANIFEST, tmp_path / "work")
    assert [one.student for one in students] == [f"submission_10{number}" for number in (1, 2, 3)]
    assert all("submission_metadata.yml" in one.problems[0] for one in students)


def test_of_two_submissions_of_one_student_the_newest_counts(tmp_path: Path) -> None:
    twice = METADATA + METADATA.replace("submission_10", "submission_20").replace(
        "02-01", "02-03"
    ).removeprefix("---\n")
    members: dict[str, Notebook | bytes] = {
        "submission_101/01_exposure.ipynb": first_chapter(stop="predicted = 1"),
        "submission_101/10_claims.ipynb": tenth_chapter(),
        "submission_201/01_exposure.ipynb": first_chapter(stop="predicted = 2"),
    }
    ana = collected(tmp_path, members, twice)["0042"]
    assert "predicted = 2" in ana.notebooks[0].read_text()
    assert len(ana.notebooks) == 2  # the other chapter was handed in once
    assert "newest counts" in ana.notes["01"]
    assert ana.ids["gradescope_id"] == "201"


def test_two_notebooks_of_a_chapter_in_one_submission_are_for_a_person(tmp_path: Path) -> None:
    members: dict[str, Notebook | bytes] = {
        "submission_101/a.ipynb": first_chapter(stop="predicted = 1"),
        "submission_101/b.ipynb": first_chapter(stop="predicted = 2"),
    }
    ana = collected(tmp_path, members)["0042"]
    assert ana.notebooks == ()
    assert "a.ipynb and b.ipynb" in ana.problems[0] or "b.ipynb and a.ipynb" in ana.problems[0]
