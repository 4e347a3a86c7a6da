"""Scores of finished runs on other photos, such as real brackets: nothing is trained again."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file

from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.errors import DataError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.provenance import commit, provenance
from exposure_lab.runtime import Runtime, device_name, start_runtime, unwrap
from exposure_lab.study.baseline_rows import score_baseline
from exposure_lab.study.experiments import Experiment
from exposure_lab.study.plan import PlannedRun, Settings, plan_runs
from exposure_lab.study.results import Results
from exposure_lab.study.rows import Row
from exposure_lab.study.scoring import scenes_of, scored_pairs
from exposure_lab.study.train_arm import BUILDERS, SCORES, WEIGHTS, score_generator


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
        DataError: no such folder, no finished run, runs of several data sets, damaged weights, or
            photos that cannot be used.
        ConfigError: an unknown setting, or arms that differ in more than their factor.
    """
    planned = plan_runs([experiment], settings)
    finished = [(run, folder) for run in planned if (folder := _folder(run, runs)) is not None]
    if not finished:
        raise DataError(
            f"Expected finished runs of {experiment.name} with their weights in {runs}, but there "
            "are none: train them with `exposure-lab study run`."
        )
    config, mark = planned[0].config.data, fingerprint(held_out)
    scenes = scenes_of(scored_pairs(str(held_out), config))
    runtime = start_runtime("fp32")
    rows = [_score(run, folder, held_out, runtime) for run, folder in finished]
    rows += [
        {"arm": name, **score_baseline(name, str(held_out), mark, config)}
        for name in experiment.baselines
    ]
    device = device_name(runtime.device)
    return Results(
        experiment.name,
        settings.profile,
        experiment.design_hash,
        {},
        data_name or held_out.resolve().name,
        scenes,
        [row | {"data": mark} for row in rows],
        device,
        provenance(device, None, mark),
        list(settings.overrides),
    )


def _folder(run: PlannedRun, runs: Path) -> Path | None:
    """Find the folder of a run; None where it is not finished, or kept no weights."""
    found = [path.parent for path in runs.glob(f"{run.settings}-*/{SCORES}")]
    if len(found) > 1:
        raise DataError(
            f"Expected runs of one data set in {runs}, but {run.arm} with seed {run.seed} was "
            "trained on several: name a folder that holds those of one."
        )
    return found[0] if found and (found[0] / WEIGHTS).exists() else None


def _score(run: PlannedRun, folder: Path, held_out: Path, runtime: Runtime) -> Row:
    """Score one run: its row with other scores, and none of what it did on the study's photos."""
    generator = unwrap(BUILDERS[run.networks](run.config, runtime, 0).generator)
    try:
        generator.load_state_dict(load_file(folder / WEIGHTS))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise DataError(
            f"Expected the weights of {run.arm} with seed {run.seed} in {folder / WEIGHTS}, but "
            f"they can't be read: {str(error).splitlines()[0]}; delete the run's folder and train "
            "it again."
        ) from error
    scores = score_generator(generator, runtime, scored_pairs(str(held_out), run.config.data))
    row = read_json_object(folder / SCORES)
    own = {"scores": scores, "run": {}, "curve": {}, "commit": commit()}
    return {"arm": run.arm, **row, **own}
