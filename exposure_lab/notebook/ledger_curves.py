"""Curves of the study's runs, such as the report's own figures drawn again over several seeds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from exposure_lab.notebook.quotes import QuotedFigure
from exposure_lab.plots import Figure, Series, curves
from exposure_lab.study.results import Results, read_results, results_folder

CURVES = {
    "loss": "generator's loss, mean of an epoch",
    "first_epoch": "generator's loss in the first epoch",
    "val_psnr": "held-out PSNR, dB",
}
"""Curve of a run, as `study.curves.curve_of` names it, to its title."""


def study_curves(
    experiment: str, names: Mapping[str, str] | None = None, folder: Path | None = None
) -> Figure | QuotedFigure:
    """Draw the curves of an experiment's arms, each the mean over the seeds that were run.

    Args:
        experiment: such as ``"correction"``, whose first panel is the report's figure 3a and whose
            second is its figure 3b, or ``"rate"``.
        names: arms to draw, each with its name in the legend; all where not given.
        folder: of the results; the package's own where not given.

    Returns:
        A figure of three panels: loss over epochs, loss within the first epoch, and held-out PSNR
        over epochs, of the arms of which a run is done; or a line that says that none is yet.
    """
    results = read_results((folder or results_folder()) / f"{experiment}.json")
    rows = results.rows if results else []
    done = {row["arm"]: row["arm"] for row in rows if row["curve"]}
    arms = {arm: label for arm, label in (names or done).items() if arm in done}
    if results is None or not arms:
        return QuotedFigure(f"{experiment}.loss")
    panels = {
        title: {label: mean_curve(results, arm, curve) for arm, label in arms.items()}
        for curve, title in CURVES.items()
    }
    return curves(panels, x_label="share of the run (in the middle: of the first epoch)")


def mean_curve(results: Results, arm: str, curve: str) -> Series:
    """Average a curve of an arm over its seeds: share of its length, and values."""
    values = np.mean([row["curve"][curve] for row in results.rows if row["arm"] == arm], axis=0)
    return np.linspace(0, 1, len(values)).tolist(), values.tolist()
