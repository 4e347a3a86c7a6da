"""Packing a set: every photo decoded once, into the files that `packed` maps."""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.pack_checks import Table
from exposure_lab.data.loading.packed import FORMAT, PAIR, PHOTO
from exposure_lab.data.pairs import decode_photo, find_pairs, splits_in
from exposure_lab.data.verification.verify import refuse_problems
from exposure_lab.errors import DataError
from exposure_lab.files.atomic import atomic_folder, sweep_leftovers
from exposure_lab.files.checksum import sha256
from exposure_lab.files.disk import check_free_space
from exposure_lab.files.json_files import write_json
from exposure_lab.files.ownership import path_lock
from exposure_lab.images.array import UInt8CHW
from exposure_lab.parallel import map_items
from exposure_lab.provenance import data_fingerprint

USUAL_ASPECT = 1.5
"""Long side of a usual photo by its short side: sizes are known once all photos are decoded."""


def pack(
    data: Path | str,
    out: Path | str,
    config: DataConfig,
    *,
    jobs: int = 1,
    on_photo: Callable[[int, int], None] | None = None,
) -> Path:
    """Pack a set in MSEC layout into ``out``, whole or not at all.

    The set is verified first, see `verify`: nothing that is wrong with it gets into the pack, and
    nothing is left out of it silently.

    Args:
        data: folder of the set.
        out: folder to make, such as ``msec.pack``; it must not exist.
        config: `image_size` and `short_side` decide the size at which photos are kept.
        jobs: processes that decode; as for `synthesize`.
        on_photo: called with the number of photos done and of all photos.

    Raises:
        DataError: no set, or faults in it; the error names them all.
        FilesError: no space, no permission, ``out`` exists, or another process packs there.
    """
    if not splits_in(data):
        raise DataError(
            f"Expected a set in MSEC layout in {data}, but there is no split: check the path."
        )
    out = Path(out)
    with path_lock(out):
        sweep_leftovers(out.parent, out.name)
        with atomic_folder(out) as folder:
            refuse_problems(data, jobs)
            _write_pack(folder, data, config, jobs, on_photo)
    return out


def _write_pack(
    folder: Path,
    data: Path | str,
    config: DataConfig,
    jobs: int,
    on_photo: Callable[[int, int], None] | None,
) -> None:
    splits = {split: find_pairs(data, split) for split in splits_in(data)}
    both = chain.from_iterable(pair[:2] for pairs in splits.values() for pair in pairs)
    paths = list(dict.fromkeys(both))  # a target that several inputs share is packed once
    check_free_space(folder, _expected_bytes(len(paths), config))
    decoded = map_items(partial(decode_photo, config=config), paths, jobs)
    photos = np.array(list(_write_pixels(folder, decoded, len(paths), on_photo)), PHOTO)
    np.save(folder / "photos.npy", photos)
    number = {path: i for i, path in enumerate(paths)}
    for split, pairs in splits.items():
        rows = [(number[pair.input_path], number[pair.target_path], pair.ev) for pair in pairs]
        np.save(folder / f"{split}.npy", np.array(rows, PAIR))
    index = {
        "format": FORMAT,
        "short_side": config.short_side,
        "image_size": 0 if config.short_side else config.image_size,
        "fingerprint": data_fingerprint(data),
        "pixels": _total_bytes(photos),
        "tables": {name: sha256(folder / f"{name}.npy") for name in ("photos", *splits)},
    }
    write_json(folder / "index.json", index)


def _write_pixels(
    folder: Path,
    decoded: Iterator[UInt8CHW],
    total: int,
    on_photo: Callable[[int, int], None] | None,
) -> Iterator[tuple[int, int, int, int]]:
    offset = 0
    with (folder / "pixels.bin").open("wb") as file:
        for done, photo in enumerate(decoded, start=1):
            content = photo.tobytes()
            file.write(content)
            yield offset, photo.shape[1], photo.shape[2], zlib.crc32(content)
            offset += len(content)
            if on_photo is not None:
                on_photo(done, total)


def _expected_bytes(photos: int, config: DataConfig) -> int:
    side = config.short_side or config.image_size
    return int(photos * 3 * side * side * (USUAL_ASPECT if config.short_side else 1))


def _total_bytes(photos: Table) -> int:
    last = photos[-1]
    return int(last["offset"]) + 3 * int(last["height"]) * int(last["width"])
