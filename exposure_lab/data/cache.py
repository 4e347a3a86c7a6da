"""A packed set: every photo decoded once, in one file that the system maps into memory.

``SET.pack/`` holds

- ``pixels.bin``: the photos as uint8 (3, H, W), one behind the other, at the size that crops are
  taken from; a target that five inputs share is there once;
- ``photos.npy``: a row a photo, `PHOTO`: where it lies, its size, its CRC-32;
- ``SPLIT.npy``: a row a pair, `PAIR`: input, target, exposure;
- ``index.json``: format, scale, the fingerprint of the set it was made from, and the SHA-256 of the
  tables.

A reader maps all of it: what it keeps in memory of its own does not grow with the set, and several
processes share one copy.
"""

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.config import DataConfig
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files import read_json

FORMAT = 1
PHOTO = np.dtype([("offset", "<i8"), ("height", "<i4"), ("width", "<i4"), ("crc", "<u4")])
PAIR = np.dtype([("input", "<i4"), ("target", "<i4"), ("ev", "<f4")])

Photo = NDArray[np.uint8]


def is_pack(path: Path | str) -> bool:
    """Whether a path is a packed set."""
    return (Path(path) / "index.json").is_file()


def pack_fingerprint(path: Path | str) -> str:
    """Of the set that was packed. Raises DataError as `PackedPairs` does."""
    return str(_read_index(Path(path))["fingerprint"])


class PackedPairs(Sequence[tuple[Photo, Photo]]):
    """One split of a packed set; an item is a view into the mapped file, (3, H, W) twice."""

    def __init__(self, path: Path | str, split: str, config: DataConfig) -> None:
        """Open a split.

        Raises:
            DataError: no such split, another scale than the settings ask for, or a damaged pack.
        """
        self.path, self.split, self.config = Path(path), split, config
        index = _read_index(self.path)
        _check_scale(self.path, index, config)
        if split not in index["tables"]:
            raise DataError(
                f"Expected {split} pairs in {path}, but it was packed without them: pack a set "
                "that has them."
            )
        self.photos = np.load(self.path / "photos.npy", mmap_mode="r")
        self.table = np.load(self.path / f"{split}.npy", mmap_mode="r")
        self.pixels = np.memmap(self.path / "pixels.bin", np.uint8, mode="r")

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, index: Any) -> Any:
        """(input, target) of a pair, each (3, H, W), sRGB, 0..255, read-only."""
        pair = self.table[index]
        return self._photo(pair["input"]), self._photo(pair["target"])

    def ev(self, index: int) -> float:
        """Stops of a pair's input."""
        return float(self.table[index]["ev"])

    def _photo(self, number: int) -> Photo:
        offset, height, width, _ = self.photos[number]
        return self.pixels[offset : offset + 3 * height * width].reshape(3, height, width)

    def __reduce__(self) -> Any:
        # A loader's process maps the files itself: a pickled map would carry all the pixels.
        return PackedPairs, (self.path, self.split, self.config)


def damaged_photos(path: Path | str) -> list[int]:
    """Numbers of the photos whose pixels are not what was packed.

    Raises:
        DataError: a table or the file of the pixels itself is damaged.
    """
    path = Path(path)
    _read_index(path)
    photos = np.load(path / "photos.npy", mmap_mode="r")
    pixels = np.memmap(path / "pixels.bin", np.uint8, mode="r")
    return [
        number
        for number, (offset, height, width, crc) in enumerate(photos)
        if zlib.crc32(pixels[offset : offset + 3 * height * width].tobytes()) != crc
    ]


def _read_index(path: Path) -> dict[str, Any]:
    try:
        index: dict[str, Any] = read_json(path / "index.json")
        found = {name: sha256(path / f"{name}.npy") for name in index["tables"]}
        whole = found == index["tables"] and (path / "pixels.bin").stat().st_size == index["pixels"]
        newer = index["format"] > FORMAT
    except (FilesError, OSError, KeyError, TypeError) as error:
        raise DataError(
            f"Expected a packed set in {path}, but it cannot be read ({error}): pack it again."
        ) from error
    if newer:
        raise DataError(
            f"Expected a pack of format {FORMAT} or older in {path}, but got {index['format']}: "
            "update exposure-lab."
        )
    if not whole:
        raise DataError(
            f"Expected {path} as it was packed, but a file of it has changed: pack it again."
        )
    return index


def _check_scale(path: Path, index: dict[str, Any], config: DataConfig) -> None:
    packed = _scale(index["short_side"], index["image_size"])
    if scale_of(config) != packed:
        raise DataError(
            f"Expected {path} packed {scale_of(config)}, as the settings ask, but it is packed "
            f"{packed}: pack the set again for this profile."
        )


def scale_of(config: DataConfig) -> str:
    """The size at which photos are kept for these settings, in words."""
    return _scale(config.short_side, config.image_size)


def _scale(short_side: int, image_size: int) -> str:
    return f"with short sides of {short_side} px" if short_side else f"as {image_size} px squares"


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
