"""Nobody writes where somebody else writes, or into a folder of somebody else."""

import subprocess
import sys
from pathlib import Path

import pytest

from exposure_lab.errors import FilesError
from exposure_lab.ownership import LOCK, folder_lock, path_lock, refuse_foreign

HOLD = """
import sys
from exposure_lab.ownership import folder_lock
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
