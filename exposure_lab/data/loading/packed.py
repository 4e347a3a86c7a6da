"""Packed set: every photo decoded once, in one file that is mapped into memory.

``SET.pack/`` holds

- ``pixels.bin``: the photos as uint8 (3, H, W), one after the other, at the size that crops are
  taken from; a target that five inputs share is there once;
- ``photos.npy``: a row a photo, `PHOTO`: where it lies, its size, its CRC-32;
- ``SPLIT.npy``: a row a pair, `PAIR`: input, target, exposure;
- ``index.json``: format, scale, the fingerprint of the set it was made from, and the SHA-256 of the
  tables.

A reader maps all of it: what it keeps in memory of its own does not grow with the set, and several
processes share one copy.
"""

import reprlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.pack_checks import (
    Index,
    Table,
    check_pairs,
    check_photos,
    open_table,
    parse_index,
)
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.checksum import sha256
from exposure_lab.files.json_files import read_json_object
from exposure_lab.images.array import UInt8CHW

FORMAT = 1
PHOTO = np.dtype([("offset", "<i8"), ("height", "<i4"), ("width", "<i4"), ("crc", "<u4")])
PAIR = np.dtype([("input", "<i4"), ("target", "<i4"), ("ev", "<f4")])


def is_pack(path: Path | str) -> bool:
    """Whether a path is a packed set."""
    return (Path(path) / "index.json").is_file()


def pack_fingerprint(path: Path | str) -> str:
    """Fingerprint of the set that was packed. Raises DataError as `PackedPairs` does."""
    return _read_index(Path(path)).fingerprint


def pack_splits(path: Path | str) -> list[str]:
    """List the splits of a packed set. Raises DataError as `PackedPairs` does."""
    return [name for name in _read_index(Path(path)).tables if name != "photos"]


class PackedPairs(Sequence[tuple[UInt8CHW, UInt8CHW]]):
    """Pairs of one split of a packed set; items are views into the mapped file, (3, H, W) twice."""

    def __init__(self, path: Path | str, split: str, config: DataConfig) -> None:
        """Open a split of a packed set.

        Raises:
            DataError: no such split, another scale than the settings ask for, or a damaged pack.
        """
        self.path, self.split, self.config = Path(path), split, config
        index = _read_index(self.path)
        _check_scale(self.path, index, config)
        if split not in index.tables:
            raise DataError(
                f"Expected {split} pairs in {path}, but it was packed without them: pack a set "
                "that has them."
            )
        self.photos, self.pixels = _open_photos(self.path, index)
        self.table = _open_pairs(self.path / f"{split}.npy", self.photos)

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, index: Any) -> Any:
        """Return (input, target) of a pair, each (3, H, W), sRGB, 0..255, read-only."""
        pair = self.table[index]
        return self._photo(pair["input"]), self._photo(pair["target"])

    def ev(self, index: int) -> float:
        """Exposure of a pair's input, in stops."""
        return float(self.table[index]["ev"])

    def scene(self, index: int) -> str:
        """Name of a pair's scene: the split and the number of its target, since a pack has none."""
        return f"{self.split} {self.table[index]['target']}"

    def _photo(self, number: int) -> UInt8CHW:
        offset, height, width, _ = self.photos[number].item()
        return self.pixels[offset : offset + 3 * height * width].reshape(3, height, width)

    def __reduce__(self) -> Any:
        # A loader's process maps the files itself: a pickled map would carry all the pixels.
        return PackedPairs, (self.path, self.split, self.config)


def damaged_photos(path: Path | str) -> list[int]:
    """Find the photos, by number, whose pixels are not what was packed.

    Raises:
        DataError: a table or the file of the pixels itself is damaged.
    """
    path = Path(path)
    photos, pixels = _open_photos(path, _read_index(path))
    damaged = []
    for number, row in enumerate(photos):
        offset, height, width, crc = row.item()
        if zlib.crc32(pixels[offset : offset + 3 * height * width].data) != crc:
            damaged.append(number)
    return damaged


def _read_index(path: Path) -> Index:
    """Read a pack's index and check that its files are unchanged. Raises DataError."""
    try:
        content = read_json_object(path / "index.json")
        _refuse_newer(path, content.get("format"))
        index = parse_index(content)
        files = {name: path / f"{name}.npy" for name in index.tables}
        pixels = path / "pixels.bin"
        if strange := [file for file in (pixels, *files.values()) if not file.is_file()]:
            raise ValueError(f"{strange[0].name} is no file")  # a pipe would be waited for
        digests = {name: sha256(file) for name, file in files.items()}
        unchanged = digests == index.tables and pixels.stat().st_size == index.pixels
    except (FilesError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not unchanged:
        raise DataError(
            f"Expected {path} as it was packed, but a file of it has changed: pack it again."
        )
    return index


def _refuse_newer(path: Path, written: object) -> None:
    if type(written) is not int or written < 1:
        raise ValueError(f"format in its index is {reprlib.repr(written)}")
    if written > FORMAT:
        raise DataError(
            f"Expected a pack of format {FORMAT} or older in {path}, but got "
            f"{reprlib.repr(written)}: update exposure-lab."
        )


def _open_photos(path: Path, index: Index) -> tuple[Table, UInt8CHW]:
    """Open the rows and bytes of all photos. Raises DataError where a photo exceeds the bytes."""
    try:
        photos = open_table(path / "photos.npy", PHOTO)
        check_photos(photos, index)
    except ValueError as error:
        raise _unreadable(path, error) from error
    return photos, np.memmap(path / "pixels.bin", np.uint8, mode="r")


def _open_pairs(file: Path, photos: Table) -> Table:
    """Open the rows of all pairs of a split. Raises DataError where a photo of one is missing."""
    try:
        pairs = open_table(file, PAIR)
        check_pairs(pairs, photos)
    except ValueError as error:
        raise _unreadable(file.parent, error) from error
    return pairs


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(
        f"Expected a packed set in {path}, but it cannot be read ({error}): pack it again."
    )


def _check_scale(path: Path, index: Index, config: DataConfig) -> None:
    packed = _scale(index.short_side, index.image_size)
    if scale_of(config) != packed:
        raise DataError(
            f"Expected {path} packed {scale_of(config)}, as the settings ask, but it is packed "
            f"{packed}: pack the set again for this profile."
        )


def scale_of(config: DataConfig) -> str:
    """Size at which photos are packed for these settings, in words."""
    return _scale(config.short_side, config.image_size)


def _scale(short_side: int, image_size: int) -> str:
    return f"with short sides of {short_side} px" if short_side else f"as {image_size} px squares"
