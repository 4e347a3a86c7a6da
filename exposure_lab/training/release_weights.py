"""From data to weights that ship: train by a recipe, score what was held out, write the card."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import find_pairs
from exposure_lab.errors import FilesError, RunError
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.evaluation.scoring import Named
from exposure_lab.files.atomic import write_text
from exposure_lab.files.json_files import read_json_object
from exposure_lab.inference.load import load_generator
from exposure_lab.inference.resolve import resolve
from exposure_lab.provenance import data_fingerprint
from exposure_lab.training.run_lock import CONFIG, SUMMARY
from exposure_lab.training.trainer import train
from exposure_lab.weights.shipped import SUFFIX, Recipe, load_recipe, save_weights

RIVALS = ("identity", "auto-exposure", "white-point")
"""Baselines that stand beside the network in its card."""

SCORES = ("psnr", "ssim", "l1", "delta_e")


class Built(NamedTuple):
    """The files of `build_weights`."""

    weights: Path
    card: Path


def build_weights(
    name: str,
    data: Path | str,
    out: Path | str,
    *,
    jobs: int = 1,
    on_pairs: Callable[[int, int], None] = lambda done, total: None,
) -> Built:
    """Make weights as the shipped ones were made, and their model card.

    Called again after an interruption it goes on where it stopped.

    Args:
        name: of a recipe, such as ``"unet-16"``.
        data: folder in MSEC layout with training and validation pairs.
        out: folder for ``NAME.safetensors``, ``NAME.md`` and the run, ``NAME.run``.
        jobs: processes that score.
        on_pairs: told how many pairs are scored, and of how many.

    Raises:
        ConfigError: unknown name.
        RunError: the folder holds a run of another recipe or on other data, the data changed in
            the meantime, or the run stopped.
        DataError: the pairs cannot be used.
        FilesError: no space, no permission, or a file of somebody else has a name that is needed.
    """
    recipe, out = load_recipe(name), Path(out)
    run = out / f"{name}.run"
    built = Built(out / f"{name}{SUFFIX}", out / f"{name}.md")
    if not run.exists():
        _refuse_existing(built)
    fingerprint = data_fingerprint(data)
    summary = _trained(recipe.config, data, run, fingerprint)
    _refuse_changed(data, run, summary["provenance"].get("data"))
    generator, config = load_generator(run)
    save_weights(built.weights, generator, config, {"training": summary})
    # What is scored is what ships: the halved weights, read back from their file.
    named = {name: str(built.weights), **{rival: rival for rival in RIVALS}}
    models = {key: resolve(value) if jobs == 1 else Named(value) for key, value in named.items()}
    pairs = find_pairs(data, "validation")
    scores = evaluate(models, pairs, data=fingerprint, jobs=jobs, on_pairs=on_pairs)
    report = {"training": summary, "scores": _short(scores)}
    save_weights(built.weights, generator, config, report)
    write_text(built.card, card(recipe, report, built.weights.stat().st_size))
    return built


def card(recipe: Recipe, report: dict[str, Any], size: int) -> str:
    """The model card, in Markdown: what the network is, from what, how good, for what.

    Args:
        recipe: it was made by.
        report: as it stands in the weights file.
        size: of that file, bytes.
    """
    training, scores = report["training"], report["scores"]
    made = training["provenance"]
    stretches = training.get("stretches", [])  # where the conditions changed during the run
    evs = [row["ev"] for row in scores["models"][0]["rows"]]
    head = ["", *(f"{ev:+g} EV" if ev else "0 EV" for ev in evs), "all but 0 EV"]
    rows = [
        [
            model["model"],
            *(f"{row['psnr']:.1f}" for row in model["rows"]),
            "{psnr:.2f} ({psnr_ci[0]:.2f} to {psnr_ci[1]:.2f})".format(**model["mean_wrong"]),
        ]
        for model in scores["models"]
    ]
    departures = [
        [f"`{one.key}`", str(one.report), str(one.value), one.why] for one in recipe.departures
    ]
    facts = [
        ["steps", f"{training['steps']}, in {training['seconds'] / 60:.0f} minutes"],
        ["device", _device(made)],
        ["versions", _versions(made)],
        ["seed", str(made["seed"])],
        ["data", f"fingerprint {made['data']}"],
        ["ended", made["date"]],
        *([f"from step {one['from_step']}", _conditions(one["provenance"])] for one in stretches),
    ]
    n = scores["models"][0]["mean"]["n"]
    return f"""\
# Model card: {recipe.name}

{recipe.card["network"].strip()} {size / 1e6:.1f} MB, in half precision.

## Data

{recipe.card["data"].strip()}

## Licence

{recipe.card["licence"].strip()}

## How good

PSNR in dB over {n} pictures that it has not seen, by protocol `{scores["protocol"]}`, with the 95 %
interval over scenes. The baselines learn nothing; `identity` leaves the photo as it is.

{_table(head, rows)}

## Limits

{recipe.card["limits"].strip()}

## How it was made

`exposure-lab weights build {recipe.name} --out DIR`

{_table(["", ""], facts)}

What departs from the report's own settings:

{_table(["setting", "report", "here", "why"], departures)}
"""


def _trained(config: RunConfig, data: Path | str, run: Path, fingerprint: str) -> dict[str, Any]:
    """The summary of the recipe's run, which is trained where it is not there."""
    file = run / SUMMARY
    if not file.exists():
        return train(config, data, run, resume=run.exists())
    summary = read_json_object(file)
    if read_json_object(run / CONFIG) != config.model_dump(mode="json"):
        raise RunError(
            f"Expected a run of the recipe {config.profile} in {run}, but its settings are others: "
            "choose another --out."
        )
    made = summary.get("provenance")
    if not isinstance(made, dict) or made.get("data") != fingerprint:
        raise RunError(
            f"Expected a run on {data} in {run}, but it was trained on other data: name those, or "
            "choose another --out."
        )
    return summary


def _refuse_changed(data: Path | str, run: Path, trained_on: object) -> None:
    """See that what is scored is of the set that was trained on, hours later. Raises RunError."""
    if (now := data_fingerprint(data)) != trained_on:
        raise RunError(
            f"Expected the data that {run} was trained on (fingerprint {trained_on}), but {data} "
            f"has {now} by now: bring back what was there, or choose another --out."
        )


def _device(made: dict[str, Any]) -> str:
    return f"{made['device']}, {made['precision']} ({made['processor']})"


def _versions(made: dict[str, Any]) -> str:
    return f"commit {made['commit']}, torch {made['versions']['torch']}"


def _conditions(made: dict[str, Any]) -> str:
    return f"{_device(made)}, {_versions(made)}, until {made['date']}"


def _refuse_existing(built: Built) -> None:
    """See that no file of somebody else is replaced. Raises FilesError."""
    for path in built:
        if os.path.lexists(path):
            raise FilesError(
                f"Expected no file at {path}, since no run of ours lies beside it, but there is "
                "one: choose another --out."
            )


def _short(scores: dict[str, Any]) -> dict[str, Any]:
    """What a card and a list show; the rest is for `evaluate`."""

    def row(full: dict[str, Any]) -> dict[str, Any]:
        return {key: full[key] for key in ("ev", "n", *SCORES, "psnr_ci") if key in full}

    models = [
        {
            "model": model["model"],
            "rows": [row(one) for one in model["rows"]],
            **{key: row(model[key]) for key in ("mean", "mean_wrong")},
        }
        for model in scores["models"]
    ]
    return {key: scores[key] for key in ("protocol", "data", "provenance")} | {"models": models}


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
