"""The photographs that ship with the package."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from exposure_lab.data.sample import sample_set as module
from exposure_lab.data.sample.sample_set import (
    SAMPLE_SPLITS,
    cache_dir,
    sample_dir,
    sample_photo,
    write_sample,
)
from exposure_lab.data.synthesis.exposure import clipped_share
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.atomic import atomic_folder
from exposure_lab.files.ownership import LOCK
from exposure_lab.images.array import Array, check_image
from exposure_lab.images.io import write_image


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, photo: Array) -> None:
    """One small photo instead of six."""
    monkeypatch.setattr(module, "SAMPLE_SPLITS", {"coffee": "training"})
    monkeypatch.setattr(module, "sample_photo", lambda name: photo)


@pytest.mark.parametrize("name", SAMPLE_SPLITS)
def test_photo_is_an_image_that_can_be_brightened(name: str) -> None:
    pixels = sample_photo(name)
    check_image(pixels)
    assert pixels.dtype == np.float32
    assert min(pixels.shape[:2]) >= 256
    assert clipped_share(pixels) < 0.1
    assert pixels.std() > 0.1


def test_unknown_photo() -> None:
    with pytest.raises(DataError, match=r"one of astronaut, .* but got 'lena'"):
        sample_photo("lena")


def test_every_photo_has_its_licence() -> None:
    folder = Path(module.__file__).parent
    text = (folder / "LICENSES.md").read_text(encoding="utf-8").lower()
    photos = sorted(path.stem for path in folder.glob("*.jpg"))
    assert photos == sorted(SAMPLE_SPLITS)
    assert all(name in text for name in photos)


def test_two_photos_are_held_out() -> None:
    held_out = {name for name, split in SAMPLE_SPLITS.items() if split == "validation"}
    assert held_out == {"china", "flower"}
    assert set(SAMPLE_SPLITS.values()) == {"training", "validation"}


@pytest.mark.slow
def test_set_on_disk(sample: Path) -> None:
    # Six photos, each a target and five inputs.
    assert len(contents(sample)) == 6 * (1 + 5)
    assert (sample / "training" / "GT_IMAGES" / "astronaut.jpg").exists()
    assert (sample / "validation" / "INPUT_IMAGES" / "china_N1.5.JPG").exists()


@pytest.mark.usefixtures("quick")
def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = contents(write_sample(tmp_path / "set"))
    assert contents(write_sample(tmp_path / "set")) == first
    assert len(first) == 6


@pytest.mark.usefixtures("quick")
def test_cache_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = sample_dir()
    assert folder.parent == cache_dir() == tmp_path / "exposure_lab"
    mark = folder / "mark"
    mark.touch()
    assert sample_dir() == folder
    assert mark.exists()


@pytest.mark.usefixtures("quick")
def test_interrupted_cache_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Array
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail(out: Path) -> None:
        write_image(out / "training" / "GT_IMAGES" / "half.png", photo)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_sample", fail)
        with pytest.raises(KeyboardInterrupt):
            sample_dir()
    assert len(contents(sample_dir())) == 6


@pytest.mark.usefixtures("quick")
def test_two_first_uses_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, and takes what that has made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write, begun, go_on, made = module.write_sample, Event(), Event(), []

    def slow(out: Path) -> Path:
        begun.set()
        assert go_on.wait(60)
        made.append(out)
        return write(out)

    monkeypatch.setattr(module, "write_sample", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(sample_dir)
        assert begun.wait(60)
        second = pool.submit(sample_dir)
        time.sleep(0.3)
        assert not second.done()
        go_on.set()
        assert first.result(60) == second.result(60) == cache_dir() / module.CACHE_NAME
    assert len(made) == 1


@pytest.mark.usefixtures("quick")
def test_what_a_killed_first_use_left_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    killed, other = (atomic_folder(cache_dir() / name) for name in (module.CACHE_NAME, "other"))
    (killed.__enter__() / "half.jpg").touch()
    kept = other.__enter__()
    folder = sample_dir()
    assert set(cache_dir().iterdir()) == {folder, kept, cache_dir() / LOCK}


def test_cache_follows_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "exposure_lab"


@pytest.mark.parametrize("name", ["notes.txt", "training/GT_IMAGES/mine.jpg", "training/api/.env"])
def test_a_folder_with_anything_else_is_refused(tmp_path: Path, quick: None, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(FilesError, match=f"holds other files, such as {name}: choose another"):
        write_sample(tmp_path)
    assert contents(tmp_path) == {name: b"mine"}


def test_a_part_of_the_set_is_completed(tmp_path: Path, quick: None) -> None:
    write_sample(tmp_path)
    whole = contents(tmp_path)
    (tmp_path / "training" / "GT_IMAGES" / "coffee.jpg").unlink()
    (tmp_path / ".DS_Store").touch()
    write_sample(tmp_path)
    assert contents(tmp_path) == {**whole, ".DS_Store": b""}
