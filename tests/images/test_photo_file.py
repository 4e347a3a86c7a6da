"""A photo goes back into a file of the kind that it came from, with all that it held."""

import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from pictures import linear_profile
from PIL import Image, ImageCms, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo
from raw_files import write_dng

from exposure_lab.errors import FilesError, ImageError
from exposure_lab.images.icc import from_srgb, to_srgb, usable_profile
from exposure_lab.images.io import read_image, read_uint8
from exposure_lab.images.metadata import losses
from exposure_lab.images.metadata.losses import loss_sentences
from exposure_lab.images.photo_file import (
    PhotoFile,
    from_unit_range,
    read_photo,
    to_unit_range,
    write_photo,
)
from exposure_lab.images.srgb import linear_to_srgb

DRAW = np.random.default_rng(7)
CORNERS = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 10
TURNED = {  # EXIF orientation -> how the stored pixels are to be shown (EXIF 2.3, tag 0x0112)
    2: CORNERS[:, ::-1],
    3: CORNERS[::-1, ::-1],
    6: np.rot90(CORNERS, -1),
    7: CORNERS[::-1, ::-1].transpose(1, 0, 2),
}


def noise(channels: int, kind: type[np.generic] = np.uint8) -> np.ndarray:
    """(6, 5, channels), every value of the type."""
    return DRAW.integers(0, np.iinfo(kind).max, (6, 5, channels), dtype=kind, endpoint=True)


def exif_of(path: Path) -> Image.Exif:
    with Image.open(path) as picture:
        exif = picture.getexif()
        exif.get_ifd(0x8769), exif.get_ifd(0x8825)  # a TIFF looks them up in its file
        return exif


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_eight_bits_come_back(tmp_path: Path, suffix: str, channels: int) -> None:
    pixels = noise(channels)
    path = tmp_path / f"photo{suffix}"
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    Image.fromarray(pixels if channels > 1 else pixels[..., 0]).save(path, **options)
    photo = read_photo(path)
    colours = 1 if channels < 3 and suffix != ".webp" else 3  # WebP knows no grey
    assert photo.pixels.shape == (6, 5, colours)
    assert np.array_equal(photo.pixels, pixels[..., : 3 if channels > 2 else 1] + 0 * photo.pixels)
    assert (photo.alpha is None) == (channels in (1, 3))
    if photo.alpha is not None:
        assert np.array_equal(photo.alpha, pixels[..., -1])
    if suffix != ".webp":
        write_photo(tmp_path / f"again{suffix}", photo)
        with Image.open(path) as one, Image.open(tmp_path / f"again{suffix}") as other:
            assert other.mode == one.mode
            assert np.array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_sixteen_bits(tmp_path: Path, channels: int) -> None:
    pixels = noise(channels, np.uint16)
    path = tmp_path / "deep.png"
    path.write_bytes(imagecodecs.png_encode(pixels if channels > 1 else pixels[..., 0]))
    photo = read_photo(path)
    colours = 1 if channels < 3 else 3
    assert photo.pixels.dtype == np.uint16
    assert np.array_equal(photo.pixels, pixels[..., :colours])
    if channels in (2, 4):
        assert photo.alpha is not None
        assert np.array_equal(photo.alpha, pixels[..., colours])
    write_photo(tmp_path / "again.png", photo)
    again = imagecodecs.png_decode((tmp_path / "again.png").read_bytes())
    assert np.array_equal(again.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
def test_tiff_of_sixteen_bits(
    tmp_path: Path, channels: int, planar: str, compression: str | None
) -> None:
    pixels = noise(channels, np.uint16)
    stored = np.moveaxis(pixels, -1, 0) if planar == "separate" else pixels
    options: dict[str, Any] = {"compression": compression, "photometric": "rgb"}
    if channels == 1:
        stored, options["photometric"] = pixels[..., 0], "minisblack"
    else:
        options["planarconfig"] = planar
    if channels == 4:
        options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(tmp_path / "deep.tif", stored, **options)
    photo = read_photo(tmp_path / "deep.tif")
    assert np.array_equal(photo.pixels, pixels[..., : min(channels, 3)])
    write_photo(tmp_path / "again.tif", photo)
    assert np.array_equal(tifffile.imread(tmp_path / "again.tif").reshape(pixels.shape), pixels)
    with tifffile.TiffFile(tmp_path / "again.tif") as file:
        assert file.pages.first.photometric.name == ("MINISBLACK" if channels == 1 else "RGB")


def test_deep_pictures_lose_nothing_as_images(tmp_path: Path) -> None:
    pixels = noise(3, np.uint16)
    (tmp_path / "deep.png").write_bytes(imagecodecs.png_encode(pixels))
    assert np.allclose(read_image(tmp_path / "deep.png"), pixels / 65535, atol=1e-7)
    expected = np.floor(pixels / 65535 * 255 + 0.5)
    assert np.array_equal(read_uint8(tmp_path / "deep.png"), expected)


def test_palette_becomes_colour(tmp_path: Path) -> None:
    picture = Image.fromarray(noise(3)).quantize(8)
    picture.save(tmp_path / "few.png", transparency=picture.getpixel((0, 0)))
    photo = read_photo(tmp_path / "few.png")
    with Image.open(tmp_path / "few.png") as stored:
        expected = np.asarray(stored.convert("RGBA"))
    assert np.array_equal(photo.pixels, expected[..., :3])
    assert photo.alpha is not None
    assert np.array_equal(photo.alpha, expected[..., 3])


def test_black_and_white_becomes_grey(tmp_path: Path) -> None:
    Image.fromarray(noise(1)[..., 0] > 127).save(tmp_path / "fax.tif")
    photo = read_photo(tmp_path / "fax.tif")
    assert photo.pixels.shape == (6, 5, 1)
    assert set(np.unique(photo.pixels)) == {0, 255}


def test_printing_colours_become_srgb(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4), (255, 0, 0, 0)).save(tmp_path / "print.jpg", icc_profile=b"press")
    photo = read_photo(tmp_path / "print.jpg")
    assert photo.profile is None  # it speaks of four inks
    assert np.abs(photo.pixels.astype(int) - [0, 255, 255]).max() <= 2


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("deep", [False, True])
def test_turned_photo_stays_upright(tmp_path: Path, orientation: int, deep: bool) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = orientation, "Model T"
    stored = CORNERS.astype(np.uint16) * 257 if deep else CORNERS
    if deep:
        write_photo(tmp_path / "turned.png", PhotoFile(stored, extras={"exif": exif.tobytes()}))
    else:
        Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif)
    photo = read_photo(tmp_path / "turned.png")
    assert np.array_equal(photo.pixels, TURNED[orientation].astype(int) * (257 if deep else 1))
    write_photo(tmp_path / "again.png", photo)
    assert np.array_equal(read_photo(tmp_path / "again.png").pixels, photo.pixels)
    assert exif_of(tmp_path / "again.png")[0x0110] == "Model T"
    assert exif_of(tmp_path / "again.png")[0x0112] == 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("deep", [False, True])
def test_metadata_and_profile_stay(tmp_path: Path, suffix: str, deep: bool) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Some Camera", "Somebody"
    exif.get_ifd(0x8769)[0x829A] = 0.004  # exposure time
    exif.get_ifd(0x8825)[1] = "N"
    pixels = noise(3, np.uint16 if deep else np.uint8)
    written = PhotoFile(pixels, None, linear_profile(), {"exif": exif.tobytes()})
    write_photo(tmp_path / f"one{suffix}", written)
    write_photo(tmp_path / f"two{suffix}", read_photo(tmp_path / f"one{suffix}"))
    read = read_photo(tmp_path / f"two{suffix}")
    assert read.profile == linear_profile()
    assert read.pixels.dtype == (np.uint16 if deep and suffix in (".png", ".tif") else np.uint8)
    exif = exif_of(tmp_path / f"two{suffix}")
    assert (exif[0x010F], exif[0x8298]) == ("Some Camera", "Somebody")
    assert float(exif.get_ifd(0x8769)[0x829A]) == pytest.approx(0.004)
    assert exif.get_ifd(0x8825)[1] == "N"


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_xmp_and_resolution_stay(tmp_path: Path, suffix: str) -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rating>5</rating></x:xmpmeta>"
    path = tmp_path / f"rated{suffix}"
    Image.fromarray(noise(3)).save(path, xmp=xmp, dpi=(300, 300))
    write_photo(tmp_path / f"again{suffix}", read_photo(path))
    with Image.open(tmp_path / f"again{suffix}") as again:
        assert again.info["xmp"] == xmp
        if suffix == ".jpg":
            assert again.info["dpi"] == (300, 300)


def test_tiff_of_another_shape_forgets_how_its_pixels_lay(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "A title"
    Image.fromarray(noise(3)).save(tmp_path / "one.tif", exif=exif, compression="tiff_lzw")
    photo = read_photo(tmp_path / "one.tif")
    wider = PhotoFile(np.concatenate([photo.pixels] * 3, axis=1), extras=photo.extras)
    write_photo(tmp_path / "two.tif", wider)
    assert np.array_equal(tifffile.imread(tmp_path / "two.tif"), wider.pixels)
    assert exif_of(tmp_path / "two.tif")[0x010E] == "A title"


def test_what_an_encoder_refuses_is_named(tmp_path: Path) -> None:
    too_wide = PhotoFile(np.zeros((1, 70_000, 3), np.uint8))  # JPEG counts to 65,535
    with pytest.raises(ImageError, match=r"can be written as .*wide\.jpg, but its encoder refuses"):
        write_photo(tmp_path / "wide.jpg", too_wide)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_colour_resolution_of_a_jpeg_stays(tmp_path: Path, subsampling: int) -> None:
    picture = Image.fromarray(noise(3)).resize((64, 64))
    picture.save(tmp_path / "one.jpg", subsampling=subsampling)
    write_photo(tmp_path / "two.jpg", read_photo(tmp_path / "one.jpg"))
    with Image.open(tmp_path / "two.jpg") as again:
        assert JpegImagePlugin.get_sampling(again) == subsampling


def test_old_preview_is_left_out(tmp_path: Path) -> None:
    """A thumbnail inside the EXIF block would show the photo as it was."""
    small = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(small, "JPEG")
    exif = Image.Exif()
    exif[0x010F] = "Some Camera"
    exif._ifds[1] = {0x0103: 6, 0x0201: 0, 0x0202: len(small.getvalue())}  # as cameras write it
    Image.fromarray(noise(3)).save(tmp_path / "one.jpg", exif=exif.tobytes() + small.getvalue())
    write_photo(tmp_path / "two.jpg", read_photo(tmp_path / "one.jpg"))
    assert not exif_of(tmp_path / "two.jpg").get_ifd(1)


@pytest.mark.parametrize(
    "comment",
    ["plain", "Gr\u00fc\u00dfe, \u6771\u4eac", "Gr\u00fc\u00dfe"],
    ids=["ASCII", "UTF-8", "Latin-1"],
)
def test_comment_of_a_jpeg_becomes_one_of_a_png(
    comment: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    encoding = "latin-1" if "Latin-1" in request.node.name else "utf-8"
    source = tmp_path / "one.jpg"
    Image.fromarray(noise(3)).save(source, comment=comment.encode(encoding) + b"\0")
    assert not write_photo(tmp_path / "two.png", read_photo(source))
    with Image.open(tmp_path / "two.png") as picture:
        assert picture.text == {"Comment": comment}


@pytest.mark.parametrize(
    ("source", "suffix", "lost"),
    [
        (".jpg", ".jpg", set()),
        (".jpg", ".png", {losses.CAPTIONS}),
        (".jpg", ".tif", {losses.COMMENT}),
        (".jpg", ".webp", {losses.CAPTIONS, losses.COMMENT}),
        (".png", ".jpg", {losses.TEXT}),
        (".png", ".tif", {losses.TEXT}),
        (".png", ".webp", {losses.TEXT}),
        (".tif", ".jpg", set()),
        (".tif", ".png", {losses.CAPTIONS}),
        (".tif", ".webp", {losses.CAPTIONS}),
    ],
)
def test_metadata_that_another_format_has_no_place_for_are_named(
    source: str, suffix: str, lost: set[str], tmp_path: Path
) -> None:
    caption = b"8BIM\x04\x04\0\0\0\0\0\x0a\x1c\2\x78\0\5title"
    segment = b"Photoshop 3.0\0" + caption
    text = PngInfo()
    text.add_text("Author", "Somebody")
    options: dict[str, dict[str, Any]] = {
        ".jpg": {
            "comment": b"A comment",
            "extra": b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment,
        },
        ".png": {"pnginfo": text},
        ".tif": {"tiffinfo": {34377: caption}},
    }
    Image.fromarray(noise(3)).save(tmp_path / f"old{source}", **options[source])
    photo = read_photo(tmp_path / f"old{source}")
    assert write_photo(tmp_path / f"new{suffix}", photo) == lost
    for sentence in loss_sentences([frozenset(lost)]):
        assert sentence.startswith("Left out of 1 photo: the ")


def test_raw_is_developed_to_sixteen_bits(tmp_path: Path) -> None:
    write_dng(tmp_path / "sensor.dng", np.full((64, 64), 0.5))
    photo = read_photo(tmp_path / "sensor.dng")
    assert photo.pixels.dtype == np.uint16
    expected = linear_to_srgb(np.full((1, 1, 1), 0.5, np.float32)).item() * 65535
    assert np.abs(photo.pixels.astype(float) - expected).max() < 0.01 * 65535


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_films_and_documents_are_refused(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(noise(3)) for _ in range(3)]
    path = tmp_path / f"film{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    with pytest.raises(
        ImageError, match=r"a single picture in .*film.* holds 3 pictures: save one of them"
    ):
        read_photo(path)


def test_smaller_picture_behind_a_photo_is_its_preview(tmp_path: Path) -> None:
    photo = Image.fromarray(noise(3))
    photo.save(tmp_path / "scan.tif", save_all=True, append_images=[photo.resize((3, 3))])
    assert np.array_equal(read_photo(tmp_path / "scan.tif").pixels, np.asarray(photo))


def test_profile_that_is_none_is_dropped(tmp_path: Path) -> None:
    for i, profile in enumerate([b"no profile", linear_profile()[:200]]):
        Image.fromarray(CORNERS).save(tmp_path / f"{i}.png", icc_profile=profile)
        assert read_photo(tmp_path / f"{i}.png").profile is None
    assert usable_profile(linear_profile(), 1) is None  # of colours, for a grey picture
    assert usable_profile(None, 3) is None


def test_colours_go_to_srgb_and_back() -> None:
    values = DRAW.random((4, 4, 3), dtype=np.float32)
    seen = to_srgb(values, linear_profile())
    # The profile has sRGB's primaries and no curve, so the curve is all that is between them.
    assert np.abs(seen - linear_to_srgb(values)).max() < 2e-3
    assert np.abs(from_srgb(seen, linear_profile(), 3) - values).max() < 2e-3


def test_lcms_agrees_with_pillow() -> None:
    values = noise(3)
    source, srgb = linear_profile(), ImageCms.createProfile("sRGB")
    by_pillow = ImageCms.profileToProfile(
        Image.fromarray(values), io.BytesIO(source), srgb, outputMode="RGB"
    )
    ours = from_unit_range(to_srgb(to_unit_range(values), source), np.dtype(np.uint8))
    assert np.abs(ours.astype(int) - np.asarray(by_pillow)).max() <= 1


def test_grey_is_shown_in_three_channels_and_weighed_back() -> None:
    grey = DRAW.random((4, 4, 1), dtype=np.float32)
    assert np.array_equal(to_srgb(grey, None), np.repeat(grey, 3, axis=2))
    assert np.allclose(from_srgb(to_srgb(grey, None), None, 1), grey, atol=1e-6)
    colour = DRAW.random((4, 4, 3), dtype=np.float32)
    assert to_srgb(colour, None) is colour
    assert from_srgb(colour, None, 3) is colour
    by_pillow = np.asarray(
        Image.fromarray(from_unit_range(colour, np.dtype(np.uint8))).convert("L")
    )
    assert np.abs(from_srgb(colour, None, 1)[..., 0] * 255 - by_pillow).max() < 1.1


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_whole_numbers_survive_scaling(kind: type[np.generic]) -> None:
    every = np.arange(np.iinfo(kind).max + 1, dtype=kind).reshape(-1, 1, 1)
    assert np.array_equal(from_unit_range(to_unit_range(every), np.dtype(kind)), every)


def test_what_cannot_be_written(tmp_path: Path, tiny_disk: Path) -> None:
    with pytest.raises(ImageError, match=r"ends in \.jpg, .* but got 'photo\.heic'"):
        write_photo(tmp_path / "photo.heic", PhotoFile(noise(3)))
    large = PhotoFile(np.zeros((300, 300, 3), np.uint16))
    with pytest.raises(FilesError, match="the disk is full"):
        write_photo(tiny_disk / "photo.tif", large)
    assert list(tiny_disk.iterdir()) == []


def test_broken_deep_files_are_named(tmp_path: Path) -> None:
    encoded = imagecodecs.png_encode(np.tile(noise(3, np.uint16), (20, 20, 1)))
    (tmp_path / "cut.png").write_bytes(encoded[: len(encoded) // 2])
    with pytest.raises(ImageError, match=r"a whole picture in .*cut\.png, but it does not decode"):
        read_photo(tmp_path / "cut.png")


@pytest.mark.parametrize("side", [(1, 20_000), (20_000, 1)])
def test_a_webp_larger_than_its_format_is_refused(tmp_path: Path, side: tuple[int, int]) -> None:
    """WebP counts to 16,383."""
    with pytest.raises(ImageError, match=r"wide\.webp, .*choose another format with --out"):
        write_photo(tmp_path / "wide.webp", PhotoFile(np.zeros((*side, 3), np.uint8)))
    assert list(tmp_path.iterdir()) == []


def test_white_and_black_of_deep_grey_stay(tmp_path: Path) -> None:
    values = np.array([[0, 1, 32_768, 65_534, 65_535]], np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", values, photometric="minisblack")
    assert read_photo(tmp_path / "deep.tif").pixels[..., 0].tolist() == values.tolist()


def test_printing_colours_keep_full_colour_resolution(tmp_path: Path) -> None:
    """Pillow knows no subsampling of four inks; sRGB made of them is stored without any."""
    cmyk = Image.fromarray(noise(3)).resize((64, 64)).convert("CMYK")
    cmyk.save(tmp_path / "print.jpg", quality=95)
    photo = read_photo(tmp_path / "print.jpg")
    assert photo.extras["subsampling"] == 0
    write_photo(tmp_path / "screen.jpg", photo)
    with Image.open(tmp_path / "screen.jpg") as written:
        assert written.mode == "RGB"
        assert JpegImagePlugin.get_sampling(written) == 0
