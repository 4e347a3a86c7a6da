"""An archive is unpacked whole, inside its folder and within limits, or not at all."""

import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from archive_files import MAKERS, Make, content_of, make_plain_tar, make_tar, make_zip, refused

from exposure_lab.data.download.archive_members import Limits
from exposure_lab.data.download.unpack import unpack
from exposure_lab.errors import DataError, FilesError

FILES = {
    "set/training/INPUT_IMAGES/a1379-_DSC5348-(original)_N1.5.JPG": b"\xff\xd8one",
    "set/training/GT_IMAGES/a0036-jn_2007_05_05__183.jpg": b"\xff\xd8two" * 1000,
    "set/empty.jpg": b"",
    "été.jpg": b"three",
}


@pytest.mark.parametrize("make", [make_zip, make_tar, make_plain_tar])
def test_every_file_comes_out(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "set.bin", FILES)  # the name says nothing
    unpack(archive, tmp_path / "new")
    assert content_of(tmp_path / "new") == FILES
    assert sorted(os.listdir(tmp_path)) == ["new", "set.bin"]


@MAKERS
def test_what_file_managers_leave_stays_out(tmp_path: Path, make: Make) -> None:
    junk = ["__MACOSX/set/._a.JPG", "set/.DS_Store", "set/Thumbs.db", "set/._a.JPG"]
    unpack(make(tmp_path / "a", {"set/a.JPG": b"1", **dict.fromkeys(junk, b"2")}), tmp_path / "new")
    assert content_of(tmp_path / "new") == {"set/a.JPG": b"1"}


@MAKERS
def test_files_may_be_chosen_and_moved(tmp_path: Path, make: Make) -> None:
    def keep(name: PurePosixPath) -> PurePosixPath | None:
        return PurePosixPath(name.name) if name.suffix == ".JPG" else None

    unpack(make(tmp_path / "a", FILES), tmp_path / "new", keep=keep)
    assert list(content_of(tmp_path / "new")) == ["a1379-_DSC5348-(original)_N1.5.JPG"]


@MAKERS
@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "set/../../evil.jpg",
        "/evil.jpg",
        "..\\evil.jpg",
        "set\\..\\..\\evil.jpg",
        "C:/evil.jpg",
        "C:\\evil.jpg",
        "\\\\host\\share\\evil.jpg",
        "..",
    ],
)
def test_no_name_leads_outside(tmp_path: Path, make: Make, name: str) -> None:
    archive = make(tmp_path / "slip", {"good.jpg": b"1", name: b"2"})
    assert "names that stay inside the folder" in refused(archive)


@pytest.mark.parametrize("kind", ["SYMTYPE", "LNKTYPE", "CHRTYPE", "BLKTYPE", "FIFOTYPE"])
def test_tar_with_links_and_devices(tmp_path: Path, kind: str) -> None:
    with tarfile.open(tmp_path / "links.tgz", "w:gz") as archive:
        info = tarfile.TarInfo("set/photo.jpg")
        info.type, info.linkname = getattr(tarfile, kind), "/etc/passwd"
        archive.addfile(info)
    assert "'set/photo.jpg' is a link or a device" in refused(tmp_path / "links.tgz")


def test_tar_that_writes_through_its_own_link(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "through.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("set")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("set/evil.jpg"))
    assert "'set' is a link" in refused(tmp_path / "through.tgz")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_zip_with_links_and_devices(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("set/photo.jpg")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "links.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "'set/photo.jpg' is a link or a device" in refused(tmp_path / "links.zip")


def test_permissions_in_the_archive_are_ignored(tmp_path: Path) -> None:
    info = tarfile.TarInfo("run.jpg")
    info.mode = 0o6777
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        archive.addfile(info)
    (tmp_path / "ordinary").touch()
    unpack(tmp_path / "a.tgz", tmp_path / "new")
    ours = (tmp_path / "new" / "run.jpg").stat().st_mode
    assert ours == (tmp_path / "ordinary").stat().st_mode


@MAKERS
def test_bomb(tmp_path: Path, make: Make) -> None:
    """100 MB of zeros in 100 KB or less."""
    archive = make(tmp_path / "bomb", {"zeros.jpg": bytes(10**8)})
    assert archive.stat().st_size < 500_000
    assert "as one does that is made to fill a disk" in refused(archive)


def test_tar_whose_header_is_the_bomb(tmp_path: Path) -> None:
    """A pax header of 40 MB, which tarfile would read into memory as a whole."""
    with tarfile.open(tmp_path / "bomb.tgz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.jpg")
        info.pax_headers = {"comment": "0" * 4 * 10**7}
        archive.addfile(info)
    assert "unpacks to far more" in refused(tmp_path / "bomb.tgz")


def test_zip_whose_files_share_their_bytes(tmp_path: Path) -> None:
    """Each entry of the directory points to the same 1 MB (Fifield 2019)."""
    archive = make_zip(tmp_path / "a.zip", {"a.jpg": np.random.default_rng(0).bytes(10**6)})
    with zipfile.ZipFile(archive, "a") as opened:
        (info,) = (info for info in opened.infolist() if info.filename == "a.jpg")
        opened.filelist += [info] * 100
        opened._didModify = True  # so that the directory is written again
    assert "as one does that is made to fill a disk" in refused(archive)


@MAKERS
@pytest.mark.parametrize("limits", [Limits(files=3), Limits(size=5000)])
def test_limits(tmp_path: Path, make: Make, limits: Limits) -> None:
    assert "but it holds more" in refused(make(tmp_path / "a", FILES), limits=limits)


def test_room_is_asked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_zip(tmp_path / "a.zip", FILES)
    full = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda place: full)
    with pytest.raises(FilesError, match="MB free"):
        unpack(archive, tmp_path / "new")
    assert os.listdir(tmp_path) == ["a.zip"]


@MAKERS
def test_full_disk(tiny_disk: Path, tmp_path: Path, make: Make) -> None:
    content = np.random.default_rng(0).bytes(100_000)
    with pytest.raises(FilesError, match=r"MB free|the disk is full"):
        unpack(make(tmp_path / "a", {"a.jpg": content}), tiny_disk / "new")
    assert os.listdir(tiny_disk) == []


@MAKERS
def test_a_name_comes_once(tmp_path: Path, make: Make) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # zipfile's, of the second name
        twice = make(tmp_path / "a", {"a.jpg": b"1", "./a.jpg": b"2"})
    assert "'./a.jpg' comes twice" in refused(twice)
    twice.unlink()
    (tmp_path / "out").rmdir()
    assert "comes twice" in refused(make(tmp_path / "b", {"a": b"1", "a/b.jpg": b"2"}))


@MAKERS
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_cut_off(tmp_path: Path, make: Make, share: float) -> None:
    noise = np.random.default_rng(0).bytes(100_000)
    archive = make(tmp_path / "a", {"a.jpg": noise, "b.jpg": noise[::-1]})
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(share * len(whole))])
    assert "it is damaged" in refused(archive)


@MAKERS
def test_one_wrong_byte(tmp_path: Path, make: Make) -> None:
    archive = make(tmp_path / "a", {"a.jpg": np.random.default_rng(0).bytes(100_000)})
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2] ^= 1
    archive.write_bytes(whole)
    assert "it is damaged" in refused(archive)


@pytest.mark.parametrize("make", [make_zip, make_tar, make_plain_tar])
def test_rubbish_is_refused_or_unpacked(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Overwritten anywhere, an archive raises nothing but DataError."""
    monkeypatch.setattr("os.fsync", lambda number: None)
    random = np.random.default_rng(0)
    whole = make(tmp_path / "a", {f"{i}.jpg": random.bytes(300) for i in range(5)}).read_bytes()
    refusals = 0
    for trial in range(120):
        damaged = bytearray(whole)
        places = (len(whole), 512, len(whole))[trial % 3]
        for position in random.integers(0, places, 5):
            damaged[len(whole) - 1 - position if trial % 3 else position] = random.integers(256)
        (tmp_path / "a").write_bytes(damaged)
        try:
            unpack(tmp_path / "a", tmp_path / f"new{trial}")
        except DataError:
            refusals += 1
    assert refusals  # not of each: a plain tar has no checksum of what its files hold


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html></html>", bytes(2000), b"Rar!"])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert "but its content is neither" in refused(tmp_path / "a.zip")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="but there is no such file"):
        unpack(tmp_path / "nowhere.zip", tmp_path / "new")
    with pytest.raises(DataError, match="but there is no such file"):
        unpack(tmp_path, tmp_path / "new")


def test_password_and_rare_compression(tmp_path: Path) -> None:
    whole = make_zip(tmp_path / "a.zip", {"a.jpg": b"1"}).read_bytes()
    entry = whole.rindex(b"PK\x01\x02")  # the entry of a.jpg in the directory: APPNOTE, 4.3.12
    for offset, value, sentence in [(8, 1, "locked with a password"), (10, 19, "compression")]:
        changed = bytearray(whole)
        changed[entry + offset] = value
        local = whole.rindex(b"PK\x03\x04")
        changed[local + offset - 2] = value
        (tmp_path / "a.zip").write_bytes(changed)
        assert sentence in refused(tmp_path / "a.zip")


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(FilesError, match="Expected no folder at"):
        unpack(make_zip(tmp_path / "a.zip", FILES), tmp_path / "new")


KILLED = """
import sys
from pathlib import Path
from exposure_lab.data.download.local_files import unpack_local_archive
with unpack_local_archive(Path(sys.argv[1]), Path(sys.argv[2])) as folder:
    folder.rename(sys.argv[2] + "/training")
"""


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_kill_9_in_the_middle(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(4_000_000)
    files = {f"{i:04}.jpg": noise[i * 2000 :][:4000] for i in range(1500)}
    archive, out = make_tar(tmp_path / "a.tgz", files), tmp_path / "out"
    command = [sys.executable, "-c", KILLED, archive, out]
    with subprocess.Popen(command) as process:
        while len(list(out.rglob("*.jpg"))) < 100:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert not (out / "training").exists()
    subprocess.run(command, check=True)
    assert content_of(out) == {f"training/{name}": content for name, content in files.items()}
    assert os.listdir(out) == ["training"]
