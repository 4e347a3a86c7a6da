"""TIFF pixels mean what their tags say, at 16 bits as at 8."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from exposure_lab.data.verification.decodable import decode
from exposure_lab.errors import ImageError
from exposure_lab.images.io import read_image, read_uint8
from exposure_lab.images.photo_file import read_photo, write_photo

RAMP = np.tile(np.linspace(0, 65535, 32).astype(np.uint16), (16, 1))
COLOURS = np.dstack([RAMP, RAMP[::-1], 65535 - RAMP])


def save(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    tifffile.imwrite(path, pixels, metadata=None, **options)
    return path


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_white_is_zero(tmp_path: Path, kind: type[np.generic]) -> None:
    grey = (RAMP // (65535 // np.iinfo(kind).max)).astype(kind)
    path = save(tmp_path / "a.tif", np.iinfo(kind).max - grey, photometric="miniswhite")
    assert np.array_equal(read_photo(path).pixels[..., 0], grey)
    write_photo(tmp_path / "b.tif", read_photo(path))
    assert np.array_equal(read_photo(tmp_path / "b.tif").pixels[..., 0], grey)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_premultiplied_alpha(tmp_path: Path, kind: type[np.generic], channels: int) -> None:
    """Colours that were multiplied with half are twice as bright; clear ones are black."""
    white = np.iinfo(kind).max
    alpha = np.full((4, 4), white // 2, kind)
    alpha[0] = 0
    colour = np.where(alpha[..., None] > 0, np.full((4, 4, channels), white // 4), 0).astype(kind)
    stored = np.dstack([colour, alpha])
    photometric = "rgb" if channels == 3 else "minisblack"
    path = save(
        tmp_path / "a.tif",
        stored,
        photometric=photometric,
        extrasamples=["assocalpha"],
        planarconfig="contig",
    )
    photo = read_photo(path)
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, alpha)
    assert np.abs(photo.pixels[1:].astype(int) - white / 2).max() <= 2
    assert photo.pixels[0].max() == 0
    write_photo(tmp_path / "b.tif", photo)
    again = read_photo(tmp_path / "b.tif")
    assert np.array_equal(again.pixels, photo.pixels) and np.array_equal(again.alpha, alpha)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize(("extra", "is_alpha"), [("unassalpha", True), ("unspecified", False)])
def test_a_second_channel_of_grey_counts_where_it_says_so(
    tmp_path: Path, kind: type[np.generic], extra: str, is_alpha: bool
) -> None:
    values = np.arange(32, dtype=kind).reshape(4, 4, 2)
    layout = {"photometric": "minisblack", "extrasamples": [extra], "planarconfig": "contig"}
    photo = read_photo(save(tmp_path / "a.tif", values, **layout))
    assert np.array_equal(photo.pixels, values[..., :1])
    assert (photo.alpha is not None) == is_alpha
    assert not is_alpha or np.array_equal(photo.alpha, values[..., 1])


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("colour", [False, True])
def test_widths_between_are_scaled_by_their_own_depth(
    tmp_path: Path, bits: int, colour: bool
) -> None:
    white = 2**bits - 1
    pixels = (COLOURS if colour else RAMP) >> (16 - bits)
    photometric = "rgb" if colour else "minisblack"
    path = save(tmp_path / "a.tif", pixels, photometric=photometric, bitspersample=bits)
    read = read_photo(path).pixels
    expected = np.round(pixels.reshape(read.shape) * (65535.0 / white))
    assert read.dtype == np.uint16
    assert np.array_equal(read, expected)
    assert read.max() == 65535


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", [np.uint32, np.int16, np.int32])
def test_wide_and_signed_numbers(tmp_path: Path, kind: type[np.generic], colour: bool) -> None:
    share = (COLOURS if colour else RAMP).astype(np.float64) / 65535
    stored = np.round(share * np.iinfo(kind).max).astype(kind)
    path = save(tmp_path / "a.tif", stored, photometric="rgb" if colour else "minisblack")
    read = read_photo(path).pixels
    assert np.abs(read.reshape(stored.shape) - share * 65535).max() <= 1.5
    if np.iinfo(kind).min < 0:
        path = save(
            tmp_path / "b.tif", stored - kind(1), photometric="rgb" if colour else "minisblack"
        )
        with pytest.raises(
            ImageError, match=r"Expected values of at least 0 .* begins at -1: save"
        ):
            read_photo(path)
        assert decode(path).problem == "begins at -1"


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("colour", [False, True])
def test_floats_in_the_unit_range(tmp_path: Path, kind: type[np.generic], colour: bool) -> None:
    values = ((COLOURS if colour else RAMP) / 65535).astype(kind)
    path = save(tmp_path / "a.tif", values, photometric="rgb" if colour else "minisblack")
    expected = values if colour else values[..., None].repeat(3, axis=2)
    assert np.abs(read_image(path) - expected).max() < 1e-5
    assert np.abs(read_uint8(path) - expected.astype(float) * 255).max() <= 0.51
    assert decode(path).size == (32, 16)


@pytest.mark.parametrize(
    ("low", "high", "problem"),
    [(0, 255, "holds 0 to 255"), (-0.5, 1, "holds -0.5 to 1"), (np.nan, 1, r"no number \(NaN\)")],
)
def test_floats_outside_are_refused_and_not_clipped(
    tmp_path: Path, low: float, high: float, problem: str
) -> None:
    values = np.array([[low, high]], np.float32)
    path = save(tmp_path / "a.tif", values, photometric="minisblack")
    for read in (read_photo, read_image, read_uint8):
        with pytest.raises(ImageError, match=problem):
            read(path)
    assert decode(path).problem


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_bigtiff_stays_one(tmp_path: Path, bigtiff: bool, kind: type[np.generic]) -> None:
    pixels = (COLOURS // (65535 // np.iinfo(kind).max)).astype(kind)
    path = save(tmp_path / "a.tif", pixels, photometric="rgb", bigtiff=bigtiff, description="Title")
    write_photo(tmp_path / "b.tif", read_photo(path))
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert file.is_bigtiff == bigtiff
        assert file.pages.first.description == "Title"
        assert np.array_equal(file.pages.first.asarray(), pixels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_every_way_of_storing(
    tmp_path: Path, order: str, planar: str, compression: str | None, tile: tuple[int, int] | None
) -> None:
    pixels = np.moveaxis(COLOURS, -1, 0) if planar == "separate" else COLOURS
    path = save(
        tmp_path / "a.tif",
        pixels.astype(f"{order}u2"),
        photometric="rgb",
        planarconfig=planar,
        compression=compression,
        tile=tile,
        byteorder=order,
    )
    assert np.array_equal(read_photo(path).pixels, COLOURS)
    write_photo(tmp_path / "b.tif", read_photo(path))
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert file.byteorder == order
        assert np.array_equal(file.pages.first.asarray(), COLOURS)


def test_several_pages_are_no_photo(tmp_path: Path) -> None:
    path = save(tmp_path / "a.tif", np.stack([COLOURS] * 3), photometric="rgb")
    with pytest.raises(ImageError, match=r"a single picture in .*, but it holds 3"):
        read_photo(path)
    assert decode(path).problem == "holds 3 pictures"


def test_a_smaller_second_page_is_a_preview(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(COLOURS, photometric="rgb", metadata=None)
        writer.write(COLOURS[::2, ::2], photometric="rgb", metadata=None, subfiletype=1)
    assert np.array_equal(read_photo(tmp_path / "a.tif").pixels, COLOURS)
