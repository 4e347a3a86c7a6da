"""The model card of weights, in Markdown, and the scores that it shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from exposure_lab.metrics.intervals import Interval
from exposure_lab.weights.shipped import Recipe

SCORES = ("psnr", "ssim", "l1", "delta_e")
"""Scores of `evaluate` that a card and a weights file keep."""


def card(recipe: Recipe, report: dict[str, Any], size: int) -> str:
    """Write the model card in Markdown: network, data, licence, scores, limits, provenance.

    Args:
        recipe: that the weights were built by.
        report: provenance and scores, as they stand in the weights file.
        size: of that file, bytes.
    """
    scores, first = report["scores"], report["scores"]["models"][0]
    n, named = first["mean"]["n"], f" ({scores['set']})" if "set" in scores else ""
    departures = [
        [f"`{departure.key}`", str(departure.report), str(departure.value), departure.why]
        for departure in recipe.departures
    ]
    return f"""\
# Model card: {recipe.name}

{recipe.card["network"].strip()} {size / 1e6:.1f} MB, in half precision.

## Data

{recipe.card["data"].strip()}

## Licence

{recipe.card["licence"].strip()}

## How good

PSNR in dB over {n} pictures that it did not learn from{named}, by protocol `{scores["protocol"]}`.
{_interval_sentence(first)} The baselines learn nothing; `identity` leaves the photo as it is.

{_score_table(scores)}
{"".join(map(_other_scores, report.get("other_scores", [])))}
{_failures(recipe.name, report.get("failures", []))}## Limits

{recipe.card["limits"].strip()}

## How it was made

`exposure-lab weights build {recipe.name} --out DIR`

{_provenance_table(report["training"])}
{_rendering_table(recipe)}
What departs from the report's own settings:

{_table(["setting", "report", "here", "why"], departures)}
"""


def _other_scores(scores: dict[str, Any]) -> str:
    """Score table of another set, under a heading of its own."""
    first = scores["models"][0]
    n = first["mean"]["n"]
    return f"""
### {scores["set"]}

PSNR in dB over {n} pictures, none of which it learned from. {_interval_sentence(first)}

{_score_table(scores)}
"""


def _failures(name: str, failures: Sequence[Mapping[str, Any]]) -> str:
    """Section with the picture of failures; empty for weights that were built before it was."""
    if not failures:
        return ""
    rows = [
        [one["photo"], f"{one['ev']:+g} EV" if one["ev"] else "0 EV", *_both(one)]
        for one in failures
    ]
    return f"""\
## Where it fails

![The rows of the table below: the input, what the network makes of it, the photo]({name}.jpg)

The built-in photos that it corrects worst, each at its worst exposure: the input, its correction, \
the photo.

{_table(["photo", "exposure", "PSNR before", "after"], rows)}

"""


def _both(failure: Mapping[str, Any]) -> list[str]:
    return [f"{failure[key]:.1f} dB" for key in ("psnr_before", "psnr")]


def _rendering_table(recipe: Recipe) -> str:
    """How the photos of the training set were rendered, where that is not the usual way."""
    if recipe.rendering is None:
        return ""
    settings = dict(recipe.rendering)
    settings |= settings.pop("variation", {})
    rows = [[f"`{key}`", str(value)] for key, value in settings.items()]
    return f"""
How the photos were rendered (`exposure-lab data synthesize`):

{_table(["", ""], rows)}
"""


def card_scores(scores: dict[str, Any]) -> dict[str, Any]:
    """Select the scores that a card and a weights file keep.

    Args:
        scores: all of them, as `ScoreReport.to_json` gives them.
    """

    def row(full: dict[str, Any]) -> dict[str, Any]:
        kept = ("ev", "n", *SCORES, "psnr_ci", "psnr_ci_is", "scenes")
        return {key: full[key] for key in kept if key in full}

    models = [
        {
            "model": model["model"],
            "rows": [row(full) for full in model["rows"]],
            **{key: row(model[key]) for key in ("mean", "mean_wrong")},
        }
        for model in scores["models"]
    ]
    return {key: scores[key] for key in ("protocol", "data", "provenance")} | {"models": models}


def _score_table(scores: dict[str, Any]) -> str:
    """Mean PSNR of each model at each exposure, and over all wrong ones."""
    evs = [row["ev"] for row in scores["models"][0]["rows"]]
    head = ["", *(f"{ev:+g} EV" if ev else "0 EV" for ev in evs), "all but 0 EV"]
    rows = [
        [
            model["model"],
            *(f"{row['psnr']:.1f}" for row in model["rows"]),
            _psnr(_interval(model)),
        ]
        for model in scores["models"]
    ]
    return _table(head, rows)


def _interval(model: dict[str, Any]) -> Interval:
    """Mean PSNR over all wrong exposures; older files count no scenes: each has one row an EV."""
    score = model["mean_wrong"]
    scenes = score.get("scenes") or max(row["n"] for row in model["rows"])
    low, high = score["psnr_ci"]
    return Interval(score["psnr"], low, high, score["n"], scenes)


def _psnr(interval: Interval) -> str:
    ends = f" ({interval.ends('.2f')})" if interval.groups > 1 else ""
    return f"{interval.mean:.2f}{ends}"


def _interval_sentence(model: dict[str, Any]) -> str:
    """Say what stands in brackets in the table."""
    interval = _interval(model)
    if interval.groups == 1:
        return "All are of a single scene."
    over = "" if interval.is_range else f" over {interval.groups} scenes"
    return (
        f"In brackets stands the {interval.name()}{over}, which leaves out how another training "
        "would score."
    )


def _provenance_table(training: dict[str, Any]) -> str:
    """Steps, device, versions, seed and data of a run, and its stretches where it has several."""
    provenance = training["provenance"]
    rows = [
        ["steps", f"{training['steps']}, in {training['seconds'] / 60:.0f} minutes"],
        ["device", _device(provenance)],
        ["versions", _versions(provenance)],
        ["seed", str(provenance["seed"])],
        ["data", f"fingerprint {provenance['data']}"],
        ["ended", provenance["date"]],
    ]
    for stretch in training.get("stretches", []):  # where the conditions changed during the run
        rows.append([f"from step {stretch['from_step']}", _conditions(stretch["provenance"])])
    return _table(["", ""], rows)


def _device(provenance: dict[str, Any]) -> str:
    return f"{provenance['device']}, {provenance['precision']} ({provenance['processor']})"


def _versions(provenance: dict[str, Any]) -> str:
    return f"commit {provenance['commit']}, torch {provenance['versions']['torch']}"


def _conditions(provenance: dict[str, Any]) -> str:
    return f"{_device(provenance)}, {_versions(provenance)}, until {provenance['date']}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
