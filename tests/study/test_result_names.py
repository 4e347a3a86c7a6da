"""Figures that chapters quote from the study: names that its results will have."""

import json
import re
from pathlib import Path

import pytest

from exposure_lab.study.experiments import all_experiments
from exposure_lab.study.figures import groups_of
from exposure_lab.study.measurements.registry import MEASUREMENTS

ROOT = Path(__file__).parents[2]
FIGURES = """
    psnr psnr_dark psnr_bright psnr_good ssim l1 brightness_error colour_error sharpness
    checkerboard border_error top_right_error ghost artefact_error loss_fall first_epoch_fall
    loss_quality_rank one_picture_rank critic_rank update_norm settling images_per_s rise
""".split()


def quoted() -> list[str]:
    code = [
        "".join(cell["source"])
        for path in sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    quoting = "\n".join(cell for cell in code if re.search(r"\bresults?\(", cell))
    # Some cells look the names up in a table of theirs.
    return re.findall(r'"(?:report/)?([a-z0-9-]+\.[a-z_0-9]+(?:\.[a-z0-9-]+)*)"', quoting)


@pytest.mark.parametrize("name", quoted())
def test_a_quoted_figure_is_one_that_its_experiment_gives(name: str) -> None:
    experiment, _, figure = name.partition(".")
    if experiment in MEASUREMENTS:
        assert figure in MEASUREMENTS[experiment].figures
    elif experiment in all_experiments():
        trained = all_experiments()[experiment]
        suffixes = groups_of(experiment, [*trained.arms, *trained.baselines])
        assert figure in {one + suffix for one in FIGURES for suffix in suffixes}
    else:
        assert experiment == "analysis"  # it waits for the report's own data


def test_chapters_quote_the_study() -> None:
    assert len(quoted()) > 15
