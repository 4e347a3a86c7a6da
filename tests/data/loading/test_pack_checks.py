"""A pack that somebody made up is refused in a sentence before anything of it is mapped."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.data.loading.pack_checks import ROWS, check_photos, parse_index
from exposure_lab.data.loading.packed import PAIR, PHOTO, PackedPairs, damaged_photos
from exposure_lab.errors import DataError
from exposure_lab.files.checksum import sha256
from exposure_lab.files.json_files import read_json


@pytest.fixture
def copy(packed: Path, tmp_path: Path) -> Path:
    """A pack that a test may change."""
    return Path(shutil.copytree(packed, tmp_path / "set.pack"))


def refused(folder: Path, config: DataConfig) -> str:
    """The sentence with which a pack is refused."""
    with pytest.raises(DataError) as caught:
        PackedPairs(folder, "training", config)
    said = str(caught.value)
    assert str(folder) in said and said.isprintable() and len(said) < 600
    return said


def resealed(folder: Path, **changes: object) -> None:
    """Write the index anew, true to the tables as they are, but for some changes."""
    index = read_json(folder / "index.json")
    index["tables"] = {name: sha256(folder / f"{name}.npy") for name in index["tables"]}
    (folder / "index.json").write_text(json.dumps(index | changes))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", r"it holds []"),
        ("7", "it holds 7"),
        ("[" * 50_000, "nested too deeply"),
        ('{"format": NaN}', "'NaN' is no finite number"),
        ("9" * 5000, "Exceeds the limit"),
        ("{}", "format in its index is None"),
        ('{"format": "1"}', "format in its index is '1'"),
        ('{"format": true}', "format in its index is True"),
        ('{"format": 0}', "format in its index is 0"),
        ('{"format": 1}', "short_side in its index is None"),
    ],
)
def test_an_index_of_another_shape(
    copy: Path, config: DataConfig, content: str, problem: str
) -> None:
    (copy / "index.json").write_text(content)
    assert problem in refused(copy, config)
    with pytest.raises(DataError, match="pack it again"):
        damaged_photos(copy)
    with pytest.raises(DataError, match="pack it again"):
        fingerprint(copy)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"short_side": 24.0}, "short_side in its index is 24.0"),
        ({"image_size": True}, "image_size in its index is True"),
        ({"short_side": -1, "image_size": 16}, "sizes that no pack has"),
        ({"short_side": 10**4000}, "sizes that no pack has"),
        ({"short_side": 0}, "sizes that no pack has"),
        ({"pixels": 0}, "sizes that no pack has"),
        ({"pixels": "many"}, "pixels in its index is 'many'"),
        ({"fingerprint": 3}, "fingerprint in its index is 3"),
        ({"fingerprint": "\x1b[2J"}, "fingerprint in its index is '\\x1b[2J'"),
        ({"fingerprint": "f" * 5000}, "fingerprint in its index is 'ffff"),
        ({"tables": ["photos"]}, "tables in its index is ['photos']"),
        ({"tables": {}}, "its index has the tables []"),
        ({"tables": {"photos": ""}}, "its index has the tables ['photos']"),
        ({"tables": {"photos": "", "../../etc/passwd": ""}}, "the tables ['../../etc/passwd'"),
        ({"tables": {"photos": "", "/etc/passwd": ""}}, "the tables ['/etc/passwd'"),
        ({"tables": {"photos": 1, "training": [2]}}, "a file of it has changed"),
        ({"pixels": 10**30}, "a file of it has changed"),
        ({"format": 10**30}, "format 1 or older"),
    ],
)
def test_an_index_with_values_that_no_pack_has(
    copy: Path, config: DataConfig, changes: dict[str, object], problem: str
) -> None:
    resealed(copy, **changes)
    assert problem in refused(copy, config)


def photo(key: str, value: int, row: int = 5) -> Callable[[Path], None]:
    return lambda folder: change(folder / "photos.npy", key, value, row)


def pair(key: str, value: float, row: int = 5) -> Callable[[Path], None]:
    return lambda folder: change(folder / "training.npy", key, value, row)


def change(file: Path, key: str, value: float, row: int) -> None:
    table = np.load(file)
    table[key][row] = value
    np.save(file, table)


def saved(name: str, table: object) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / name, table, allow_pickle=True)  # type: ignore[arg-type]


def written(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def header(text: bytes) -> bytes:
    """An npy file of version 1.0 with this for its header."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


CHANGES = {
    "before the first byte": (photo("offset", -1), "photo 5 has another size or place"),
    "beyond the last byte": (photo("offset", 10**12), "photo 5 has another size or place"),
    "beyond all numbers": (photo("offset", 2**63 - 1), "photo 5 has another size or place"),
    "longer than the file": (photo("width", 2**20), "photo 5 has another size or place"),
    "three times it is too much": (photo("width", 2**31 - 1), "photo 5 has another size or place"),
    "below zero": (photo("height", -24), "photo 5 has another size or place"),
    "nothing": (photo("height", 0), "photo 5 has another size or place"),
    "smaller than the square": (photo("height", 1), "photo 5 has another size or place"),
    "a photo that is not there": (pair("input", 10**6), "pair 5 lacks photos or exposure"),
    "a photo before the first": (pair("target", -1), "pair 5 lacks photos or exposure"),
    "an exposure that is none": (pair("ev", np.nan), "pair 5 lacks photos or exposure"),
    "an endless exposure": (pair("ev", np.inf), "pair 5 lacks photos or exposure"),
    "a table of objects": (saved("photos.npy", np.array([{}], object)), "is no table of numpy"),
    "a table of floats": (saved("photos.npy", np.zeros(9)), "photos.npy has other columns, or no"),
    "a table of pairs": (saved("photos.npy", np.zeros(9, PAIR)), "photos.npy has other columns"),
    "two dimensions": (saved("training.npy", np.zeros((3, 3), PAIR)), "training.npy has other col"),
    "no rows": (saved("training.npy", np.zeros(0, PAIR)), "training.npy"),
    "an archive": (written("photos.npy", b"PK\x03\x04" + bytes(100)), "is no table of numpy"),
    "a pickle": (written("photos.npy", b"cos\nsystem\n(S'true'\ntR."), "is no table of numpy"),
    "nothing at all": (written("training.npy", b""), "training.npy is no table of numpy"),
    "a deep header": (written("photos.npy", header(b"(" * 5000)), "photos.npy is no table"),
    "an odd escape": (written("photos.npy", header(b"{'descr': '\\d'}")), "photos.npy is no table"),
    "a header that runs": (
        written("photos.npy", header(b"__import__('os').system('true')")),
        "photos.npy is no table of numpy",
    ),
    "rows that are not there": (
        written(
            "training.npy",
            header(str({"descr": PAIR.descr, "fortran_order": False, "shape": (2**60,)}).encode()),
        ),
        "training.npy is no table of numpy",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_tables_that_somebody_made_up(copy: Path, config: DataConfig, case: str) -> None:
    """Their sums are right: whoever made them up wrote the index as well."""
    alter, problem = CHANGES[case]
    alter(copy)
    resealed(copy)
    assert problem in refused(copy, config)
    if "photos.npy" in problem or "photo 5" in problem:
        with pytest.raises(DataError, match="pack it again"):
            damaged_photos(copy)


def test_two_photos_of_other_shapes_are_no_pair(copy: Path, config: DataConfig) -> None:
    table = np.load(copy / "photos.npy")
    pairs = np.load(copy / "training.npy")
    other = next(
        i for i, row in enumerate(table) if row["width"] != table[pairs[0]["input"]]["width"]
    )
    change(copy / "training.npy", "target", other, 0)
    resealed(copy)
    assert "pair 0 has photos of two sizes" in refused(copy, config)


@pytest.mark.posix("pipes among files")
@pytest.mark.parametrize("name", ["photos.npy", "training.npy", "pixels.bin", "index.json"])
def test_what_is_no_file_is_not_waited_for(copy: Path, config: DataConfig, name: str) -> None:
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert "is no file" in refused(copy, config)
    (copy / name).unlink()
    (copy / name).mkdir()
    assert "pack it again" in refused(copy, config)


def test_every_row_of_a_long_table_is_looked_at() -> None:
    content: dict[str, Any] = {
        "short_side": 0,
        "image_size": 8,
        "fingerprint": "f",
        "pixels": 192,
        "tables": {"photos": "", "training": ""},
    }
    table = np.zeros(ROWS + 10, PHOTO)
    table["height"] = table["width"] = 8
    check_photos(table, parse_index(content))
    table["offset"][ROWS + 3] = 1
    with pytest.raises(ValueError, match=f"photo {ROWS + 3} has another size or place"):
        check_photos(table, parse_index(content))
