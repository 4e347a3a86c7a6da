"""Every photo gets an output of its own, on disks that fold case and on those that do not."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure_lab.errors import ConfigError
from exposure_lab.inference.output_names import plan_jobs

ACCENT = "Café"


def places(photos: list[Path], out: Path | None, root: Path) -> dict[str, str]:
    """Photo to output, both below a folder."""
    return {
        job.source.relative_to(root).as_posix(): job.destination.relative_to(root).as_posix()
        for job in plan_jobs(photos, out).jobs
    }


def make(root: Path, *names: str) -> list[Path]:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return [root / name for name in names]


def test_a_phones_two_files_of_one_photo(tmp_path: Path) -> None:
    photos = make(tmp_path, "IMG_1.HEIC", "IMG_1.JPG", "IMG_1.dng", "IMG_1.tif")
    assert places(photos, tmp_path / "out", tmp_path) == {
        "IMG_1.HEIC": "out/IMG_1.heic.jpg",
        "IMG_1.JPG": "out/IMG_1.JPG",
        "IMG_1.dng": "out/IMG_1.dng.tif",
        "IMG_1.tif": "out/IMG_1.tif",
    }
    assert places(photos, None, tmp_path)["IMG_1.HEIC"] == "IMG_1.heic_corrected.jpg"
    notes = [job.note for job in plan_jobs(photos, None).jobs]
    assert [bool(note) for note in notes] == [True, False, True, False]
    assert notes[0] == (
        f"{photos[0]} becomes IMG_1.heic_corrected.jpg, since {photos[1]} becomes "
        "IMG_1_corrected.JPG."
    )


def test_converted_alone_keeps_the_plain_name(tmp_path: Path) -> None:
    photos = make(tmp_path, "IMG_1.HEIC", "IMG_2.nef")
    assert places(photos, None, tmp_path) == {
        "IMG_1.HEIC": "IMG_1_corrected.jpg",
        "IMG_2.nef": "IMG_2_corrected.tif",
    }
    assert not any(job.note for job in plan_jobs(photos, None).jobs)


def test_names_that_a_disk_may_take_for_one(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", ACCENT)
    photos = make(tmp_path, "x/IMG.jpg", "y/img.JPG", f"x/{ACCENT}.png", f"y/{decomposed}.png")
    assert places(photos, tmp_path / "out", tmp_path) == {
        "x/IMG.jpg": "out/IMG.jpg",
        "y/img.JPG": "out/img-2.JPG",
        f"x/{ACCENT}.png": f"out/{ACCENT}.png",
        f"y/{decomposed}.png": f"out/{decomposed}-2.png",
    }


def test_a_number_may_be_taken_as_well(tmp_path: Path) -> None:
    photos = make(tmp_path, "x/a.jpg", "x/a-2.jpg", "y/a.jpg", "z/A.jpg")
    assert list(places(photos, tmp_path / "out", tmp_path).values()) == [
        "out/a.jpg",
        "out/a-2.jpg",
        "out/a-3.jpg",
        "out/A-4.jpg",
    ]


def test_a_photo_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    (photo,) = make(tmp_path, "in/deep/a.jpg")
    jobs = plan_jobs([tmp_path / "in", photo, photo], tmp_path / "out").jobs
    assert [job.destination for job in jobs] == [tmp_path / "out" / "deep" / "a.jpg"]


@pytest.mark.parametrize("stem", ["漢" * 82, "x" * 250, "é" * 125])
def test_a_name_that_leaves_no_room_for_its_ending_is_cut(tmp_path: Path, stem: str) -> None:
    photos = make(tmp_path, f"{stem}.jpg", f"{stem[:-1]}.jpg")
    long, short = plan_jobs(photos, None).jobs
    for job in (long, short):
        name = job.destination.name
        assert len(os.fsencode(name)) <= 255 and name.endswith("_corrected.jpg")
        assert name.startswith(stem[:75])
        assert job.note.startswith(f"{job.source} becomes {name}, since ")
        job.destination.touch()  # the disk takes it
    assert long.destination != short.destination
    assert [job.note for job in plan_jobs(photos, tmp_path / "out").jobs] == ["", ""]


def test_nothing_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Expected photos in .*, but found none ending in"):
        plan_jobs([tmp_path], None)


STEMS = st.text("aAéÉ\u0301-2.ßs", min_size=1, max_size=4)
NAMES = st.tuples(st.sampled_from("xy"), STEMS, st.sampled_from([".jpg", ".JPG", ".heic", ".nef"]))


@pytest.mark.slow
@settings(derandomize=True, max_examples=200, deadline=None, database=None)
@given(st.lists(NAMES, min_size=1, max_size=8, unique=True))
def test_no_two_outputs_share_a_name(names: list[tuple[str, str, str]]) -> None:
    photos = [Path(f"/photos/{folder}/{stem}{suffix}") for folder, stem, suffix in names]
    for out in (None, Path("/out/of/photos")):
        jobs = plan_jobs([*photos, Path("/photos/z.jpg")], out).jobs
        assert [job.source for job in jobs[:-1]] == photos
        destinations = [
            unicodedata.normalize("NFKC", str(job.destination)).casefold() for job in jobs
        ]
        assert len(set(destinations)) == len(destinations)
        kept = {job.source.suffix for job in jobs if job.source.suffix == job.destination.suffix}
        assert kept >= {job.source.suffix for job in jobs} - {".heic", ".nef"}


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process, which may run in another folder, writes to the same place."""
    make(tmp_path, "in/deep/a.jpg", "b.jpg")
    monkeypatch.chdir(tmp_path)
    (job,) = plan_jobs([Path("in")], Path("out")).jobs
    assert job[:2] == (tmp_path / "in/deep/a.jpg", tmp_path / "out/deep/a.jpg")
    for out, name in (("out", "out/b.jpg"), ("better.jpg", "better.jpg")):
        (job,) = plan_jobs([Path("b.jpg")], Path(out)).jobs
        assert job[:2] == (tmp_path / "b.jpg", tmp_path / name)
