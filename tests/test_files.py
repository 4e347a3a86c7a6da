"""Nobody ever sees half a file, and every refusal of the disk is one sentence."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exposure_lab.errors import FilesError
from exposure_lab.files import (
    atomic_folder,
    atomic_path,
    check_free_space,
    folder_lock,
    read_json,
    write_bytes,
    write_json,
    write_text,
)

HOLD = """
import sys
from exposure_lab.files import folder_lock
with folder_lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def refuse(code: int):
    """Stand-in for a call that the system refuses."""

    def call(*arguments: object, **options: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


def test_writes_whole_files_into_new_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "note.txt"
    write_text(path, "Grün\n")
    assert path.read_bytes() == "Grün\n".encode()
    assert os.listdir(path.parent) == ["note.txt"]
    write_bytes(path, b"\0")
    assert path.read_bytes() == b"\0"


def test_file_gets_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "ordinary").touch()
    write_text(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_temporary_path_keeps_the_suffix(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "photo.png") as temporary:
        assert (temporary.suffix, temporary.parent) == (".png", tmp_path)
        assert not (tmp_path / "photo.png").exists()


def test_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_error_in_the_block_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "set") as temporary:
        (temporary / "one").touch()
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_folder_appears_whole(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "set") as temporary:
        (temporary / "deep").mkdir()
        (temporary / "deep" / "one").write_text("1")
        assert not (tmp_path / "set").exists()
    assert (tmp_path / "set" / "deep" / "one").read_text() == "1"
    with pytest.raises(FilesError, match="Expected no folder at"), atomic_folder(tmp_path / "set"):
        pass


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "permission was denied"),
        (errno.EROFS, "permission was denied"),
    ],
)
def test_refusals_are_told_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, sentence: str
) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    monkeypatch.setattr(os, call, refuse(code))
    with pytest.raises(FilesError, match=sentence):
        write_text(path, "new")
    with pytest.raises(FilesError, match=sentence), atomic_folder(tmp_path / "set") as temporary:
        (temporary / "one").touch()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_other_errors_are_not_dressed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", refuse(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        write_text(tmp_path / "note.txt", "new")
    assert os.listdir(tmp_path) == []


def test_full_disk(tiny_disk: Path) -> None:
    write_text(tiny_disk / "note.txt", "old")
    with pytest.raises(FilesError, match=r"note\.txt, but the disk is full"):
        write_bytes(tiny_disk / "note.txt", bytes(100_000))
    assert (tiny_disk / "note.txt").read_text() == "old"
    assert os.listdir(tiny_disk) == ["note.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FilesError, match="permission was denied"):
        write_text(tmp_path / "note.txt", "new")


def test_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(FilesError, match="a file is in the way"):
        write_text(tmp_path / "taken" / "note.txt", "new")


def test_json_round_trip_is_strict(tmp_path: Path) -> None:
    value = {"name": "Grün", "rows": [1, 2.5, None, True]}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value
    assert (tmp_path / "a.json").read_text().endswith("}\n")
    for number in (float("nan"), float("inf")):
        with pytest.raises(FilesError, match="Expected finite numbers"):
            write_json(tmp_path / "b.json", {"x": [number]})
    assert not (tmp_path / "b.json").exists()


def test_unreadable_json(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match=r"Expected a file at .*, but there is none"):
        read_json(tmp_path / "none.json")
    for content in (b"{", b"", b"\xff\xfe"):
        (tmp_path / "broken.json").write_bytes(content)
        with pytest.raises(FilesError, match=r"Expected JSON in .*, but it does not parse"):
            read_json(tmp_path / "broken.json")


def test_free_space_is_asked_for_before_work(tmp_path: Path) -> None:
    check_free_space(tmp_path / "not" / "yet", 1)
    with pytest.raises(FilesError, match=r"Expected 1000000000000 MB free at .*, but there are"):
        check_free_space(tmp_path / "not" / "yet", 10**18)


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


def test_lock_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path / "new"):
        raise ZeroDivisionError
    with folder_lock(tmp_path / "new"):
        pass
