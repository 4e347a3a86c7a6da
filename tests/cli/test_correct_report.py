"""exposure-lab correct: what it says of each photo, and what it does to one that needs nothing."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exposure_lab.images.array import Array, to_uint8
from exposure_lab.images.io import write_image
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.inference import batch as module
from exposure_lab.inference.corrector import FunctionCorrector


class Doubling(FunctionCorrector):
    """A model that doubles the light of dark photos, and finds that others need nothing."""

    def __init__(self) -> None:
        super().__init__(lambda image: linear_to_srgb(np.minimum(2 * srgb_to_linear(image), 1)))

    def correct_photo(self, photo: PhotoFile, strength: float = 1.0) -> PhotoFile:
        is_good = photo.pixels.mean() > 80
        return photo if is_good else super().correct_photo(photo, strength)


@pytest.fixture
def album(photo: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dark photo, a good one whose EXIF has an orientation, and a file that is no photo."""
    monkeypatch.setattr(module, "load_model", lambda name: Doubling())
    folder = tmp_path / "album"
    dark = linear_to_srgb(srgb_to_linear(photo) * np.float32(0.125))
    write_image(folder / "dark.png", dark)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(to_uint8(photo)).save(folder / "good.jpg", exif=exif, quality=71)
    (folder / "none.jpg").write_text("no picture")
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_report_says_what_was_done(
    call: Callable[..., int], album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "out", tmp_path / "report.csv"
    assert call("correct", album, "--out", out, "--model", "identity", "--report", report) == 1
    text = "Corrected 1 of 3 photos; 1 needed nothing and stayed as they were; 1 failed"
    assert text in capsys.readouterr().out
    rows = {Path(row["photo"]).name: row for row in table(report)}
    dark, good, none = (rows[name] for name in ("dark.png", "good.jpg", "none.jpg"))
    assert [row["outcome"] for row in (dark, good, none)] == [
        "corrected",
        "needed nothing",
        "failed",
    ]
    assert float(dark["exposure change (stops)"]) == pytest.approx(1, abs=0.03)
    assert float(good["exposure change (stops)"]) == 0
    assert 0 <= float(dark["clipped before (%)"]) <= float(dark["clipped after (%)"]) < 100
    assert dark["model"] == "identity" and dark["strength"] == "1"
    assert Path(dark["output"]) == out / "dark.png"
    assert "none.jpg" in none["error"] and none["exposure change (stops)"] == ""


def test_a_photo_that_needs_nothing_is_copied_to_the_bit(
    call: Callable[..., int], album: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    call("correct", album, "--out", out)
    assert (out / "good.jpg").read_bytes() == (album / "good.jpg").read_bytes()
    assert (out / "dark.png").read_bytes() != (album / "dark.png").read_bytes()


@pytest.mark.parametrize("option", ["--strip", "--side-by-side"])
def test_a_file_is_not_copied_where_something_else_was_asked_for(
    call: Callable[..., int], album: Path, tmp_path: Path, option: str
) -> None:
    """Its pixels stay, to what its encoder makes of them; what was to go is gone."""
    out = tmp_path / "out.jpg"
    assert call("correct", album / "good.jpg", "--out", out, option) == 0
    assert out.read_bytes() != (album / "good.jpg").read_bytes()
    with Image.open(out) as upright:
        assert upright.getexif().get(0x0112, 1) == 1


def test_a_photo_that_needs_nothing_takes_another_format(
    call: Callable[..., int], album: Path, tmp_path: Path
) -> None:
    out = tmp_path / "good.png"
    assert call("correct", album / "good.jpg", "--out", out) == 0
    with Image.open(out) as picture:
        assert picture.format == "PNG"


def test_an_output_is_not_replaced_by_a_copy(
    call: Callable[..., int], album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "good.jpg"
    out.write_text("mine")
    assert call("correct", album / "good.jpg", "--out", out) == 1
    assert out.read_text() == "mine"
    assert call("correct", album / "good.jpg", "--out", out, "--overwrite") == 0
    assert out.read_bytes() == (album / "good.jpg").read_bytes()


def test_report_of_photos_that_were_corrected_before(
    call: Callable[..., int], album: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        report = tmp_path / "report.csv"
        call("correct", album, "--out", tmp_path / "out", "--resume", "--report", report)
    assert [row["outcome"] for row in table(report)].count("corrected before") == 2


def test_a_report_needs_the_name_of_a_table(
    call: Callable[..., int], album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = album / "good.jpg"
    before = photo.read_bytes()
    assert call("correct", album, "--out", tmp_path / "out", "--report", photo) == 2
    assert "Expected a report whose name ends in .csv, but got" in capsys.readouterr().err
    assert photo.read_bytes() == before and not (tmp_path / "out").exists()


def test_an_older_report_stays_where_nothing_was_done(
    call: Callable[..., int], photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "a.png", photo)
    report = tmp_path / "report.csv"
    report.write_text("mine")
    assert call("correct", tmp_path / "a.png", "--model", "nobody", "--report", report) == 2
    assert report.read_text() == "mine"


def test_names_are_no_formulas(call: Callable[..., int], album: Path, tmp_path: Path) -> None:
    (album / "dark.png").rename(album / "=1+1.png")
    report = tmp_path / "report.csv"
    assert call("correct", album / "=1+1.png", "--model", "=2", "--report", report) == 0
    assert [row["model"] for row in table(report)] == ["'=2"]
