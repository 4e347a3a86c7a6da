"""Any archive is unpacked as it should be, or refused in one printable line."""

import gzip
import io
import os
import struct
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path

import pytest
from archive_files import content_of
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import within

from exposure_lab.data.download import archive_members
from exposure_lab.data.download.unpack import unpack
from exposure_lab.errors import ExposureLabError

GOOD = st.text("abcd\u00e9", min_size=1, max_size=5)
ODD = st.text(max_size=6) | st.sampled_from(
    [
        "..",
        ".",
        "",
        "NUL",
        "com1.jpg",
        "a:b",
        "c:",
        "\\",
        "x" * 300,
        "a\x1b[2J",
        " ",
        "e\u0301",
        "A.",
    ]
)
NAMES = st.lists(
    st.integers(0, 15).flatmap(lambda dice: GOOD if dice else ODD), min_size=1, max_size=3
)
NAMES = NAMES.map("/".join)
CONTENTS = st.binary(max_size=300) | st.sampled_from([bytes(50_000), bytes(range(256)) * 50])
FILES = st.lists(st.tuples(NAMES, CONTENTS), max_size=6)

KINDS = [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
KINDS += [tarfile.GNUTYPE_SPARSE, tarfile.CONTTYPE, b"?", b"K", b"L", b"x", b"g"]
SIZES = st.sampled_from([0, 1, 511, 2**31, 2**33 - 1, 2**63]) | st.integers(0, 5000)


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    """A zip, the numbers of whose directory may be any."""
    method = draw(st.sampled_from([0, 8, 8, 8, 12, 14]))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in draw(FILES):
            info = zipfile.ZipInfo(name or "a")
            info.compress_type = method
            info.external_attr = draw(st.sampled_from([0, 0, 0o100644 << 16, 0o120777 << 16]))
            archive.writestr(info, content)
    whole = bytearray(file.getvalue())
    for _ in range(draw(st.integers(0, 2))):
        entry = whole.rfind(b"PK\x01\x02", 0, draw(st.integers(0, len(whole))))
        if entry >= 0:
            offset = draw(st.sampled_from([20, 24, 42]))  # sizes, and where the file is
            struct.pack_into("<I", whole, entry + offset, draw(SIZES) % 2**32)
    return bytes(whole)


@st.composite
def tars(draw: st.DrawFn) -> bytes:
    """A tar, the headers of which may say anything, with or without gzip."""
    blocks = b""
    for name, content in draw(FILES):
        info = tarfile.TarInfo(name)
        info.type = draw(st.sampled_from([tarfile.REGTYPE] * 10 + KINDS))
        info.size = draw(st.just(len(content)) | st.just(len(content)) | SIZES)
        info.mtime = draw(st.sampled_from([0, -1, 2**40]))
        info.linkname = draw(st.sampled_from(["", "/etc/passwd", "../../x"]))
        info.pax_headers = draw(
            st.dictionaries(
                st.sampled_from(["comment", "size", "path", "GNU.sparse.map", "GNU.sparse.major"]),
                st.text("0123456789,-\u00e9a/.", max_size=20),
                max_size=2,
            )
        )
        form = draw(st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
        blocks += info.tobuf(form, "utf-8", "surrogateescape")
        blocks += content + bytes(-len(content) % 512)
    blocks += bytes(draw(st.sampled_from([1024, 10240, 512, 0])))
    return gzip.compress(blocks, 1) if draw(st.booleans()) else blocks


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An archive, whole or with some of its bytes changed, cut off, left out or repeated."""
    whole = draw(zips() | tars())
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        start = draw(st.integers(0, len(whole)))
        end = start + draw(st.sampled_from([1, 4, 100, 512, 10**6]))
        middle = draw(st.binary(max_size=4) | st.just(whole[end : end + 600]) | st.just(b""))
        whole = whole[:start] + middle + whole[end:]
    return whole


def expected(archive: bytes) -> dict[str, bytes]:
    """What Python's own libraries find in an archive."""
    if archive.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = [info for info in opened.infolist() if not info.is_dir()]
            return {os.path.normpath(info.filename): opened.read(info) for info in names}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = [info for info in tar if not info.isdir()]
        members = {os.path.normpath(info.name): tar.extractfile(info) for info in files}
        return {name: file.read() if file else b"" for name, file in members.items()}


def check(archive: bytes) -> str:
    """Unpack it in a folder of its own; return the error message, empty where it was unpacked."""
    with tempfile.TemporaryDirectory() as temporary:
        outside = Path(temporary) / "outside"
        folder = outside / "out" / "new"
        folder.parent.mkdir(parents=True)
        (outside / "a").write_bytes(b"mine")
        path = outside / "archive"
        path.write_bytes(archive)
        message = ""
        try:
            unpack(path, folder)
        except ExposureLabError as error:
            message = str(error)
            assert (
                message.startswith("Expected ") and message.endswith(".") and message.isprintable()
            )
            assert not list(folder.parent.iterdir())
        else:
            assert list(folder.parent.iterdir()) == [folder]
            kept = {name: data for name, data in expected(archive).items() if "._" not in name}
            assert content_of(folder) == kept
        assert sorted(os.listdir(outside)) == ["a", "archive", "out"]
        assert (outside / "a").read_bytes() == b"mine" and path.read_bytes() == archive
        return message


@pytest.mark.slow
def test_fuzz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda number: None)
    messages: list[str] = []

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(mutated())
    def run(archive: bytes) -> None:
        messages.append(check(archive))

    with within(300), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile's, of the names that come twice
        run()
    assert messages.count("") >= 20  # it is no fuzzer that never hits


@pytest.mark.slow
def test_a_zip_with_as_large_a_directory_as_may_be(tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 9, 1, *[0] * 6) + b"a"
    directory = entry * (archive_members.DIRECTORY // len(entry))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0, 0, len(directory), 0, 0)
    with within(300):
        assert "Expected a whole archive in " in check(directory + end)
