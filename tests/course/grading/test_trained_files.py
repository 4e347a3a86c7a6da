"""Files beside a capstone's notebook: which count, and what is wrong with the others."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from exposure_lab.course.grading.batch import plan_batch
from exposure_lab.course.grading.batch_folder import BatchFolder, BatchSettings
from exposure_lab.course.grading.chapter_references import judged_by_now
from exposure_lab.course.grading.record import write_record
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.grading.trained.handed_in import (
    HISTORY,
    WEIGHTS,
    HandedIn,
    handed_in_folder,
    read_handed_in,
)
from exposure_lab.course.release.release import Course
from exposure_lab.course.release.release_folder import write_release

BOOK = Path(__file__).parents[3] / "book"

GOOD = {"layer.weight": np.ones((2, 3), np.float16), "count": np.array(7)}


def weights(folder: Path, name: str = WEIGHTS, content: dict[str, Any] = GOOD) -> Path:
    save_file(content, folder / name)
    return folder / name


def history(folder: Path, name: str = HISTORY, text: str = "{}") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def problems(*paths: Path) -> str:
    return " ".join(read_handed_in(paths).problems)


def test_weights_and_history_are_found_by_what_they_are(tmp_path: Path) -> None:
    """Canvas and flat Moodle put a student before the name, and count attempts behind it."""
    one = weights(tmp_path, "oneill_LATE_12_34_weights-1.safetensors")
    two = history(tmp_path, "oneill_LATE_12_35_history-1.json")
    other = history(tmp_path, "oneill_notes.json", '{"a": 1}')
    found = read_handed_in([other, one, two])
    assert found.files == {WEIGHTS: one, HISTORY: two}
    assert found.problems == ()
    assert read_handed_in([one, other]).files[HISTORY] == other  # by whatever name


def test_files_are_copied_under_their_own_names_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    found = read_handed_in(
        [weights(tmp_path / "from", "b.safetensors"), history(tmp_path / "from")]
    )
    found.copy_to(tmp_path / "grading")
    kept = handed_in_folder(tmp_path / "grading")
    assert kept is not None
    assert sorted(path.name for path in kept.iterdir()) == [HISTORY, WEIGHTS]
    before = found.hashes()
    weights(tmp_path / "from", "b.safetensors", {"w": np.zeros(2, np.float32)})
    assert found.hashes() != before
    HandedIn().copy_to(tmp_path / "grading")
    assert list(kept.iterdir()) == []
    assert handed_in_folder(tmp_path / "other") is None


def test_two_files_that_differ_are_named_and_copies_are_one(tmp_path: Path) -> None:
    first, second = weights(tmp_path, "a_weights.safetensors"), weights(tmp_path)
    beside = history(tmp_path)
    assert problems(first, second, beside) == ""
    weights(tmp_path, content={"w": np.zeros(1, np.float32)})
    found = read_handed_in([first, second, beside])
    assert WEIGHTS not in found.files
    assert "Expected one file weights.safetensors, but 2 different ones came" in found.problems[0]


def test_what_did_not_come_is_named() -> None:
    assert [line.partition(" beside")[0] for line in read_handed_in([]).problems] == [
        "Expected weights.safetensors",
        "Expected history.json",
    ]


def nan() -> dict[str, Any]:
    return GOOD | {"layer.bias": np.array([1, np.nan], np.float32)}


def write_header(path: Path, length: int) -> None:
    path.write_bytes(length.to_bytes(8, "little") + b"{}" + bytes(64))


def write_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1.0]}))


def write_bfloat(path: Path) -> None:
    save_tensors({"w": torch.ones(2, dtype=torch.bfloat16)}, path)


def write_many(path: Path) -> None:
    save_file({f"w{i}": np.zeros(1, np.float32) for i in range(2_100)}, path)


def write_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(64_000_001)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: save_file(nan(), path), "'layer.bias' holds NaN or infinity"),
        (lambda path: write_header(path, 2**40), "its header would have 1099511627776 bytes"),
        (lambda path: write_header(path, 500), "Expected finite weights in the safetensors format"),
        (lambda path: path.write_bytes(b""), "Expected finite weights in the safetensors format"),
        (write_pickle, "its header would have"),
        (write_bfloat, "it holds numbers of type BF16"),
        (write_many, "it holds 2100 tensors"),
        (write_large, "at most 64 MB in weights.safetensors, but it has 64 MB"),
    ],
    ids=["nan", "header", "short", "empty", "pickle", "bfloat16", "many", "large"],
)
def test_weights_that_cannot_be_used_are_named_and_left_out(
    tmp_path: Path, write: Any, sentence: str
) -> None:
    path = tmp_path / WEIGHTS
    write(path)
    found = read_handed_in([path, history(tmp_path)])
    assert list(found.files) == [HISTORY]
    (problem,) = found.problems
    assert sentence in problem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1, 2]", "it is no JSON object"),
        ('{"a": NaN}', "it is no JSON object"),
        ("[" * 50_000, "it is no JSON object"),
        (json.dumps({"a": "x" * 100_000}), "at most 100,000 bytes"),
    ],
)
def test_a_history_that_is_none_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    found = read_handed_in([weights(tmp_path), history(tmp_path, text=text)])
    assert list(found.files) == [WEIGHTS]
    assert sentence in found.problems[0]


def test_other_weights_are_another_hand_in(tmp_path: Path) -> None:
    """Files that came or changed are graded anew, and copied; problems stand in the record."""
    release = tmp_path / "release"
    made = Course(BOOK, 26, ("capstone",)).release()
    write_release(release, made)
    folder = tmp_path / "class" / "anna"
    folder.mkdir(parents=True)
    (folder / "notebook.ipynb").write_text(made.files["90_capstone.ipynb"], encoding="utf-8")
    batch = BatchFolder(tmp_path / "grades")
    settings = BatchSettings(str(release), made.manifest.release, seed=1)
    batch.open(settings)
    hashes = set()
    for step, problems in (("nothing", 2), ("weights", 1), ("history", 0), ("others", 0)):
        if step in ("weights", "others"):
            weights(folder, content={"w": np.full(2, len(hashes), np.float32)})
        if step == "history":
            history(folder)
        found = collect(tmp_path / "class", made.manifest, tmp_path / f"work-{step}")
        (task,) = plan_batch(found, settings, batch).tasks
        assert len(task.blank.problems) == problems
        kept = handed_in_folder(task.folder)
        assert kept is not None
        assert {p.name for p in kept.iterdir()} == {p.name for p in folder.iterdir()} - {
            "notebook.ipynb"
        }
        hashes.add(task.blank.answers)
        write_record(task.folder, task.blank)
    assert len(hashes) == 4
    assert (kept / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


OWN = """
from pathlib import Path

from exposure_lab.course.graded.ch90_trained import trained_question

QUESTIONS = (trained_question(Path(__file__).parent / "photos"),)
"""


def test_other_photos_of_an_instructor_make_old_marks_outdated(tmp_path: Path) -> None:
    """A photo that came, changed, or went; what an editor hides there does not count."""
    manifest = Course(BOOK, 26, ("capstone",)).release().manifest
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / "ch90.py").write_text(OWN, encoding="utf-8")
    hashes = [judged_by_now("90", manifest, 1, tmp_path)]
    for content in (b"one", b"another"):
        (photos / "lake.png").write_bytes(content)
        hashes.append(judged_by_now("90", manifest, 1, tmp_path))
    assert len(set(hashes)) == 3
    (photos / ".DS_Store").touch()
    assert judged_by_now("90", manifest, 1, tmp_path) == hashes[-1]
    (photos / "lake.png").unlink()
    assert judged_by_now("90", manifest, 1, tmp_path) == hashes[0]
    assert judged_by_now("90", manifest, 1, None) not in hashes
