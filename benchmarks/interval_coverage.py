"""How often four kinds of interval contain the true mean, in simulated studies of seeds by scenes.

    python benchmarks/interval_coverage.py --json benchmarks/results/interval_coverage.json
    python benchmarks/interval_coverage.py --quick    a tenth of the studies, in seconds

A study has 3 to 8 networks, one a seed, which all score 124 scenes. Its figures differ by 0.1 to
0.6 dB (SD) from network to network, by 1 dB from scene to scene, and by 0.5 dB beyond both; all of
that is normal. A 95 % interval should contain the true mean in 95 of 100 studies. Half-widths are
means over the studies. The four are Student's t for both effects (`two_way_interval`), a bootstrap
that draws seeds and scenes each with replacement (Owen 2007), the bootstrap over scenes of
`mean_interval`, and Student's t over the means of the seeds.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import Report, arguments, finish, packaged
from numpy.typing import NDArray
from scipy import stats

from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.metrics.crossed_effects import two_way_interval
from exposure_lab.provenance import provenance

RESULTS = Path(__file__).resolve().parent.parent / "exposure_lab" / "results"

SEED_SDS = (0.1, 0.3, 0.6)
"""Of the networks' true means, dB."""

SEEDS = (3, 5, 8)
SCENES = 124
SCENE_SD, RESIDUAL_SD = 1.0, 0.5
"""dB."""

STUDIES = 10_000
DRAWS = 1000
"""Resampled sets of a bootstrap, the same ones for all studies."""

AT_ONCE = 200
"""Studies whose resampled means are in memory together."""

PERCENT = [2.5, 97.5]

Floats = NDArray[np.float64]
Ends = tuple[Floats, Floats]


def simulate(studies: int, seeds: int, seed_sd: float) -> Floats:
    """Tables (studies, seeds, scenes) of a figure whose true mean is 0, dB."""
    draw = np.random.default_rng([seeds, round(100 * seed_sd)])
    return (
        seed_sd * draw.normal(size=(studies, seeds, 1))
        + SCENE_SD * draw.normal(size=(studies, 1, SCENES))
        + RESIDUAL_SD * draw.normal(size=(studies, seeds, SCENES))
    )


def resampled(size: int) -> Floats:
    """Weights (DRAWS, size) that add up to 1: how often each was drawn, with replacement."""
    chosen = np.random.default_rng(size).integers(size, size=(DRAWS, size))
    return np.stack([np.bincount(row, minlength=size) for row in chosen]) / size


def two_way_t(tables: Floats) -> Ends:
    """Ends by crossed random effects and Student's t."""
    ends = np.array([two_way_interval(table)[1:3] for table in tables])
    return ends[:, 0], ends[:, 1]


def two_way_bootstrap(tables: Floats) -> Ends:
    """Ends by drawing seeds and scenes, each with replacement."""
    by_seed, by_scene = resampled(tables.shape[1]), resampled(SCENES)
    parts = []
    for first in range(0, len(tables), AT_ONCE):
        part = tables[first : first + AT_ONCE]
        means = np.sum((by_seed @ part) * by_scene, axis=2)  # (studies, draws)
        parts.append(np.percentile(means, PERCENT, axis=1))
    low, high = np.concatenate(parts, axis=1)
    return low, high


def scene_bootstrap(tables: Floats) -> Ends:
    """Ends by drawing scenes alone, as for one network: the seeds are as they are."""
    low, high = np.percentile(tables.mean(axis=1) @ resampled(SCENES).T, PERCENT, axis=1)
    return low, high


def seed_means_t(tables: Floats) -> Ends:
    """Ends by Student's t over the means of the seeds: the scenes are as they are."""
    by_seed, seeds = tables.mean(axis=2), tables.shape[1]
    error = by_seed.std(axis=1, ddof=1) / np.sqrt(seeds)
    half = stats.t.ppf(0.975, seeds - 1) * error
    return by_seed.mean(axis=1) - half, by_seed.mean(axis=1) + half


PROCEDURES: dict[str, Callable[[Floats], Ends]] = {
    "two_way_t": two_way_t,
    "two_way_bootstrap": two_way_bootstrap,
    "scene_bootstrap": scene_bootstrap,
    "seed_means_t": seed_means_t,
}


def cell(procedure: str, seeds: int, seed_sd: float) -> str:
    """Name of a procedure's figures, such as ``two_way_t_5_seeds_0.3_db``."""
    return f"{procedure}_{seeds}_seeds_{seed_sd}_db"


def show(figures: dict[str, float]) -> None:
    """Print coverage and half-width: a row for each procedure, a column for each kind of study."""
    columns = [(seeds, seed_sd) for seeds in SEEDS for seed_sd in SEED_SDS]
    for figure, unit in (("coverage", "share"), ("half_width", "dB")):
        print(f"\n{figure}, {unit}; seeds x SD between seeds in dB")
        print(f"{'':<18}" + "".join(f"{f'{seeds} x {sd}':>9}" for seeds, sd in columns))
        for procedure in PROCEDURES:
            values = [figures[f"{cell(procedure, *column)}_{figure}"] for column in columns]
            print(f"{procedure:<18}" + "".join(f"{value:9.2f}" for value in values))


def write_result(figures: dict[str, float], studies: int) -> None:
    """Save the figures with their units where `exposure_lab.notebook.result` finds them."""
    content = packaged("interval-coverage", figures, "dB", provenance("cpu", None))
    for name, entry in content["figures"].items():
        entry["n"] = studies
        if name.endswith("_coverage"):
            inside = stats.binomtest(round(entry["value"] * studies), studies)
            ci = inside.proportion_ci(method="wilson")
            entry |= {"unit": "", "ci": [round(ci.low, 4), round(ci.high, 4)]}
    content["data"] = f"simulated, {SCENES} scenes"
    write_fingerprinted(RESULTS / "interval-coverage.json", content)


def main() -> None:
    options = arguments("Simulate how often intervals contain the true mean.")
    report = Report("interval_coverage")
    studies = STUDIES // 10 if options.quick else STUDIES
    report.figure("studies", studies)
    for seeds in SEEDS:
        for seed_sd in SEED_SDS:
            tables = simulate(studies, seeds, seed_sd)
            for procedure, ends in PROCEDURES.items():
                low, high = ends(tables)
                name = cell(procedure, seeds, seed_sd)
                report.figure(f"{name}_coverage", float(np.mean((low <= 0) & (high >= 0))))
                report.figure(f"{name}_half_width", float(np.mean(high - low)) / 2)
            report.bar(f"{cell('two_way_t', seeds, seed_sd)}_coverage", ">=", 0.92)
    finish(report, options.json)
    show(report.figures())
    if options.json and not options.quick:
        write_result({k: v for k, v in report.figures().items() if k != "studies"}, studies)


if __name__ == "__main__":
    main()
