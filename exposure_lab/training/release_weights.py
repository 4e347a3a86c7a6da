"""Release weights: train by a recipe, score held-out pairs, write the weights and their card."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.config import BilateralGridConfig, RunConfig
from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.data.pairs import find_pairs
from exposure_lab.errors import FilesError, RunError
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.files.atomic import write_text
from exposure_lab.files.json_files import read_json_object
from exposure_lab.images.io import write_image
from exposure_lab.inference.load import load_generator
from exposure_lab.inference.resolve import LazyModel, resolve
from exposure_lab.provenance import data_fingerprint
from exposure_lab.training.failures import draw_failures, find_failures
from exposure_lab.training.model_card import card, card_scores
from exposure_lab.training.run_lock import CONFIG
from exposure_lab.training.summary import SUMMARY
from exposure_lab.training.trainer import train
from exposure_lab.weights.shipped import SUFFIX, load_recipe, load_weights, save_weights

CARD_BASELINES = ("identity", "auto-exposure", "white-point")
"""Baselines whose scores stand beside the network's in its card."""


class ReleasedFiles(NamedTuple):
    """Files that `build_weights` writes."""

    weights: Path
    card: Path
    failures: Path
    """Picture for the card, of built-in photos on which the network does worst."""
    exported: Path
    """For onnxruntime; only of a network that predicts a correction, which is small."""


class ScoredSet(NamedTuple):
    """A set that a network is scored on for its card."""

    label: str
    """As the card calls it; empty for the set that it was trained on."""
    folder: Path
    split: str


def build_weights(
    name: str,
    data: Path | str,
    out: Path | str,
    *,
    scored: Sequence[ScoredSet] = (),
    jobs: int = 1,
    on_pairs: Callable[[int, int], None] = lambda done, total: None,
) -> ReleasedFiles:
    """Build weights and their model card, as the shipped ones were built.

    Called again after an interruption it goes on where it stopped.

    Args:
        name: of a recipe, such as ``"unet-16"``.
        data: folder in MSEC layout with training and validation pairs; or one of them packed,
            where other sets are scored.
        out: folder for ``NAME.safetensors``, ``NAME.md`` with ``NAME.jpg``, and the run,
            ``NAME.run``; for ``NAME.onnx`` as well where the network predicts a correction.
        scored: sets for the card, the first of which is the one that `weights list` quotes; the
            validation pairs of `data` where there are none.
        jobs: processes that score.
        on_pairs: called with how many pairs are scored, and of how many.

    Raises:
        ConfigError: unknown name.
        RunError: the folder holds a run of another recipe or on other data, the data changed in
            the meantime, or the run stopped.
        DataError: the pairs cannot be used.
        FilesError: no space, no permission, or a file of somebody else has a name that is needed.
    """
    recipe, out = load_recipe(name), Path(out)
    run = out / f"{name}.run"
    files = ReleasedFiles(*(out / f"{name}{suffix}" for suffix in (SUFFIX, ".md", ".jpg", ".onnx")))
    if not run.exists():
        _refuse_existing(files)
    trained_on = fingerprint(data)
    summary = _train_or_read(recipe.config, data, run, trained_on)
    _refuse_changed(data, run, summary["provenance"].get("data"))
    generator, config = load_generator(run)
    save_weights(files.weights, generator, config, {"training": summary})
    # What is scored is what ships: the halved weights, read back from their file.
    sources = {name: str(files.weights), **{baseline: baseline for baseline in CARD_BASELINES}}
    models = {
        key: resolve(value) if jobs == 1 else LazyModel(value) for key, value in sources.items()
    }
    scores = []
    for label, folder, split in scored or [ScoredSet("", Path(data), "validation")]:
        found = evaluate(
            models,
            find_pairs(folder, split),
            data=data_fingerprint(folder),
            jobs=jobs,
            on_pairs=on_pairs,
        )
        scores.append(({"set": label} if label else {}) | card_scores(found.to_json()))
    report: dict[str, Any] = {"training": summary, "scores": scores[0]}
    if scores[1:]:
        report["other_scores"] = scores[1:]
    correct = resolve(str(files.weights))
    failures = find_failures(correct)
    report["failures"] = [failure._asdict() for failure in failures]
    write_image(files.failures, draw_failures(correct, failures), quality=88)
    save_weights(files.weights, generator, config, report)
    if isinstance(config.generator, BilateralGridConfig):
        from exposure_lab.inference.onnx_export import export_network

        export_network(*load_weights(files.weights), files.exported)
    write_text(files.card, card(recipe, report, files.weights.stat().st_size))
    return files


def _train_or_read(
    config: RunConfig, data: Path | str, run: Path, trained_on: str
) -> dict[str, Any]:
    """Read the summary of the recipe's run, which is trained first where there is none."""
    file = run / SUMMARY
    if not file.exists():
        return train(config, data, run, resume=run.exists())
    summary = read_json_object(file)
    if read_json_object(run / CONFIG) != config.model_dump(mode="json"):
        raise RunError(
            f"Expected a run of the recipe {config.profile} in {run}, but its settings are others: "
            "choose another --out."
        )
    provenance = summary.get("provenance")
    if not isinstance(provenance, dict) or provenance.get("data") != trained_on:
        raise RunError(
            f"Expected a run on {data} in {run}, but it was trained on other data: name those, or "
            "choose another --out."
        )
    return summary


def _refuse_changed(data: Path | str, run: Path, trained_on: object) -> None:
    """Refuse to score on data that changed since the training began. Raises RunError."""
    if (now := fingerprint(data)) != trained_on:
        raise RunError(
            f"Expected the data that {run} was trained on (fingerprint {trained_on}), but {data} "
            f"has {now} by now: bring back what was there, or choose another --out."
        )


def _refuse_existing(files: ReleasedFiles) -> None:
    """Refuse to replace a file of somebody else. Raises FilesError."""
    for path in files:
        if os.path.lexists(path):
            raise FilesError(
                f"Expected no file at {path}, since no run of ours lies beside it, but there is "
                "one: choose another --out."
            )
