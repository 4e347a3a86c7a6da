"""A set of a thousand files, and everything that can be wrong with some of them."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from exposure_lab.data.layout import EXPERTS

TOKENS = ("N1.5", "N1", "0", "P1", "P1.5")


def jpeg(width: int = 48, height: int = 32, **options: object) -> bytes:
    """A small photo-like JPEG, the same each time."""
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", **options)
    return file.getvalue()


def pages(number: int) -> bytes:
    """A TIFF of so many pages, 48x32 each."""
    file = io.BytesIO()
    page = Image.new("RGB", (48, 32))
    page.save(file, "TIFF", save_all=True, append_images=[page] * (number - 1))
    return file.getvalue()


def no_numbers() -> bytes:
    """A TIFF of floating-point grey, 48x32, in which one pixel is NaN."""
    values = np.full((32, 48), 0.5, np.float32)
    values[20, 30] = np.nan
    file = io.BytesIO()
    Image.fromarray(values).save(file, "TIFF")
    return file.getvalue()


PHOTO = jpeg()


def write_split(folder: Path, scenes: list[str], targets: tuple[str, ...] = ("GT_IMAGES",)) -> None:
    """Five inputs a scene and a target in each folder."""
    for name in ("INPUT_IMAGES", *targets):
        (folder / name).mkdir(parents=True)
    for scene in scenes:
        for token in TOKENS:
            (folder / "INPUT_IMAGES" / f"{scene}_{token}.JPG").write_bytes(PHOTO)
        for name in targets:
            (folder / name / f"{scene}.jpg").write_bytes(PHOTO)


def names(split: str, number: int) -> list[str]:
    """Scenes with the names that make pairing slip: dashes, double underscores, parentheses."""
    kinds = ("{0}{1:04}-jmac_DSC{1}", "{0}{1:04}-jn_2007_05__{1}", "{0}{1:04}-_DSC{1}-(original)")
    return [kinds[i % 3].format(split[0], i) for i in range(number)]


def write_set(root: Path) -> Path:
    """1,040 files: 100 scenes to train on, 20 to validate, 32 to test with five experts."""
    write_split(root / "training", names("training", 100))
    write_split(root / "validation", names("validation", 20))
    write_split(root / "testing", names("scored", 32), EXPERTS)
    return root


DAMAGE: dict[str, tuple[bytes | None, str]] = {
    # Path -> content that is put there (None: it is deleted), and description of the problem.
    "training/INPUT_IMAGES/t0000-jmac_DSC0_N1.5.JPG": (
        PHOTO[:900],
        "does not decode (image file",
    ),
    "training/INPUT_IMAGES/t0001-jn_2007_05__1_P1.5.JPG": (b"", "is empty"),
    "training/INPUT_IMAGES/t0002-_DSC2-(original)_0.JPG": (b"<html>", "is not an image file"),
    "training/INPUT_IMAGES/t0003-jmac_DSC3_N1.JPG": (
        jpeg(32, 48),
        "is 32x48 px, but its target 48",
    ),
    "training/INPUT_IMAGES/t0004-jn_2007_05__4_P1.png": (
        PHOTO,
        "shows the same scene and exposure",
    ),
    "training/INPUT_IMAGES/t0005-(original)_P1.5_.JPG": (PHOTO, "does not end in an exposure"),
    "training/INPUT_IMAGES/t0013-jn_2007_05__13_0.JPG": (no_numbers(), "no number (NaN)"),
    "training/INPUT_IMAGES/t0014-_DSC14-(original)_0.JPG": (pages(3), "holds 3 pictures"),
    "training/GT_IMAGES/t0015-jmac_DSC15.jpg": (bytes(3000), "is not an image file"),
    "training/INPUT_IMAGES/holiday.JPG": (PHOTO, "does not end in an exposure such as _N1.5"),
    "training/INPUT_IMAGES/t0006-jmac_DSC6_P1.webp": (PHOTO, "is not read: expected a file .jpg"),
    "training/INPUT_IMAGES/t0007.JPG.crdownload": (PHOTO[:99], "is not read"),
    "training/INPUT_IMAGES/new_0.JPG": (PHOTO, "has no target new.jpg in GT_IMAGES"),
    "training/GT_IMAGES/t0008-_DSC8-(original).jpg": (PHOTO[:-700], "does not decode"),
    "training/GT_IMAGES/t0009-jmac_DSC9.tif": (
        PHOTO,
        "is a second target beside t0009-jmac_DSC9.j",
    ),
    "training/GT_IMAGES/nobody.jpg": (PHOTO, "has no input nobody_*.JPG in INPUT_IMAGES"),
    "validation/INPUT_IMAGES/t0010-jn_2007_05__10_0.JPG": (PHOTO, "scene that is in training as"),
    "validation/GT_IMAGES/v0000-jmac_DSC0.jpg": (None, ""),
    "testing/expert_c_testing_set/s0000-jmac_DSC0.jpg": (None, ""),
    "testing/expert_e_testing_set/s0001-jn_2007_05__1.jpg": (None, "is missing"),
    "testing/expert_a_testing_set/s0002-_DSC2-(original).jpg": (bytes(500), "is not an image file"),
    "testing/expert_b_testing_set/nobody.jpg": (PHOTO, "has no input"),
}


def damage(root: Path) -> dict[str, str]:
    """Damage a set of `write_set`; path below the root -> description of its problem."""
    expected = {path: problem for path, (_, problem) in DAMAGE.items() if problem}
    for path, (content, _) in DAMAGE.items():
        (root / path).unlink() if content is None else (root / path).write_bytes(content)
    # The scene that is in two splits needs a target there, or it would have two faults.
    (root / "validation/GT_IMAGES/t0010-jn_2007_05__10.jpg").write_bytes(PHOTO)
    for split, scene, folder in [
        ("validation", "v0000-jmac_DSC0", "GT_IMAGES"),
        ("testing", "s0000-jmac_DSC0", "expert_c_testing_set"),
    ]:
        for token in TOKENS:
            path = f"{split}/INPUT_IMAGES/{scene}_{token}.JPG"
            expected[path] = f"has no target {scene}.jpg in {folder}"
    dangling = "training/INPUT_IMAGES/t0011-_DSC11-(original)_0.JPG"
    (root / dangling).unlink()
    (root / dangling).symlink_to("nowhere")
    folder = "training/GT_IMAGES/t0012-jmac_DSC12.jpg"
    (root / folder).unlink()
    (root / folder).mkdir()
    (root / "training/INPUT_IMAGES/more").mkdir()
    expected |= {dangling: "is a link to nothing", folder: "is a folder"}
    expected["training/INPUT_IMAGES/more"] = "is not read"
    (root / "training/INPUT_IMAGES/.DS_Store").touch()  # no fault
    (root / "training/INPUT_IMAGES/Thumbs.db").touch()  # none either
    return expected
