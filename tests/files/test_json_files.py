"""JSON of any shape is read, or refused in one line."""

import os
from pathlib import Path

import pytest

from exposure_lab.errors import FilesError
from exposure_lab.files.json_files import (
    LONGEST,
    parse_json,
    read_json,
    read_json_object,
    write_json,
)

DAMAGE = {
    "a number that is none": (b'{"a": NaN}', "'NaN' is no finite number"),
    "an endless number": (b"[-Infinity]", "'-Infinity' is no finite number"),
    "a number beyond all floats": (b"1e999", "'1e999' is no finite number"),
    "a whole number of many digits": (b"9" * 5000, r"Exceeds the limit \(4300 digits\)"),
    "a deep nest": (b"[" * 100_000, "it is nested too deeply"),
    "a deep nest of objects": (b'{"a":' * 100_000, "it is nested too deeply"),
    "a key twice": (b'{"a": 1, "a": 2}', "a key is there twice"),
    "other bytes than UTF-8": (b'{"a": "\xff"}', "can't decode byte 0xff"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "BOM"),
    "two values": (b"{} {}", "Extra data"),
    "nothing": (b"", "Expecting value"),
    "more than anybody writes": (b" " * (LONGEST + 1), "it has more than 8 MB"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_one_sentence_that_names_the_file(tmp_path: Path, case: str) -> None:
    content, problem = DAMAGE[case]
    file = tmp_path / "some.json"
    file.write_bytes(content)
    with pytest.raises(FilesError, match=rf"JSON in .*some\.json, but .*{problem}") as caught:
        read_json(file)
    assert "\n" not in str(caught.value) and str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("content", [[1, 2], "text", 3, None, list(range(100_000))])
def test_something_else_than_an_object(tmp_path: Path, content: object) -> None:
    write_json(tmp_path / "a.json", content)
    with pytest.raises(FilesError, match=r"a JSON object in .*a\.json, but it holds ") as caught:
        read_json_object(tmp_path / "a.json")
    assert len(str(caught.value)) < 400
    write_json(tmp_path / "a.json", {"a": 1})
    assert read_json_object(tmp_path / "a.json") == {"a": 1}


def nest(depth: int) -> list[object]:
    """Lists in lists."""
    nested: list[object] = []
    for _ in range(depth):
        nested = [nested]
    return nested


endless: list[object] = []
endless.append(endless)

UNREADABLE = {
    "a number that is none": (float("nan"), "'NaN' is no finite number"),
    "a whole number of many digits": (10**5000, r"Exceeds the limit \(4300 digits\)"),
    # Some Pythons go deep enough to find its indents too long.
    "a deep nest": (nest(5000), "(it is nested too deeply|it has more than 8 MB)"),
    "a nest without end": (endless, "Circular reference detected"),
    "a key twice": ({1: "a", "1": "b"}, "a key is there twice"),
    "more than is read": (["photo"] * (LONGEST // 10), "it has more than 8 MB"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_nothing_is_written_that_could_not_be_read(tmp_path: Path, case: str) -> None:
    value, problem = UNREADABLE[case]
    write_json(tmp_path / "some.json", "old")
    with pytest.raises(FilesError, match=rf"Expected .*some\.json, but .*{problem}.*: ") as caught:
        write_json(tmp_path / "some.json", value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert read_json(tmp_path / "some.json") == "old"


@pytest.mark.parametrize("size", [LONGEST - 3, LONGEST - 2])
def test_the_longest_that_is_written_is_read(tmp_path: Path, size: int) -> None:
    text = "x" * (size - 1)  # two quotes and a line's end beside it
    try:
        write_json(tmp_path / "a.json", text)
    except FilesError:
        assert size > LONGEST - 3
    else:
        assert read_json(tmp_path / "a.json") == text


@pytest.mark.posix("pipes among files")
def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe would be waited for, for ever."""
    with pytest.raises(FilesError, match=r"Expected JSON in .* it is no file"):
        read_json(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FilesError, match=r"Expected JSON in .*pipe, but .* it is no file"):
        read_json(tmp_path / "pipe")


def test_ordinary_values_stay_what_they_are() -> None:
    text = '{"a": [1, -2.5, 1e-3, true, null, "gr\\u00fcn"], "b": {"a": 12345678901234567890}}'
    assert parse_json(text) == {
        "a": [1, -2.5, 0.001, True, None, "grün"],
        "b": {"a": 12345678901234567890},
    }
