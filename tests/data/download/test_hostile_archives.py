"""An archive that means harm: refused in a sentence, in little memory, and nothing of it stays."""

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from archive_files import MAKERS, Make, content_of, make_plain_tar, make_tar, make_zip, refused

from exposure_lab.data.download.unpack import unpack
from exposure_lab.errors import FilesError

NOISE = np.random.default_rng(0).bytes(100_000)


@contextmanager
def little_memory(megabytes: int) -> Iterator[None]:
    """What Python asks for, at its peak."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 1e6
    finally:
        tracemalloc.stop()


@MAKERS
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a\x1b[2Jb.jpg", "holds a sign that is none of a text"),
        ("a\nb.jpg", "holds a sign that is none of a text"),
        ("a\x7f.jpg", "holds a sign that is none of a text"),
        ("a\u2028.jpg", "holds a sign that is none of a text"),
        ("set/12:30.jpg", "holds a colon"),
        ("set/a.jpg:hidden", "holds a colon"),
        ("set/NUL", "is a device on Windows"),
        ("set/com1.jpg", "is a device on Windows"),
        ("Con .tar.jpg/a.jpg", "is a device on Windows"),
        ("set/LPT².jpg", "is a device on Windows"),
        ("set/a.jpg.", "ends with a dot or a space"),
        ("set /a.jpg", "ends with a dot or a space"),
        ("set/.../a.jpg", "ends with a dot or a space"),
        ("a" * 252 + ".jpg", "is too long"),
        ("é" * 126 + ".jpg", "is too long"),
        ("/".join(["folder" * 20] * 9) + ".jpg", "is too long"),
        ("a/" * 20 + "a.jpg", "lies in more than 20 folders"),
        ("a" * 60_000, "is too long"),
    ],
)
def test_names_that_some_system_does_not_take(
    tmp_path: Path, make: Make, name: str, fault: str
) -> None:
    said = refused(make(tmp_path / "odd", {"good.jpg": b"1", name: b"2"}))
    if len(name) < 50_000 or make is make_zip:
        assert "Expected names that every system takes in " in said and fault in said
    else:
        assert "unpacks to far more" in said  # its header is as long as the name


@MAKERS
@pytest.mark.parametrize(
    "name",
    [
        "a" * 251 + ".jpg",
        "a/" * 19 + "a.jpg",
        "contra.jpg",
        "com0.jpg",
        "nul-1.jpg",
        "Bildschirmfoto 9.41\u202fAM.jpg",
        "\U0001f468\u200d\U0001f373.jpg",
        "\u0645\u06cc\u200c\u062e.jpg",
        "...a.jpg",
    ],
)
def test_names_that_all_systems_take(tmp_path: Path, make: Make, name: str) -> None:
    unpack(make(tmp_path / "a", {name: b"1"}), tmp_path / "new")
    assert content_of(tmp_path / "new") == {name: b"1"}


def test_a_name_that_is_no_unicode(tmp_path: Path) -> None:
    """Bytes of Latin-1 where UTF-8 should be: Python reads them as half signs."""
    archive = make_plain_tar(tmp_path / "a.tar", {"caf-.jpg": b"1"})
    archive.write_bytes(archive.read_bytes().replace(b"caf-.jpg", b"caf\xe9.jpg"))
    fixed = bytearray(archive.read_bytes())
    header = fixed.index(b"caf\xe9")
    fixed[header + 148 : header + 156] = b" " * 8
    fixed[header + 148 : header + 156] = b"%06o\0 " % sum(fixed[header : header + 512])
    archive.write_bytes(fixed)
    assert "'caf?.jpg' holds a sign that is none of a text" in refused(archive)


@MAKERS
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("set/IMG_1.JPG", "set/img_1.jpg"),
        ("caf\u00e9.jpg", "cafe\u0301.jpg"),
        ("Set/a.jpg", "set/b.jpg"),
        ("set/a.jpg", "SET"),
        ("stra\u00dfe.jpg", "STRASSE.jpg"),
    ],
)
def test_names_that_are_the_same_on_many_disks(
    tmp_path: Path, make: Make, one: str, other: str
) -> None:
    assert "are the same on many disks" in refused(make(tmp_path / "a", {one: b"1", other: b"2"}))


@MAKERS
def test_a_file_without_a_name(tmp_path: Path, make: Make) -> None:
    assert "names that stay inside the folder" in refused(make(tmp_path / "a", {".": b"1"}))


def test_the_same_names_in_two_folders(tmp_path: Path) -> None:
    files = {"input/a.JPG": b"1", "target/a.jpg": b"2"}
    unpack(make_zip(tmp_path / "a.zip", files), tmp_path / "new")
    assert content_of(tmp_path / "new") == files


def damaged_zip(path: Path, **changes: int) -> Path:
    """A zip of one file, whose entry in the directory says something else than is so."""
    make_zip(path, {"a.jpg": bytes(1000)})
    whole = bytearray(path.read_bytes())
    entry = whole.rindex(b"PK\x01\x02")
    places = {"date": (12, "<H"), "time": (14, "<H"), "size": (24, "<I"), "method": (10, "<H")}
    for name, value in changes.items():
        offset, kind = places[name]
        struct.pack_into(kind, whole, entry + offset, value)
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("size", [0, 1, 999, 1001, 5_000_000])
def test_zip_that_lies_about_a_size(tmp_path: Path, size: int) -> None:
    assert "it is damaged" in refused(damaged_zip(tmp_path / "a.zip", size=size))


def test_zip_of_another_age(tmp_path: Path) -> None:
    """Month 15, day 31, 31:63:62: nobody reads it."""
    unpack(damaged_zip(tmp_path / "a.zip", date=0xFFFF, time=0xFFFF), tmp_path / "new")
    assert content_of(tmp_path / "new") == {"a.jpg": bytes(1000)}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_whose_file_is_a_bomb(tmp_path: Path, method: int) -> None:
    """It says 100 kB, and a megabyte of it would become 40 MB in memory at once."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.jpg", bytes(4 * 10**7))
    whole = bytearray((tmp_path / "a.zip").read_bytes())
    struct.pack_into("<I", whole, whole.rindex(b"PK\x01\x02") + 24, 100_000)
    (tmp_path / "a.zip").write_bytes(whole)
    with little_memory(20):
        assert "its compression is a rare one" in refused(tmp_path / "a.zip")


def test_zip_whose_files_lie_in_each_other(tmp_path: Path) -> None:
    """The second entry is a part of the first one's bytes (Fifield 2019, quoted)."""
    inner = make_zip(tmp_path / "inner.zip", {"b.jpg": b"2"}).read_bytes()
    (tmp_path / "inner.zip").unlink()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", inner)
        outer = archive.infolist()[0]
        hidden = zipfile.ZipInfo("b.jpg")
        local = inner.rindex(b"PK\x03\x04")
        hidden.header_offset = outer.header_offset + 30 + len("a.jpg") + local
        hidden.compress_type, hidden.file_size = zipfile.ZIP_DEFLATED, 1
        hidden.compress_size, hidden.CRC = 3, 0x1AD5BE0D  # crc32(b"2")
        archive.filelist.append(hidden)
    assert "its files share their bytes" in refused(tmp_path / "a.zip")


def test_zip_that_is_all_directory(tmp_path: Path) -> None:
    """A directory of 9 MB for files of no bytes; zipfile would hold it in 150 MB of memory."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 9, 1, *[0] * 6)
    directory = (entry + b"a") * (9 * 10**6 // 47)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, len(directory), 0, 0)
    (tmp_path / "a.zip").write_bytes(directory + end)
    with little_memory(30):
        assert "its directory has 9 MB" in refused(tmp_path / "a.zip")


def tar_of(path: Path, *infos: tarfile.TarInfo, form: int = tarfile.GNU_FORMAT) -> Path:
    """A tar in gzip of files without content."""
    with tarfile.open(path, "w:gz", format=form) as archive:
        for info in infos:
            archive.addfile(info)
    return path


def test_tar_with_a_name_of_megabytes(tmp_path: Path) -> None:
    """In GNU's own form, which tarfile reads into memory as a whole."""
    archive = tar_of(tmp_path / "a.tgz", tarfile.TarInfo("a" * 5_000_000))
    with little_memory(3):
        assert "unpacks to far more" in refused(archive)


@pytest.mark.slow
def test_tar_whose_headers_add_up(tmp_path: Path) -> None:
    """60 headers of 30 kB: none is large, and tarfile keeps them all."""
    infos = []
    for number in range(60):
        info = tarfile.TarInfo(f"{number}.jpg")
        info.pax_headers = {f"comment{i}": f"{number:04}" * 6 for i in range(700)}
        infos.append(info)
    archive = tar_of(tmp_path / "a.tgz", *infos, form=tarfile.PAX_FORMAT)
    with little_memory(5):
        unpack(archive, tmp_path / "new")
    assert len(content_of(tmp_path / "new")) == 60


def test_tar_with_settings_for_all_files(tmp_path: Path) -> None:
    """Each is copied for each file that follows."""
    settings = {f"setting{number}": "x" for number in range(200)}
    with tarfile.open(
        tmp_path / "a.tgz", "w:gz", format=tarfile.PAX_FORMAT, pax_headers=settings
    ) as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    assert "a header makes no sense" in refused(tmp_path / "a.tgz")


def test_tar_with_long_names_one_behind_the_other(tmp_path: Path) -> None:
    """tarfile calls itself for each."""
    info = tarfile.TarInfo("a" * 200)
    headers = info.tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "a.tgz").write_bytes(gzip.compress(headers[:1024] * 5000 + bytes(1024)))
    with little_memory(20):
        assert "unpacks to far more" in refused(tmp_path / "a.tgz")


@pytest.mark.parametrize("size", [10, 8**11 - 1])
def test_tar_with_holes(tmp_path: Path, size: int) -> None:
    """The old form of GNU: a map in the header, and a size that none of the bytes takes up."""
    info = tarfile.TarInfo("a.jpg")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(header + bytes(1024))
    assert "it holds a file with holes" in refused(tmp_path / "a.tar")


def test_tar_with_an_endless_map_of_holes(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.jpg")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1  # the map goes on in the next block, and so does that one
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    block = b"00000000001\0" * 42 + b"\1" + bytes(7)
    (tmp_path / "a.tgz").write_bytes(gzip.compress(bytes(header) + block * 20_000))
    with little_memory(20):
        assert "unpacks to far more" in refused(tmp_path / "a.tgz")


@pytest.mark.parametrize("size", ["-5", "9" * 30, "-" + "9" * 30, "1e9"])
def test_tar_with_a_size_that_is_none(tmp_path: Path, size: str) -> None:
    info = tarfile.TarInfo("a.jpg")
    info.pax_headers = {"size": size, "mtime": "nan"}
    with tarfile.open(tmp_path / "a.tgz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
        archive.addfile(tarfile.TarInfo("b.jpg"))
    try:
        unpack(tmp_path / "a.tgz", tmp_path / "new")
    except Exception:
        refused(tmp_path / "a.tgz")
    else:  # what is no number counts as none
        assert content_of(tmp_path / "new") == {"a.jpg": b"", "b.jpg": b""}


@pytest.mark.parametrize("end", [0, 700, 1024])
def test_plain_tar_that_is_damaged_between_two_files(tmp_path: Path, end: int) -> None:
    """tarfile takes a header that is none, or the end of the file, for the end of the archive."""
    archive = make_plain_tar(tmp_path / "a.tar", {"a.jpg": NOISE, "b.jpg": NOISE})
    whole = archive.read_bytes()
    second = whole.index(b"b.jpg")
    archive.write_bytes(whole[:second] + b"x" * end)
    assert "it is damaged" in refused(archive)


@MAKERS
def test_the_folder_survives_a_refusal(tmp_path: Path, make: Make) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(Exception, match="do not trust"):
        unpack(make(tmp_path / "a", {"a.jpg": b"1", "../mine.jpg": b"2"}), tmp_path / "out" / "new")
    assert content_of(tmp_path / "out") == {"mine.jpg": b"mine"}


def test_what_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("shutil.copyfileobj", broken)
    with pytest.raises(FilesError, match=r"but the system says: Input/output error: choose"):
        unpack(make_tar(tmp_path / "a.tgz", {"a.jpg": b"1"}), tmp_path / "new")


def test_zip_within_bytes_of_others(tmp_path: Path) -> None:
    """As programs that unpack themselves are: a zip may have something before it."""
    archive = make_zip(tmp_path / "a.zip", {"a.jpg": NOISE})
    buffer = io.BytesIO(archive.read_bytes())
    archive.write_bytes(b"PK, and then" + buffer.getvalue())
    unpack(archive, tmp_path / "new")
    assert content_of(tmp_path / "new") == {"a.jpg": NOISE}
