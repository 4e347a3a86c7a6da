"""Results of an experiment: one JSON file with its rows, its figures and what made them."""

# S seeds, N scenes

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import exposure_lab
from exposure_lab.files.atomic import write_text
from exposure_lab.fingerprints import read_fingerprinted, with_fingerprint
from exposure_lab.study.rows import Row, figure_of
from exposure_lab.study.samples import Sample

ANY_SEED = 0
"""Seed of the row of an arm that learns nothing: it goes with the rows of every seed."""

ANY_SCALE = frozenset(
    (
        "architecture",
        "patch-critic",
        "loss-functions",
        "training-step",
        "variation",
        "counts",
        "mean-kernel",
    )
)
"""Measurements of the report's own networks, losses and numbers: they are the same at any scale,
and lie in the folder of all results."""

OTHER_PHOTOS = "other-photos"
"""Folder, below that of the results, of scores on other photos: in it, a folder for each set."""

OTHER_SIZES = "other-sizes"
"""Folder, below that of the results, of experiments that were run again with larger pictures or
networks: in it, a folder for each size. No claim is judged by them."""

Values = NDArray[np.float64]


@dataclass
class Results:
    """Rows of one experiment at one profile, with the rules that stood when they were made."""

    experiment: str
    profile: str
    design: str
    """Hash of the arms and their settings, or of the code that measured."""
    rules: dict[str, str]
    """Claim to the hash of its rule."""
    data: str = ""
    """Name of the data set in a sentence."""
    scenes: list[str] = field(default_factory=list)
    """Names of the held-out scenes, in the order of the scores of a row."""
    rows: list[Row] = field(default_factory=list)
    device: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    overrides: list[str] = field(default_factory=list)
    """Settings of all arms that depart from the profile's, as the command line took them."""

    @property
    def scale(self) -> str:
        """Profile and the settings that depart from it, in words."""
        departing = f"with {', '.join(self.overrides)}" if self.overrides else "as it is"
        return f"{self.profile} {departing}"

    def seeds(self, arms: Sequence[str]) -> list[int]:
        """List the seeds at which all of these arms were run."""
        of_arm = [{row["seed"] for row in self.rows if row.get("arm") == arm} for arm in arms]
        trained = [seeds for seeds in of_arm if seeds != {ANY_SEED}]
        if not of_arm or not all(of_arm):
            return []
        return sorted(set.intersection(*trained)) if trained else [ANY_SEED]

    def row(self, arm: str, seed: int) -> Row | None:
        """Find the row of an arm at a seed; None where it was not run."""
        of_arm = (row for row in self.rows if row.get("arm") == arm)
        return next((row for row in of_arm if row["seed"] in (seed, ANY_SEED)), None)

    def scores(self, figure: str, arms: Sequence[str]) -> Values | None:
        """Collect a figure per scene, or the difference of two arms paired by seed and scene.

        Returns:
            (S, N), first arm minus second; None where rows or the figure are missing.
        """
        return self._collect("scores", figure, arms)

    def run_values(self, figure: str, arms: Sequence[str]) -> Values | None:
        """Collect a figure that each run has one of, (S,), or the paired difference of two arms."""
        return self._collect("run", figure, arms)

    def _collect(self, kind: str, figure: str, arms: Sequence[str]) -> Values | None:
        rows = [[self.row(arm, seed) for seed in self.seeds(arms)] for arm in arms]
        if not rows or not rows[0]:
            return None
        found = [[row and figure_of(row, kind, figure) for row in column] for column in rows]
        if any(value is None for column in found for value in column):
            return None
        values = [np.array(column, dtype=np.float64) for column in found]
        return values[0] if len(values) == 1 else values[0] - values[1]

    def sample(self, figure: str) -> Sample | None:
        """Find the values of a figure that was measured without training."""
        for row in self.rows:
            if row.get("figure") == figure:
                over = tuple(row.get("over", ()))
                return Sample(figure, tuple(row["values"]), row.get("unit", ""), over)
        return None


def results_folder() -> Path:
    """Folder of the results that ship with the package."""
    return Path(str(resources.files(exposure_lab) / "results"))


def repeat_folders(folder: Path) -> list[Path]:
    """List the folders of experiments repeated at other sizes and of scores on other photos."""
    kinds = (OTHER_SIZES, OTHER_PHOTOS)
    return [place for kind in kinds for place in sorted(folder.glob(f"{kind}/*/"))]


def read_results(path: Path) -> Results | None:
    """Read the results of an experiment; None where it has not been run.

    Raises:
        DataError: the file was edited by hand.
    """
    if not path.exists():
        return None
    return parse_results(read_fingerprinted(path))


def parse_results(content: Mapping[str, Any]) -> Results:
    """Take the results of an experiment from the content of its file."""
    return Results(
        content["experiment"],
        content["profile"],
        content["rule_hash"],
        content["rules"],
        content["data"],
        content["scenes"],
        content["rows"],
        content["device"],
        content["provenance"],
        content["overrides"],
    )


def write_results(path: Path, results: Results, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the results of an experiment, whole or not at all.

    Args:
        path: of the JSON file.
        results: its rows.
        figures: name to value, interval, number of seeds or scenes, and unit.
    """
    content: dict[str, Any] = {
        "experiment": results.experiment,
        "profile": results.profile,
        "overrides": results.overrides,
        "figures": figures,
        "rows": results.rows,
        "scenes": results.scenes,
        "rule_hash": results.design,
        "rules": results.rules,
        "seeds": sorted({row["seed"] for row in results.rows if row.get("seed")}),
        "data": results.data,
        "device": results.device,
        "date": str(results.provenance.get("date", ""))[:10],
        "provenance": results.provenance,
    }
    write_text(path, _dump(with_fingerprint(content)))


def _dump(content: Mapping[str, Any]) -> str:
    """Format as strict JSON, with a line for each row: one for each number would be too many."""
    rows = ",\n".join(json.dumps(row, allow_nan=False) for row in content["rows"])
    text = json.dumps({**content, "rows": []}, indent=1, allow_nan=False)
    return text.replace('"rows": []', f'"rows": [\n{rows}\n ]', 1) + "\n"


def sample_rows(samples: Iterable[Sample]) -> list[Row]:
    """Convert samples to rows of a results file."""
    return [
        {
            "figure": sample.figure,
            "values": [float(value) for value in sample.values],
            "unit": sample.unit,
            "over": list(sample.over),
        }
        for sample in samples
    ]
