"""Nobody ever sees half a file, and every refusal of the disk is one sentence."""

import errno
import os
from pathlib import Path

import pytest

from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import (
    atomic_folder,
    atomic_path,
    remove_folder,
    replace_folder,
    sweep_leftovers,
    write_bytes,
    write_text,
)
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.json_files import read_json, write_json

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


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


def test_a_folder_that_cannot_be_replaced_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "set" / "old", "1")
    replace, calls = os.replace, []

    def second_fails(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", second_fails)
    with (
        pytest.raises(OSError, match="Input/output error"),
        atomic_folder(tmp_path / "set", replace=True) as temporary,
    ):
        (temporary / "new").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "set",
        "set/old",
    ]


class Killed(BaseException):
    """Stands for kill -9: nothing of the block's own cleaning up happens."""


def kill_after(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system rename so many times, and then neither rename nor remove anything."""
    replace, done = os.replace, []

    def killed(*arguments: object, **options: object) -> None:
        raise Killed

    def limited(source: Path, target: Path) -> None:
        if len(done) == calls:
            killed()
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", limited)
    for name in ("rmdir", "unlink", "remove"):
        monkeypatch.setattr(os, name, killed)
    monkeypatch.setattr("shutil.rmtree", killed)


@pytest.mark.parametrize("name", ["00000250", "site.html", "n" * 255])
@pytest.mark.parametrize("renames", range(4))
def test_a_folder_under_exchange_survives_a_kill(tmp_path: Path, name: str, renames: int) -> None:
    """Whatever the moment, the old folder or the new one is there after a sweep, and no other."""
    write_text(tmp_path / name / "state", "old")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        with atomic_folder(tmp_path / name, replace=True) as temporary:
            (temporary / "state").write_text("new")
            kill_after(renames, patch)
    sweep_leftovers(tmp_path, "another")
    sweep_leftovers(tmp_path)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name / "state").read_text() == ("old" if renames < 2 else "new")


def test_a_replaced_folder_that_cannot_be_removed_never_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-removed, after its successor is gone as well, it would pass for a whole one."""
    write_text(tmp_path / "set" / "state", "old")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        with atomic_folder(tmp_path / "set", replace=True) as temporary:
            (temporary / "state").write_text("new")
    assert (tmp_path / "set" / "state").read_text() == "new"
    remove_folder(tmp_path / "set")
    sweep_leftovers(tmp_path)
    assert os.listdir(tmp_path) == []


def test_only_what_stepped_aside_is_put_back(tmp_path: Path) -> None:
    """A folder of that kind holds its folder under the very name that its own name stands for."""
    aside = tmp_path / f".exposure-lab-old-{'0' * 8}-{'1' * 16}"
    write_text(aside / "tensors" / "one", "1")
    sweep_leftovers(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_whole_folder_takes_a_place(tmp_path: Path) -> None:
    for content in ("first", "second"):
        write_text(tmp_path / "made" / "deep" / "page", content)
        replace_folder(tmp_path / "made" / "deep", tmp_path / "site")
        assert (tmp_path / "site" / "page").read_text() == content
    assert sorted(os.listdir(tmp_path)) == ["made", "site"]
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FilesError, match="a file is in the way"):
        replace_folder(tmp_path / "made", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "file").unlink()
    with (
        pytest.raises(FilesError, match="permission was denied"),
        pytest.MonkeyPatch.context() as m,
    ):
        m.setattr(os, "replace", refuse(errno.EACCES))
        replace_folder(tmp_path / "made", tmp_path / "site")
    assert sorted(os.listdir(tmp_path)) == ["made", "site"]


def test_a_folder_goes_at_once_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a folder may lack the file by which it is known."""
    write_text(tmp_path / "set" / "state", "old")
    remove_folder(tmp_path / "none")
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        remove_folder(tmp_path / "set")
    assert not (tmp_path / "set").exists()
    sweep_leftovers(tmp_path, "set")
    assert os.listdir(tmp_path) == []


def test_a_new_file_never_replaces_one_that_appeared(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    with (
        pytest.raises(FilesError, match=r"no file at .*note\.txt, but one has appeared there"),
        atomic_path(path, replace=False) as temporary,
    ):
        temporary.write_text("ours")
        path.write_text("somebody's")
    assert path.read_text() == "somebody's"
    with atomic_path(path, replace=False) as temporary:  # the very bytes: done by somebody else
        temporary.write_text("somebody's")
    assert os.listdir(tmp_path) == ["note.txt"]


def test_a_new_file_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(FilesError, match="one has appeared there"),
        atomic_path(tmp_path / "link", replace=False) as temporary,
    ):
        temporary.write_text("ours")
    assert not (tmp_path / "elsewhere").exists()


def test_a_disk_without_second_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))  # as exFAT does
    path = tmp_path / "note.txt"
    with atomic_path(path, replace=False) as temporary:
        temporary.write_text("first")
    with (
        pytest.raises(FilesError, match="one has appeared there"),
        atomic_path(path, replace=False) as temporary,
    ):
        temporary.write_text("second")
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["note.txt"]


def test_a_name_that_was_taken_in_vain_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    monkeypatch.setattr(os, "replace", refuse(errno.EIO))
    with (
        pytest.raises(OSError, match="Input/output error"),
        atomic_path(tmp_path / "note.txt", replace=False) as temporary,
    ):
        temporary.write_text("ours")
    assert os.listdir(tmp_path) == []


def test_a_long_name_is_written_where_the_disk_takes_it(tmp_path: Path) -> None:
    longest = "n" * 251 + ".txt"
    write_text(tmp_path / longest, "x")
    assert os.listdir(tmp_path) == [longest]
    with pytest.raises(FilesError, match="choose a shorter one"):
        write_text(tmp_path / f"n{longest}", "x")
    with pytest.raises(FilesError, match="choose a shorter"), atomic_folder(tmp_path / ("n" * 256)):
        pass
    assert os.listdir(tmp_path) == [longest]


def test_a_long_suffix_is_written_where_the_disk_takes_it(tmp_path: Path) -> None:
    longest = ["n." + "s" * 230, "n." + "é" * 115]
    for name in longest:
        write_text(tmp_path / name, "x")
        with atomic_path(tmp_path / name, replace=False) as temporary:
            temporary.write_text("x")
            assert len(os.fsencode(temporary.name)) < 64  # some disks take 143 bytes
    assert sorted(os.listdir(tmp_path)) == sorted(longest)


def test_a_system_that_flushes_only_what_is_open_for_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows does; everything written there failed."""
    fcntl = pytest.importorskip("fcntl", reason="this system is one of them")
    fsync = os.fsync

    def strict(handle: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", strict)
    write_text(tmp_path / "note.txt", "x")
    with atomic_folder(tmp_path / "set") as temporary:
        (temporary / "one").write_text("1")
    assert (tmp_path / "set" / "one").read_text() == "1"


def test_only_our_own_leftovers_are_swept(tmp_path: Path) -> None:
    def leave(name: str) -> None:
        """What a killed process leaves behind: the block of `atomic_*` never ends."""
        stays.append(atomic_path(tmp_path / name))
        stays.append(atomic_folder(tmp_path / f"{name}.folder"))
        for context in stays[-2:]:
            context.__enter__()

    stays: list = []  # else the garbage collector would end them
    leave("msec.256")
    left = set(os.listdir(tmp_path))
    mine = [".env", ".msec.notes", ".exposure-lab", ".exposure-lab-new-0-1.txt", "photo.jpg"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".ssh").mkdir()
    sweep_leftovers(tmp_path, "msec")
    assert set(os.listdir(tmp_path)) == {*left, *mine, ".ssh"}
    sweep_leftovers(tmp_path, "msec.256")
    assert len(left & set(os.listdir(tmp_path))) == 1
    sweep_leftovers(tmp_path)
    assert set(os.listdir(tmp_path)) == {*mine, ".ssh"}
    sweep_leftovers(tmp_path / "none")


def test_a_link_among_leftovers_is_not_followed(tmp_path: Path) -> None:
    write_text(tmp_path / "photos" / "mine.jpg", "x")
    name = f".exposure-lab-new-{'0' * 8}-{'1' * 16}"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(tmp_path / "photos")
    sweep_leftovers(tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []
    assert os.listdir(tmp_path / "photos") == ["mine.jpg"]


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


def test_a_file_that_another_program_has_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a table that is open in a spreadsheet: the folder is all right."""

    def refuse_as_windows_does(*_: object) -> None:
        error = PermissionError(errno.EACCES, "The process cannot access the file")
        error.winerror = 32
        raise error

    monkeypatch.setattr(os, "replace", refuse_as_windows_does)
    with pytest.raises(FilesError, match=r"grades\.csv, but another program has it open: close it"):
        write_text(tmp_path / "grades.csv", "new")
    assert os.listdir(tmp_path) == []


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


@pytest.mark.posix("permissions by bits")
@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
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
