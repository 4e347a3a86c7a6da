"""Figures of full runs and the library's source, as a chapter quotes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exposure_lab.errors import ChapterError, DataError
from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.metrics.pixel import psnr
from exposure_lab.networks.unet import UNet
from exposure_lab.notebook.quotes import result, results, source

RUN: dict[str, Any] = {
    "experiment": "flips",
    "figures": {
        "psnr": {"value": 24.1234, "ci": [23.9, 24.4], "n": 24, "unit": "dB"},
        "steps": {"value": 41550, "ci": None, "n": None, "unit": None},
    },
    "seeds": [7],
    "data": "a set",
    "device": "a GPU",
    "date": "2026-01-02",
    "provenance": {},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of results with one experiment."""
    write_fingerprinted(tmp_path / "flips.json", RUN)
    return tmp_path


def test_a_figure_comes_with_what_made_it(folder: Path) -> None:
    figure = result("flips.psnr", folder)
    assert (figure.value, figure.interval, figure.n) == (24.1234, (23.9, 24.4), 24)
    origin = "(95 % interval 23.90 to 24.40, n = 24; a set, a GPU, 2026-01-02)"
    assert repr(figure) == f"flips.psnr: 24.12 dB {origin}"
    assert figure._repr_markdown_() == f"**24.12 dB** {origin} · `flips.psnr`"


def test_a_count_without_interval(folder: Path) -> None:
    assert str(result("flips.steps", folder)) == "flips.steps: 41,550 (a set, a GPU, 2026-01-02)"


@pytest.mark.parametrize(
    ("value", "ends", "shown"),
    [
        (0.034416, (-0.19273, 0.26156), "0.03 (95 % interval -0.19 to 0.26"),  # half width 0.23
        (8.1243, (6.6598, 9.5887), "8.1 (95 % interval 6.7 to 9.6"),  # 1.5
        (0.011692, (0.0018931, 0.02149), "0.0117 (95 % interval 0.0019 to 0.0215"),  # 0.0098
        (-159.96, (-237.09, -82.835), "-160 (95 % interval -237 to -83"),  # 77
    ],
)
def test_no_figure_is_finer_than_its_interval(
    tmp_path: Path, value: float, ends: tuple[float, float], shown: str
) -> None:
    figures = {"psnr": {"value": value, "ci": ends, "n": 8, "unit": ""}}
    write_fingerprinted(tmp_path / "flips.json", RUN | {"figures": figures})
    assert f"flips.psnr: {shown}, n = 8;" in str(result("flips.psnr", tmp_path))


def test_what_nobody_ran_says_so(tmp_path: Path) -> None:
    figure = result("no-such-experiment.psnr", tmp_path)
    assert figure.value is None
    assert str(figure) == "no-such-experiment.psnr: not run yet"
    assert figure._repr_markdown_() == "*not run yet* (`no-such-experiment.psnr`)"
    assert result("no-such-experiment.psnr").value is None  # in the package's own folder


def test_several_figures_stand_in_one_table(folder: Path) -> None:
    asked = {"the score": "flips.psnr", "its steps": "flips.steps", "more": "longer.psnr"}
    shown = results(asked, folder)
    assert shown.rows == (
        ("the score", "24.12 dB", "23.90 to 24.40", "24"),
        ("its steps", "41,550", "-", "-"),
        ("more", "not run yet", "-", "-"),
    )
    assert shown.caption == "a set, a GPU, 2026-01-02"  # once, and not of what nobody ran
    with pytest.raises(ChapterError, match="but got 'ssim'"):
        results({"another": "flips.ssim"}, folder)


def test_figures_of_one_data_set_name_it_once(folder: Path) -> None:
    write_fingerprinted(folder / "later.json", RUN | {"date": "2026-01-05"})
    write_fingerprinted(folder / "elsewhere.json", RUN | {"data": "another set"})
    asked = {"a": "later.psnr", "b": "elsewhere.psnr", "c": "flips.psnr", "d": "later.steps"}
    assert results(asked, folder).caption == (
        "a set, a GPU, 2026-01-02 to 2026-01-05; another set, a GPU, 2026-01-02"
    )


def test_wrong_names_are_refused(folder: Path) -> None:
    with pytest.raises(ChapterError, match=r"one of psnr, steps, but got 'ssim'"):
        result("flips.ssim", folder)
    with pytest.raises(ChapterError, match="experiment and figure"):
        result("flips", folder)


def test_a_figure_that_was_edited_by_hand_is_not_quoted(folder: Path) -> None:
    assert result("flips.psnr", folder).value == 24.1234
    path = folder / "flips.json"
    path.write_text(path.read_text().replace("24.1234", "25.1234"))
    with pytest.raises(DataError, match="its fingerprint does not fit its content: take it back"):
        result("flips.psnr", folder)


def test_source_is_the_installed_one_and_highlighted() -> None:
    quoted = source(psnr)
    assert quoted.code.startswith("def psnr(")
    assert quoted.where.startswith("exposure_lab/metrics/pixel.py, line ")
    markdown = quoted._repr_markdown_()
    assert markdown.startswith("`exposure_lab/metrics/pixel.py") and markdown.endswith("\n```")
    assert "\n```python\ndef psnr(" in markdown


def test_a_methods_source_starts_at_the_left() -> None:
    assert source(UNet.forward).code.startswith("def forward(self")


def test_what_has_no_source_is_refused() -> None:
    for thing in (np.add, 3):
        with pytest.raises(ChapterError, match="Python source"):
            source(thing)
