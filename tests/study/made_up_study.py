"""Experiment of two arms on two scenes, small enough to be trained in a test."""

import json
from pathlib import Path
from typing import Any

from tiny_run import TINY

from exposure_lab.study.experiments import Experiment
from exposure_lab.study.plan import Settings
from exposure_lab.study.rows import Row
from exposure_lab.study.run import Study

SMALL = Settings("smoke", TINY, seeds=2)
EXPERIMENT = Experiment(
    name="made-up-loss",
    question="?",
    factor=("loss.pixel",),
    arms={"l1": {"loss.pixel": "l1"}, "l2": {"loss.pixel": "l2"}},
    baselines=("identity",),
)

OTHER = EXPERIMENT.model_copy(update={"name": "other", "arms": {"same": {"loss.pixel": "l1"}}})


def make_study(folder: Path, data: Path, settings: Settings = SMALL) -> Study:
    return Study(data, folder / "out", folder / "runs", settings)


def content(folder: Path) -> dict[str, Any]:
    text = (folder / "out" / "made-up-loss.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def rows_of(folder: Path) -> dict[str, Row]:
    """Rows in the results of a folder, as `run_task` gives them, by the settings of the runs."""
    rows = content(folder)["rows"]
    return {row["settings"]: {key: row[key] for key in row if key != "arm"} for row in rows}
