"""Every fault that a file can have, in the middle of a thousand: named, and nothing lost."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from faulty_sets import PHOTO, damage, jpeg, no_numbers, pages, write_set, write_split
from numpy.testing import assert_array_equal
from pictures import linear_profile, write_png16
from PIL import Image

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import decode_photo, find_pairs
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.data.verification.verify import verify
from exposure_lab.errors import DataError

ROOT_READS_ALL = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="no file that may not be read here"
)


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    """The same photo, 48x32, in another format or mode."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(PHOTO)) as picture:
        picture.convert(mode).save(file, kind, **options)
    return file.getvalue()


def lying() -> bytes:
    """Stored on its side, shown 48x32, as its EXIF says."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(32, 48, exif=exif.tobytes())


# Odd, and good all the same: 48x32 when they are shown.
ODD = {
    "print.jpg": encoded("JPEG", "CMYK"),
    "palette.png": encoded("PNG", "P"),
    "grey.png": encoded("PNG", "L"),
    "ink.png": encoded("PNG", "1"),
    "clear.png": encoded("PNG", "RGBA"),
    "called-jpg.jpg": encoded("PNG"),
    "broken-profile.jpg": encoded("JPEG", icc_profile=b"no profile"),
    "wide-profile.jpg": encoded("JPEG", icc_profile=linear_profile()),
    "on-its-side.jpg": lying(),
}

BAD = {
    "cut.jpg": PHOTO[:-700],
    "text.jpg": b"dear diary\n" * 9,
    "empty.jpg": b"",
    "zeros.png": bytes(3000),
    "film.webp": encoded("WEBP", save_all=True, append_images=[Image.new("RGB", (48, 32))]),
    "book.tif": pages(2),
    "no-numbers.tif": no_numbers(),
}

NO_PHOTOS = ["note.txt", "cut.jpg.crdownload", "clip.gif"]
PASSED_OVER = ["._cut.jpg", ".DS_Store", "Thumbs.db", "desktop.ini", ".thumbnails/small.jpg"]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.mark.slow
def test_synthesize_names_each_of_many_faults_and_loses_no_photo(tmp_path: Path) -> None:
    photos, out = tmp_path / "in", tmp_path / "out"
    for i in range(1000 - len(ODD) - len(BAD) - 5):
        write(photos / f"roll{i % 3}" / f"p{i:04}.jpg", PHOTO)
    for name, content in {**ODD, **BAD, **dict.fromkeys(NO_PHOTOS + PASSED_OVER, b"x")}.items():
        write(photos / "roll1" / name, content)
    # Names that are the same but for the suffix, the case or the folder, one that ends as a
    # rendering does, and two that folders joined by dashes make the same.
    names = ["roll0/cut.png", "roll1/PRINT.JPG", "a/b-same.jpg", "a-b/same.jpg", "a/b/same.jpg"]
    for name in [*names, "roll2/dusk_N1.5.jpg"]:
        write(photos / name, PHOTO)
    (photos / "roll1" / "gone.jpg").symlink_to("nowhere")
    (photos / "album").symlink_to(photos / "roll2")

    written = synthesize(photos, out, evs=(0,), val=0.1, test=0.1, jobs=2)
    bad = {str(photos / "roll1" / name) for name in (*BAD, "gone.jpg")}
    named = [path for path in bad for sentence in written.skipped if f"{path}" in sentence]
    assert sorted(named) == sorted(bad) and len(written.skipped) == len(bad) + 1
    assert f"but {photos / 'album'} is a link to one, which is not followed" in written.skipped[0]
    assert written.unread == sorted(photos / "roll1" / name for name in NO_PHOTOS)
    good = 1000 - len(BAD) - 5 + len(names) + 1
    assert sum(written.photos.values()) == good
    found = verify(out)
    assert found.problems == []
    assert sum(count.scenes for count in found.counts) == good
    scenes = {path.name.casefold() for path in out.glob("*/*/*.jpg")}
    assert len(scenes) == good  # also where names that differ in case alone are one file
    assert not list(out.rglob(".*.jpg"))


@pytest.mark.slow
def test_pack_names_each_of_many_faults_and_writes_nothing(tmp_path: Path, tiny: RunConfig) -> None:
    root = write_set(tmp_path / "set")
    expected = damage(root)
    with pytest.raises(DataError) as caught:
        pack(root, tmp_path / "set.pack", tiny.data, jobs=2)
    sentence, *lines = str(caught.value).splitlines()
    assert sentence.startswith(f"Expected a set without faults in {root}, but it has ")
    assert f"has {len(expected)}: repair or remove these files, then pack it." in sentence
    assert len(lines) == len(expected)
    for path, said in expected.items():
        (line,) = (one for one in lines if one.startswith(f"  {root / path} "))
        assert said in line
    assert not (tmp_path / "set.pack").exists()
    assert not list(tmp_path.rglob("pixels.bin"))


def test_odd_pictures_are_packed_as_they_are_shown(tmp_path: Path, tiny: RunConfig) -> None:
    folder = tmp_path / "set" / "training"
    write_split(folder, ["a"])
    for name, content in ODD.items():
        scene, suffix = name.split(".")
        write(folder / "INPUT_IMAGES" / f"{scene}_P1.{suffix}", content)
        write(folder / "GT_IMAGES" / f"{scene}.jpg", PHOTO)
    deep = np.random.default_rng(1).integers(0, 65536, (32, 48, 3), np.uint16)
    write_png16(folder / "INPUT_IMAGES" / "deep_P1.png", deep)
    write(folder / "GT_IMAGES" / "deep.jpg", PHOTO)
    packed = PackedPairs(
        pack(tmp_path / "set", tmp_path / "x.pack", tiny.data), "training", tiny.data
    )
    pairs = find_pairs(tmp_path / "set", "training")
    assert len(packed) == len(pairs) == 5 + len(ODD) + 1
    for (real_input, _), pair in zip(packed, pairs, strict=True):
        assert_array_equal(real_input, decode_photo(pair.input_path, tiny.data))


def test_a_size_that_squares_would_hide(tmp_path: Path, tiny: RunConfig) -> None:
    """Photos that are stretched to a square all have one shape; their pixels lie elsewhere."""
    squares = tiny.data.model_copy(update={"short_side": 0})
    write_split(tmp_path / "set" / "training", ["a"])
    (tmp_path / "set" / "training" / "GT_IMAGES" / "a.jpg").write_bytes(jpeg(32, 48))
    with pytest.raises(DataError, match=r"has 5: (.|\n)*a_0\.JPG is 48x32 px, but its target 32x4"):
        pack(tmp_path / "set", tmp_path / "x.pack", squares)


@ROOT_READS_ALL
def test_what_may_not_be_read_is_named(tmp_path: Path, tiny: RunConfig) -> None:
    write(tmp_path / "in" / "a.jpg", PHOTO)
    write(tmp_path / "in" / "mine.jpg", PHOTO)
    write(tmp_path / "in" / "private" / "b.jpg", PHOTO)
    closed = [tmp_path / "in" / "mine.jpg", tmp_path / "in" / "private"]
    for path in closed:
        path.chmod(0)
    try:
        written = synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), val=0)
    finally:
        for path in closed:
            path.chmod(0o700)
    assert sum(str(path) in line for path in closed for line in written.skipped) == 2
    assert written.photos["training"] == 1
    (tmp_path / "out" / "training" / "GT_IMAGES" / "a.jpg").chmod(0)
    with pytest.raises(DataError, match=r"a\.jpg may not be read by you"):
        pack(tmp_path / "out", tmp_path / "x.pack", tiny.data)
