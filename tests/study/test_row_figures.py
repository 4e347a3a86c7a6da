"""Figures that follow from what a row holds: by hand, and as the estimates of claims read them."""

import numpy as np
import pytest
from synthetic import make_results

from exposure_lab.study.estimates import estimate
from exposure_lab.study.results import read_results, results_folder
from exposure_lab.study.rows import figure_of

ROW = {"scores": {"psnr_dark": [24.9, 25.0, 30.0]}, "run": {}, "curve": {"val_psnr": [9.0, 17.5]}}


def test_by_hand() -> None:
    assert figure_of(ROW, "scores", "dark_at_parity") == [0, 1, 1]
    assert figure_of(ROW, "run", "first_epoch_psnr") == 17.5


def test_what_a_row_holds_is_taken_as_it_is() -> None:
    assert figure_of(ROW, "scores", "psnr_dark") == [24.9, 25.0, 30.0]
    assert figure_of(ROW, "run", "psnr_dark") is None


def test_what_does_not_follow_is_missing() -> None:
    bare = {"scores": {}, "run": {}, "curve": {"val_psnr": [9.0]}}
    assert figure_of(bare, "scores", "dark_at_parity") is None
    assert figure_of(bare, "run", "first_epoch_psnr") is None
    assert figure_of({"scores": {}, "run": {}}, "run", "first_epoch_psnr") is None
    assert make_results(1.0).scores("dark_at_parity", ("a", "b")) is None


@pytest.mark.slow
def test_a_share_of_scenes_has_an_interval_over_seeds_and_scenes() -> None:
    results = read_results(results_folder() / "correction.json")
    assert results is not None
    scores = results.scores("psnr_dark", ("network",))
    share = estimate(results, "dark_at_parity", ("network",))
    assert scores is not None and share is not None
    assert share.mean == pytest.approx(np.mean(scores >= 25))
    low, high = share.interval()
    assert 0 < low < share.mean < high < 1
    assert (share.seeds, share.cases) == scores.shape
