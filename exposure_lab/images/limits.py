"""How large a picture may be: so many megapixels, and no more than there is memory for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import psutil
from PIL import Image

from exposure_lab.errors import ImageError

MEGAPIXELS = 300.0
"""Largest picture that is read unless more is asked for; phones take 200."""

BYTES_PER_PIXEL = 9
"""Memory that it takes at least to read a photo of 8 bits, and to write it."""

_limit: ContextVar[float] = ContextVar("megapixels", default=MEGAPIXELS)
_lock = threading.Lock()
_lifted: list[int | None] = []  # Pillow's own limit, once for each block that has lifted it


@contextmanager
def largest_picture(megapixels: float) -> Iterator[None]:
    """Read pictures of up to so many megapixels in a block, in place of `MEGAPIXELS`."""
    token = _limit.set(megapixels)
    try:
        yield
    finally:
        _limit.reset(token)


def check_size(path: Path, width: int, height: int) -> None:
    """Check that a picture may be decoded, by the size that its header states.

    Raises:
        ImageError: more megapixels than the limit, or than there is memory for.
    """
    megapixels = width * height / 1e6
    if megapixels > _limit.get():
        raise ImageError(
            f"Expected at most {_limit.get():g} megapixels in {path}, but it states {width} x "
            f"{height}, which is {megapixels:.0f}: raise the limit with --max-megapixels of "
            "`correct` or `data synthesize`, unless the file is damaged."
        )
    needed = width * height * BYTES_PER_PIXEL
    free = psutil.virtual_memory().available
    if needed > free:
        raise ImageError(
            f"Expected {needed / 1e9:.1f} GB of free memory for the {megapixels:.0f} megapixels of "
            f"{path}, but there are {free / 1e9:.1f} GB: close other programs, run with fewer "
            "--jobs, or shrink the photo first."
        )


@contextmanager
def pillow_limit_lifted() -> Iterator[None]:
    """Lift Pillow's own limit in a block, for `check_size` to take its place.

    It is one for the whole process, so it comes back when the last of several threads is done.
    """
    with _lock:
        _lifted.append(Image.MAX_IMAGE_PIXELS)
        Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        with _lock:
            first = _lifted[0]
            _lifted.pop()
            if not _lifted:
                Image.MAX_IMAGE_PIXELS = first
