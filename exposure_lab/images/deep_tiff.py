"""Pixels of TIFF files that Pillow reads at 8 bits, in part, or not at all.

Pillow has the files of 8 bits without transparency, of inks, of palettes and of fax machines.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.images.formats import UnusableImageError
from exposure_lab.images.limits import check_size

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
UNSPECIFIED, PREMULTIPLIED = 0, 1
"""Kinds of extra channels. Source: TIFF 6.0, section 18."""

REDUCED = 1
"""Bit of NewSubfileType that says: a smaller copy of another page."""


def read_deep_tiff(path: Path) -> NDArray[Any] | None:
    """Read the pixels of a TIFF as they are stored, of any depth; None where Pillow reads them.

    White is the highest value, colours are not multiplied with transparency, and every depth is
    scaled by its own white. Floating-point values in [0, 1] are taken as they are.

    Returns:
        (H, W, 1 to 4), uint8 for up to 8 bits a channel, else uint16: grey or colour, then
        transparency where there is some.

    Raises:
        ImageError: values outside [0, 1] or below zero, or channels of several depths.
        Exception: whatever a decoder raises over damaged bytes; `pillow` turns it into a sentence.
    """
    import tifffile

    _be_quiet()
    try:
        file = tifffile.TiffFile(path)
    except tifffile.TiffFileError:  # damaged: Pillow says what is wrong
        return None
    with file:
        page: Any = file.pages.first
        if _is_for_pillow(page):
            return None
        check_size(path, page.imagewidth, page.imagelength)
        _refuse_volume(page, path)
        _refuse_pages(file, page, path)
        if page.bitspersample not in range(1, 65) or len(set(_depths(page))) > 1:
            depths = ", ".join(map(str, _depths(page)))
            raise UnusableImageError(
                path, "channels of one depth", f"has {depths} bits", "save it with 16"
            )
        stored = page.asarray()
        if page.planarconfig == 2 and page.samplesperpixel > 1:  # channel behind channel
            stored = np.moveaxis(stored, 0, -1)
        stored = stored.reshape(page.imagelength, page.imagewidth, -1)
        return _meant(stored, page, path)


@cache
def _be_quiet() -> None:
    """Have tifffile not write to the terminal what it thinks of a damaged file."""
    logging.getLogger("tifffile").addHandler(logging.NullHandler())


def _is_for_pillow(page: Any) -> bool:
    colours = 3 if page.photometric == RGB else 1
    plain = page.samplesperpixel == colours and set(_depths(page)) <= {1, 2, 4, 8}
    return (
        page.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB)
        or (plain and int(page.sampleformat or UNSIGNED) == UNSIGNED and colours == 1)
        or (plain and set(_depths(page)) == {8} and int(page.sampleformat or 1) == UNSIGNED)
    )


def _depths(page: Any) -> tuple[int, ...]:
    tag = page.tags.get(258)
    value = page.bitspersample if tag is None else tag.value
    return tuple(map(int, value)) if isinstance(value, (tuple, list)) else (int(value),)


def _refuse_volume(page: Any, path: Path) -> None:
    if page.imagedepth > 1:
        problem = "holds a volume"
        raise UnusableImageError(path, "a single picture", problem, "save one layer of it alone")


def _refuse_pages(file: Any, page: Any, path: Path) -> None:
    """Refuse a second page as large as the first; a smaller one, or one that says so, is a copy."""
    if len(file.pages) < 2:
        return
    second = file.pages[1].keyframe
    reduced = file.pages[1].subfiletype & REDUCED if hasattr(file.pages[1], "subfiletype") else 0
    if (second.imagewidth, second.imagelength) == (
        page.imagewidth,
        page.imagelength,
    ) and not reduced:
        problem = f"holds {len(file.pages)} pictures"
        raise UnusableImageError(path, "a single picture", problem, "save one of them alone")


def _meant(stored: NDArray[Any], page: Any, path: Path) -> NDArray[Any]:
    """Make stored values mean what the tags of their page say."""
    colours = 3 if page.photometric == RGB else 1
    kinds = [int(kind) for kind in page.extrasamples]
    missing = stored.shape[2] - colours - len(kinds)
    # As Pillow does at 8 bits: a fourth channel that nothing is said of is transparency.
    kinds += [2] * missing
    alpha = next((i for i, kind in enumerate(kinds) if kind != UNSPECIFIED), None)
    chosen = [*range(colours), *([] if alpha is None else [colours + alpha])]
    values = stored if len(chosen) == stored.shape[2] else stored[..., chosen]
    values = _scaled(values, _depths(page)[0], path)
    white = np.iinfo(values.dtype).max
    if page.photometric == WHITE_IS_ZERO:
        values[..., :1] = white - values[..., :1]
    if alpha is not None and kinds[alpha] == PREMULTIPLIED:
        share = values[..., colours:].astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            light = values[..., :colours] * (np.float32(white) / share)
        light = np.where(share > 0, np.minimum(light + np.float32(0.5), white), 0)
        values[..., :colours] = light.astype(values.dtype)
    return values


def _scaled(values: NDArray[Any], bits: int, path: Path) -> NDArray[Any]:
    """Scale values of any type to the whole range of uint8 or uint16."""
    kind = values.dtype.kind
    if kind == "i" and values.size and values.min() < 0:
        raise UnusableImageError(
            path,
            "values of at least 0",
            f"begins at {values.min()}",
            "save it with whole numbers without a sign",
        )
    if kind not in "iuf":
        raise UnusableImageError(
            path, "whole or floating-point numbers", f"holds {values.dtype}", "save it with 16 bits"
        )
    if kind == "f":
        return from_unit_floats(values, path)
    if bits == 16 and kind == "u":
        return np.ascontiguousarray(values, dtype=np.uint16)
    white = 2 ** (bits - (kind == "i")) - 1
    target = np.uint8 if bits <= 8 else np.uint16
    scaled: NDArray[Any] = np.round(values * np.float64(np.iinfo(target).max / white))
    return scaled.astype(target)


def from_unit_floats(values: NDArray[Any], path: Path) -> NDArray[np.uint16]:
    """Round floating-point values in [0, 1] to 16 bits.

    Raises:
        ImageError: values outside, or that are no number.
    """
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if np.isnan(low):
        problem = "holds pixels that are no number (NaN)"
        raise UnusableImageError(path, "numbers", problem, "replace it")
    if low < 0 or high > 1:
        raise UnusableImageError(
            path,
            "floating-point values in [0, 1]",
            f"holds {low:.4g} to {high:.4g}",
            "scale them, or save it with 16 bits",
        )
    rounded: NDArray[np.uint16] = (values * np.float32(65_535) + np.float32(0.5)).astype(np.uint16)
    return rounded
