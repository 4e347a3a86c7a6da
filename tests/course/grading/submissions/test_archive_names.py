"""Names in zip files from strangers: odd, doubled, and in any encoding."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from archive_reading import contents, problems, rewritten, take
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_maker import write_zip


def test_names_that_are_there_twice_or_differ_in_case_are_all_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for name, content in (("a.ipynb", "1"), ("A.IPYNB", "2"), ("a.ipynb", "3")):
            archive.writestr(name, content)
    found = take(path)
    assert [file.shown for file in found] == ["a.ipynb", "A.IPYNB", "a.ipynb"]
    assert [file.path.read_text() for file in found if file.path] == ["1", "2", "3"]


def test_a_name_with_a_null_is_named(tmp_path: Path) -> None:
    def put_null(raw: bytearray) -> None:
        raw[:] = raw.replace(b"evil.ipynb_sh", b"evil.ipynb\0sh")

    found = take(rewritten(write_zip(tmp_path / "a.zip", {"evil.ipynb_sh": b"{}"}), put_null))
    assert contents(found) == {}
    assert "no disk takes" in problems(found)[0]
    assert found[0].name == "evil.ipynb_sh"


def test_a_name_of_many_thousand_signs_is_named_in_short(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"n" * 5_000 + ".ipynb": b"{}", "n" * 5_001: b"{}"})
    found = take(path)
    assert contents(found) == {}
    assert all(len(text) < 400 for text in problems(found))
    assert len({file.name for file in found}) == 2  # still two


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "María/露出.ipynb"), ("cp437", "María/é.ipynb")],
)
def test_a_name_without_the_mark_of_utf8_is_read_as_its_author_wrote_it(
    tmp_path: Path, encoding: str, name: str
) -> None:
    """As macOS and old Windows programs write them: bytes, and nothing says which encoding."""
    raw = name.encode(encoding)
    stand_in = "x" * len(raw)
    path = write_zip(tmp_path / "a.zip", {stand_in: b"{}"})
    rewritten(path, lambda bytes_: bytes_.__init__(bytes_.replace(stand_in.encode(), raw)))
    assert contents(take(path)) == {name: b"{}"}


def test_a_name_in_the_extra_field_of_unicode_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("Jos?.ipynb")
    said = b"\x01" + struct.pack("<L", zlib.crc32(b"Jos?.ipynb")) + "José.ipynb".encode()
    info.extra = struct.pack("<HH", 0x7075, len(said)) + said
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"{}")
    assert contents(take(path)) == {"José.ipynb": b"{}"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5, unique=True))
def test_any_names_stay_inside_and_each_is_told(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            encodable = name.encode(errors="replace").decode()
            archive.writestr(zipfile.ZipInfo(encodable), b"x")
    found = take(path)
    assert all(file.path or file.problem or file.folder for file in found)
    assert all("/" not in part and "\0" not in part for file in found for part in file.parts)
    inside = (folder / "out").resolve()
    assert all(inside in file.path.resolve().parents for file in found if file.path)
    assert {entry.name for entry in folder.iterdir()} == {"a.zip", "out"}
