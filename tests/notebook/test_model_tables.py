"""The tables of all models: what they show, and of which networks."""

import json
from pathlib import Path

import pytest

from exposure_lab.errors import ChapterError
from exposure_lab.files.checksum import sha256
from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.notebook.model_tables import EVS, MODELS, SETS, comparison, comparison_markdown
from exposure_lab.study.results import results_folder
from exposure_lab.weights.shipped import weight_names, weights_path


def test_every_model_has_a_row() -> None:
    assert set(MODELS) == {*BASELINES, "report", "same-pairs", *weight_names()}
    rows = {row[0] for row in comparison().rows}
    assert rows >= {MODELS[name] for name in (*BASELINES, "report", *weight_names())}


def test_the_scores_are_those_of_the_networks_that_ship() -> None:
    content = json.loads((results_folder() / "comparison.json").read_text(encoding="utf-8"))
    for name in weight_names():
        assert content["weights"][name] == sha256(weights_path(name)), (
            "run benchmarks/model_comparison.py again"
        )


def test_doing_nothing_is_perfect_at_0_ev_on_real_scenes_alone() -> None:
    """Their good frame is the target itself; a rendered photo at 0 EV is no longer the photo."""
    table = comparison()
    assert table.rows[0][0].startswith("identity")
    at_0_ev = {
        name: table.rows[0][table.head.index(name)].split("/")[1]
        for name in ("Berkeley", "Kodak", "real")
    }
    assert at_0_ev["real"] == "60.0"
    assert at_0_ev["Berkeley"] != "60.0" and at_0_ev["Kodak"] != "60.0"


@pytest.mark.parametrize("photos", SETS)
def test_the_table_of_a_set_has_three_scores_at_each_exposure(photos: str) -> None:
    table = comparison(photos)
    assert [row[0] for row in table.rows] == [row[0] for row in comparison().rows]
    assert len(table.head) == 1 + len(EVS)
    for row in table.rows:
        for cell in row[1:]:
            psnr, ssim, colour = map(float, cell.split(", "))
            assert 5 < psnr <= 60 and 0 < ssim <= 1 and 0 <= colour < 60


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(ChapterError, match="one of val, kodak, brackets, but got 'mine'"):
        comparison("mine")


def test_markdown_has_the_rows_of_the_table() -> None:
    table, lines = comparison(), comparison_markdown().splitlines()
    assert len(lines) == 2 + len(table.rows)
    for row, line in zip(table.rows, lines[2:], strict=True):
        assert line.strip("| ").split(" | ") == list(row)


def test_figures_that_are_missing_are_dashes(tmp_path: Path) -> None:
    content = json.loads((results_folder() / "comparison.json").read_text(encoding="utf-8"))
    del content["figures"]["clahe.val.ssim.-1"]
    write_fingerprinted(tmp_path / "comparison.json", content)
    cells = comparison("val", tmp_path).rows[list(MODELS).index("clahe")]
    assert ", -, " in cells[1 + EVS.index("-1")]
