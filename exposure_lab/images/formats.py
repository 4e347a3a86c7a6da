"""Opening of image files, for the whole package, in a few formats and no others.

Left alone, Pillow tries some forty formats on any file, whatever its name; one of them (EPS) hands
the file to another program. Here a file is opened as one of a few formats, or not at all.
"""

import errno
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from exposure_lab.errors import ImageError
from exposure_lab.images.limits import check_size, pillow_limit_lifted

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000")
"""Formats that are read, by a file's content and not its name; HEIF too, with the extra `heic`."""

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Brands after ``ftyp`` in a HEIF file. Source: ISO/IEC 23008-12, annex B."""

TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of a TIFF and of a BigTIFF, in both byte orders."""


class SpecialFileError(OSError):
    """Error of a pipe, a socket or a device in the place of a file."""


class UnusableImageError(ImageError):
    """Error of a picture that decodes, into values that nobody knows what to do with."""

    def __init__(self, path: Path, expected: str, problem: str, remedy: str) -> None:
        super().__init__(f"Expected {expected} in {path}, but it {problem}: {remedy}.")
        self.problem = problem
        """Clause to be read after the path."""


@contextmanager
def open_image(path: Path) -> Iterator[Image.Image]:
    """Open an image file for decoding; its content decides which of `FORMATS` it is.

    Warnings are silenced: Pillow warns of broken metadata, which is no reason to refuse a photo.

    Raises:
        ImageError: pillow-heif is needed and not installed, or the picture is too large.
        SpecialFileError: a pipe, a socket or a device.
        OSError: the system refuses: no such file, a folder, no permission.
        PIL.UnidentifiedImageError: none of the formats.
        Exception: whatever a decoder raises over a damaged file.
    """
    with warnings.catch_warnings(), open(path, "rb", opener=_open_regular) as file:
        warnings.simplefilter("ignore")
        formats = (*FORMATS, "HEIF") if _is_heif(file.read(12), path) else FORMATS
        with pillow_limit_lifted(), Image.open(file, formats=formats) as picture:
            check_size(path, *picture.size)
            yield picture


def is_tiff(path: Path) -> bool:
    """Whether a file begins as a TIFF or a BigTIFF does.

    Raises:
        SpecialFileError: a pipe, a socket or a device.
        OSError: the system refuses: no such file, a folder, no permission.
    """
    with open(path, "rb", opener=_open_regular) as file:
        return file.read(4) in TIFF_HEADS


def refuse_special_file(path: Path | str) -> None:
    """Refuse a pipe, a socket or a device, since reading it may never end.

    Raises:
        SpecialFileError: a pipe, a socket or a device.
        OSError: there is no file, it is a folder, or it may not be looked at.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        kind = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
        raise SpecialFileError(errno.EINVAL, f"is a {kind} and no file", str(path))


def _open_regular(name: str, flags: int) -> int:
    refuse_special_file(name)
    # Should a pipe take its place at this very moment, nobody waits for a writer.
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _is_heif(head: bytes, path: Path) -> bool:
    """Whether a file begins as HEIF does; if so, Pillow's reader for it is registered."""
    if head[4:8] != b"ftyp" or head[8:12] not in HEIF_BRANDS:
        return False
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(
            f"Expected the extra `heic` for {path.name}, but pillow-heif is not installed: "
            'run `pip install "exposure-lab[heic]"`.'
        ) from error
    register_heif_opener()
    return True
