"""Scores of finished runs on other photos, such as real brackets: nothing is trained again."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.errors import DataError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.images.array import Array, ImageFunction, to_pixels, to_tensor
from exposure_lab.networks.build import build_generator
from exposure_lab.networks.mlp import MLPGenerator
from exposure_lab.provenance import commit, provenance
from exposure_lab.runtime import device_name
from exposure_lab.study.baseline_rows import score_baseline
from exposure_lab.study.experiments import Experiment
from exposure_lab.study.plan import PlannedRun, Settings, plan_runs
from exposure_lab.study.results import ANY_SEED, Results, Row
from exposure_lab.study.scoring import scenes_of, score, scored_pairs
from exposure_lab.study.train_arm import SCORES, WEIGHTS


def score_on(
    held_out: Path, experiment: Experiment, runs: Path, settings: Settings, data_name: str = ""
) -> Results:
    """Score the finished runs of an experiment on held-out photos that no run was scored on.

    Rows keep settings and seeds of their runs. No claim is judged by them: its rule names the
    photos of the study.

    Args:
        held_out: paired set in MSEC layout with a validation or a test split.
        experiment: one whose runs kept their weights; those that lack them are left out.
        runs: folder of the runs.
        settings: profile, overrides and seeds of the runs.
        data_name: name of the photos in a sentence; the folder's name where not given.

    Raises:
        DataError: no finished run, runs of several data sets, damaged weights, or photos that
            cannot be used.
        ConfigError: an unknown setting, or arms that differ in more than their factor.
    """
    mark = fingerprint(held_out)
    planned = plan_runs([experiment], settings)
    rows = [row for run in planned if (row := _row(run, runs, held_out, mark)) is not None]
    if not rows:
        raise DataError(
            f"Expected finished runs of {experiment.name} with their weights in {runs}, but there "
            "are none: train them with `exposure-lab study run`."
        )
    config = planned[0].config.data
    for name in experiment.baselines:
        rows.append({"arm": name, **score_baseline(name, str(held_out), mark, config)})
    device = device_name(torch.device("cpu"))
    return Results(
        experiment.name,
        settings.profile,
        experiment.design_hash,
        {},
        data_name or held_out.name,
        scenes_of(scored_pairs(str(held_out), config)),
        sorted(rows, key=lambda row: (row["seed"] == ANY_SEED, row["seed"])),
        device,
        provenance(device, None, mark),
        list(settings.overrides),
    )


def _row(run: PlannedRun, runs: Path, held_out: Path, mark: str) -> Row | None:
    """Score one run; None where it is not finished, or kept no weights."""
    folders = [path.parent for path in runs.glob(f"{run.settings}-*/{SCORES}")]
    if len(folders) > 1:
        raise DataError(
            f"Expected runs of one data set in {runs}, but {run.arm} with seed {run.seed} was "
            "trained on several: name a folder that holds those of one."
        )
    if not folders or not (folders[0] / WEIGHTS).exists():
        return None
    row = read_json_object(folders[0] / SCORES)
    correct = _load(folders[0] / WEIGHTS, run)
    scores = score(correct, scored_pairs(str(held_out), run.config.data))
    return {"arm": run.arm, **row, "scores": scores, "data": mark, "commit": commit()}


def _load(path: Path, run: PlannedRun) -> ImageFunction:
    mlp = run.networks == "mlp"
    generator: nn.Module = (
        MLPGenerator(run.config.data.image_size) if mlp else build_generator(run.config)
    ).eval()
    try:
        generator.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise DataError(
            f"Expected the weights of {run.arm} with seed {run.seed} in {path}, but they can't be "
            f"read: {str(error).splitlines()[0]}; delete the run's folder and train it again."
        ) from error

    def correct(image: Array) -> Array:
        with torch.inference_mode():
            return to_pixels(generator(to_tensor(image)[None])[0])

    return correct
