"""Nobody writes where somebody else writes, or into a folder of somebody else."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import sweep_leftovers
from exposure_lab.files.ownership import (
    LOCK,
    MADE,
    folder_lock,
    path_lock,
    recreate_folder,
    refuse_foreign,
)

HOLD = """
import sys
from exposure_lab.files.ownership import folder_lock
with folder_lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "none", "config.json")
    refuse_foreign(tmp_path, "config.json")
    for name in (
        LOCK,
        ".exposure-lab-0a1b2c3d.lock",
        ".DS_Store",
        f".exposure-lab-new-{'0' * 8}-{'1' * 16}.json",
    ):
        (tmp_path / name).touch()
    refuse_foreign(tmp_path, "config.json")
    (tmp_path / ".env").touch()
    with pytest.raises(FilesError, match=r"an empty folder .*, such as \.env: choose another"):
        refuse_foreign(tmp_path, "config.json")
    (tmp_path / "config.json").touch()
    refuse_foreign(tmp_path, "config.json")
    with pytest.raises(FilesError, match="a file is in the way"):
        refuse_foreign(tmp_path / "config.json", "config.json")


def test_lock_keeps_a_second_process_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FilesError, match="another process is writing there"):
            with folder_lock(tmp_path):
                pass
        other.communicate()
    with folder_lock(tmp_path):  # free again
        pass


def test_a_lock_may_be_waited_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == "held\n"
        start = time.monotonic()
        with (
            pytest.raises(FilesError, match="another process is writing there"),
            folder_lock(tmp_path, timeout=0.3),
        ):
            pass
        assert time.monotonic() - start >= 0.3
        other.stdin.close()
        with folder_lock(tmp_path, timeout=60):
            pass


def test_a_folder_within_tells_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "train" / "dog").mkdir(parents=True)
    with pytest.raises(FilesError, match=r"one with record\.json, but .*, such as train: choose"):
        refuse_foreign(tmp_path, "record.json", "train/INPUT_IMAGES")
    (tmp_path / "train" / "INPUT_IMAGES").mkdir()
    refuse_foreign(tmp_path, "record.json", "train/INPUT_IMAGES")


def test_a_folder_is_emptied_only_if_it_was_made_here(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "staged"
    for name in ("one", "two"):  # first it is not there, then there is nothing in it but our mark
        assert recreate_folder(folder) == folder
        assert os.listdir(folder) == [MADE]
        (folder / name).mkdir()
    recreate_folder(folder)
    assert os.listdir(folder) == [MADE]
    assert os.listdir(folder.parent) == ["staged"]


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    recreate_folder(tmp_path / "staged")
    (tmp_path / "staged" / "note.txt").write_text("mine")
    (tmp_path / "staged" / MADE).unlink()
    with pytest.raises(
        FilesError, match=r"staged to be free or made here, but it holds .* such as note\.txt: move"
    ):
        recreate_folder(tmp_path / "staged")
    assert (tmp_path / "staged" / "note.txt").read_text() == "mine"
    (tmp_path / "file").touch()
    with pytest.raises(FilesError, match="file to be free or made here, but it is no folder: move"):
        recreate_folder(tmp_path / "file")
    (tmp_path / "link").symlink_to(tmp_path / "staged")
    with pytest.raises(FilesError, match="link to be free or made here, but it is no folder: move"):
        recreate_folder(tmp_path / "link")


def test_a_folder_that_was_killed_while_it_was_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mark may be the first thing to go."""
    folder = recreate_folder(tmp_path / "staged")
    (folder / "page").touch()
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            recreate_folder(folder)
    recreate_folder(folder)
    sweep_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["staged"]


def test_path_lock_is_of_one_name(tmp_path: Path) -> None:
    with path_lock(tmp_path / "msec.pack"), path_lock(tmp_path / "msec"):
        with (
            pytest.raises(FilesError, match=r"msec\.pack to be free, but another process"),
            path_lock(tmp_path / "msec.pack"),
        ):
            pass


def test_lock_leaves_a_file_of_the_user_alone(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("mine")
    with folder_lock(tmp_path):
        pass
    assert (tmp_path / ".lock").read_text() == "mine"


def test_a_disk_that_cannot_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_lock(_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr("filelock.FileLock._acquire", refuse_lock)
    with pytest.raises(FilesError, match="a disk that can lock files"), folder_lock(tmp_path):
        pass


def test_lock_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path / "new"):
        raise ZeroDivisionError
    with folder_lock(tmp_path / "new"):
        pass
