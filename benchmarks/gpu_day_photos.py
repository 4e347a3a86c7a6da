"""The photos of a bundle: small enough to travel, large enough for every profile's crops."""

import hashlib
from pathlib import Path

from PIL import Image

from exposure_lab.data.layout import SUFFIXES
from exposure_lab.images.array import to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink

SHORT_SIDE = 288
"""px. Profile colab crops from 286."""

QUALITY = 85
"""Of JPEG."""

MOST = {"validation": 24, "test": 36, "training": 400}
"""Photos of a split, the held-out ones first. Each of those is scored at five exposures after every
run, at about a tenth of a second each: with 60 of them a score takes half a minute."""


def write_photos(photos: Path, out: Path, room: int) -> None:
    """Shrink photos of each split, drawn by their names, until there is no room for another one.

    Args:
        photos: folders called as the splits.
        out: the same, made anew.
        room: bytes that they may take.
    """
    for split, most in MOST.items():
        (out / split).mkdir(parents=True)
        found = [p for p in (photos / split).glob("*") if p.suffix.lower() in SUFFIXES]
        for path in sorted(found, key=_draw)[:most]:
            small = Image.fromarray(to_uint8(shrink(read_image(path), SHORT_SIDE)))
            target = out / split / f"{path.stem}.jpg"
            small.save(target, quality=QUALITY)
            room -= target.stat().st_size
            if room < 0:
                target.unlink()
                break
        print(f"{len(list((out / split).iterdir())):4} of {len(found)} {split} photos")


def _draw(path: Path) -> str:
    """Number of a photo in a draw that every machine makes alike."""
    return hashlib.sha256(path.name.encode()).hexdigest()
