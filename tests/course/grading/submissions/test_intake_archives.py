"""Zip files from strangers: what is safe comes out, and everything else is named."""

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from archive_reading import contents, files_below, problems, rewritten, take
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_maker import write_zip

from exposure_lab.course.grading.submissions import archive as archive_module
from exposure_lab.course.grading.submissions.limits import Limits
from exposure_lab.errors import FilesError, GradingError


def with_size(raw: bytearray, size: int) -> None:
    """Let both headers of the first member say another size, unpacked."""
    struct.pack_into("<L", raw, raw.index(b"PK\x03\x04") + 22, size)
    struct.pack_into("<L", raw, raw.index(b"PK\x01\x02") + 24, size)


def test_files_come_out_with_their_names_and_folders(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"hw/": b"", "hw/01.ipynb": b"{}", "notes.txt": b"hello"})
    found = take(path)
    assert contents(found) == {"hw/01.ipynb": b"{}", "notes.txt": b"hello"}
    assert [file.shown for file in found if file.folder] == ["hw"]
    assert all(file.path.suffix == Path(file.name).suffix for file in found if file.path)


@pytest.mark.parametrize(
    "name",
    ["../evil.ipynb", "a/../../evil.ipynb", "/etc/evil.ipynb", "C:\\evil.ipynb", "..\\evil.ipynb"],
)
def test_a_path_that_leads_out_is_not_taken_but_named(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "in" / "a.zip", {name: b"x", "good.ipynb": b"{}"})
    found = take(path)
    assert contents(found) == {"good.ipynb": b"{}"}
    assert "outside its folder" in problems(found)[0]
    assert "evil.ipynb" in problems(found)[0]
    assert files_below(tmp_path) == ["a.zip", "good.ipynb"]
    assert [file.name for file in found] == ["evil.ipynb", "good.ipynb"]


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_links_and_devices_are_not_taken(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("01_exposure.ipynb")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    found = take(path)
    assert contents(found) == {}
    assert "link or a device" in problems(found)[0]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_a_large_member_is_refused_by_its_header(tmp_path: Path) -> None:
    members = {"big.ipynb": bytes(10_001), "big.bin": bytes(50_001), "good.ipynb": b"{}"}
    found = take(write_zip(tmp_path / "a.zip", members))
    assert contents(found) == {"good.ipynb": b"{}"}
    assert [("big.ipynb" in text, "large outputs" in text) for text in problems(found)] == [
        (True, True),
        (False, True),
    ]


def test_a_member_of_two_gigabytes_by_its_header_is_never_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.ipynb": b"{}"})
    found = take(rewritten(path, lambda raw: with_size(raw, 2 * 10**9)))
    assert "2,000 MB" in problems(found)[0]
    assert files_below(tmp_path) == ["a.zip"]


def test_a_stream_that_is_longer_than_its_header_ends_where_that_says(tmp_path: Path) -> None:
    """The true content is 50 MB: neither memory nor disk see more than the header says."""
    path = write_zip(tmp_path / "a.zip", {"a.ipynb": bytes(50_000_000), "good.ipynb": b"{}"})
    found = take(rewritten(path, lambda raw: with_size(raw, 100)))
    assert contents(found) == {"good.ipynb": b"{}"}
    assert "damaged" in problems(found)[0]
    assert files_below(tmp_path) == ["a.zip", "good.ipynb"]  # nothing half-written


def test_a_stream_that_is_shorter_than_its_header_leaves_nothing(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.ipynb": b"{}"})
    found = take(rewritten(path, lambda raw: with_size(raw, 9_000)))
    assert "damaged" in problems(found)[0]
    assert files_below(tmp_path) == ["a.zip"]


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.ipynb": b"abcdefgh" * 9, "b.ipynb": b"{}"})

    def damage(raw: bytearray) -> None:
        raw[raw.index(b"a.ipynb") + 9] ^= 0xFF

    found = take(rewritten(path, damage))
    assert contents(found) == {"b.ipynb": b"{}"}
    assert "ask for it again" in problems(found)[0]


def test_a_flat_bomb_is_stopped_by_its_ratio_and_by_the_budget(tmp_path: Path) -> None:
    by_ratio = take(write_zip(tmp_path / "r/a.zip", {"zeros.csv": bytes(49_000)}))
    assert "fill a disk" in problems(by_ratio)[0]
    many = {f"{number}.ipynb": bytes(10_000) for number in range(15)}
    found = take(write_zip(tmp_path / "m/a.zip", many))
    assert len(contents(found)) == 10  # SMALL.size / 10,000
    assert len(problems(found)) == 5


def test_too_many_members_are_refused_before_one_is_written(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{number}.txt": b"" for number in range(21)})
    with pytest.raises(GradingError, match=r"at most 20 files in a\.zip, but it has 21"):
        take(path)
    assert files_below(tmp_path) == ["a.zip"]


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    """200,000 members of long names: zipfile would need half a gigabyte for them."""
    path = tmp_path / "a.zip"
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<HHH", 200, 0, 0) + bytes(12) + b"n" * 200
    count, size = 200_000, 200_000 * len(entry)
    with path.open("wb") as file:
        file.write(b"PK\x03\x04" + bytes(26))
        for _ in range(count):
            file.write(entry)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, size, 30, 0))
    with pytest.raises(GradingError, match=r"its directory has \d+ MB"):
        take(path, Limits(packed=10**9, members=20, size=10**6))


def test_an_archive_of_two_gigabytes_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)  # with holes: it takes no room on the disk
    with pytest.raises(GradingError, match="has 2,000 MB"):
        take(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06" + bytes(18), b"%PDF-1.7", b"PK\x03\x04 cut off", b"Rar!\x1a\x07"]
)
def test_what_is_empty_or_no_zip_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(GradingError, match=r"^Expected .* a\.zip.*, but .*: ask for it again"):
        take(path)
    assert files_below(tmp_path) == ["a.zip"]


def test_a_locked_member_is_named(tmp_path: Path) -> None:
    def lock(raw: bytearray) -> None:
        raw[raw.index(b"PK\x03\x04") + 6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1

    found = take(rewritten(write_zip(tmp_path / "a.zip", {"a.ipynb": b"{}"}), lock))
    assert "password" in problems(found)[0]


def test_a_rare_compression_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.ipynb", b"{}")
    assert "another program" in problems(take(path))[0]


def test_what_systems_leave_behind_is_left_out(tmp_path: Path) -> None:
    members = {
        "__MACOSX/._a.ipynb": b"x",
        ".DS_Store": b"x",
        "a.ipynb": b"{}",
        ".ipynb_checkpoints/a-checkpoint.ipynb": b"{}",
        "hw/Thumbs.db": b"x",
    }
    assert [file.shown for file in take(write_zip(tmp_path / "a.zip", members))] == ["a.ipynb"]


def test_a_full_disk_is_an_error_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    path = write_zip(tmp_path / "a.zip", {"a.ipynb": b"{}"})
    monkeypatch.setattr(archive_module.shutil, "copyfileobj", refuse)
    with pytest.raises(FilesError, match="the disk is full"):
        take(path)
    assert files_below(tmp_path) == ["a.zip"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damage_anywhere_is_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    path = write_zip(folder / "a.zip", {"hw/a.ipynb": b"{}" * 50, "b.csv": b"1,2"})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(
        raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    )
    try:
        found = take(path)
    except GradingError as error:
        assert str(error).startswith("Expected")
    else:
        assert all(file.path or file.problem or file.folder for file in found)
