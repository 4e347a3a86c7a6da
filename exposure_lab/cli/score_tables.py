"""The terminal's view of a report of scores: tables that fit 80 columns, and what is said below."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from exposure_lab.cli.terminal import shown
from exposure_lab.evaluation.protocols import find_protocol

EVS_PER_TABLE = 5
"""So many columns of PSNR with an interval fit beside the name of a model."""

GROUPS = {"all": "mean", "EV ≠ 0": "mean_wrong", "EV < 0": "mean_dark", "EV > 0": "mean_bright"}
"""Column to the mean that it shows."""

OTHERS = {
    "SSIM": ("ssim", ".3f"),
    "L1": ("l1", ".3f"),
    "ΔE": ("delta_e", ".1f"),
    "stops": ("luminance_error", ".2f"),
    "sharp": ("sharpness", ".2f"),
    "grid": ("checkerboard", ".2f"),
}
"""Column to the metric that it shows, and its digits."""


def tables(report: Mapping[str, Any]) -> list[Table]:
    """PSNR by exposure, PSNR over several, the other metrics, and each of several experts.

    Args:
        report: from `evaluation.evaluate`.
    """
    models = report["models"]
    evs = [row["ev"] for row in models[0]["rows"]]
    parts = [
        _by_ev(models, range(i, min(i + EVS_PER_TABLE, len(evs))))
        for i in range(0, len(evs), EVS_PER_TABLE)
    ]
    parts += [_over_evs(models), _others(models)]
    if len(models[0]["experts"]) > 1:
        parts.append(_by_expert(models))
    return parts


def notes(report: Mapping[str, Any]) -> list[str]:
    """What the numbers are: the protocol and its original, the columns, and the ceiling."""
    rules = find_protocol(report["protocol"])
    said = [f"Protocol {rules.name}: {rules.summary}."]
    if rules.source:
        said.append(f"Source: {rules.source}. {rules.reading}".strip())
    said.append(
        "PSNR ± the longer side of its 95 % interval, by bootstrap over scenes; 60 dB means "
        "identical. stops: mean luminance off by; sharp, grid: edges and checkerboard over the "
        "target's, 1 is as much; s/MP: the model alone."
    )
    if report["ceiling"]:
        said.append(_ceiling(report["ceiling"], rules.experts))
    return said


def _ceiling(ceiling: Mapping[str, Any], scored: str) -> str:
    """The sentence on how well the experts agree, and those who were the targets with the rest."""
    low, high = ceiling["psnr_ci"]
    experts = ceiling["experts"]
    each = ", ".join(
        f"{letter.upper()} with the others to {one['psnr']:.1f} dB"
        for letter, one in experts.items()
        if letter in (scored or experts)
    )
    scenes = "1 scene" if ceiling["n"] == 1 else f"{ceiling['n']} scenes"
    return (
        f"Ceiling: experts {', '.join(experts).upper()} agree with each other to "
        f"{ceiling['psnr']:.1f} dB ({low:.1f}-{high:.1f}) and SSIM "
        f"{_number(ceiling['ssim'], '.3f')}, over {scenes}; {each}."
    )


def _by_ev(models: Sequence[Mapping[str, Any]], chosen: range) -> Table:
    evs = [models[0]["rows"][i]["ev"] for i in chosen]
    names = [f"{ev:+g}" if ev else "0" for ev in evs]
    rows = [[_psnr(model["rows"][i]) for i in chosen] for model in models]
    return _table("PSNR in dB, by EV of the input", models, names, rows)


def _over_evs(models: Sequence[Mapping[str, Any]]) -> Table:
    kept = {name: key for name, key in GROUPS.items() if models[0][key]}
    rows = [[_psnr(model[key]) for key in kept.values()] for model in models]
    return _table("PSNR in dB, over all inputs and parts of them", models, list(kept), rows)


def _others(models: Sequence[Mapping[str, Any]]) -> Table:
    key, where = ("mean_wrong", "EV ≠ 0") if models[0]["mean_wrong"] else ("mean", "all inputs")
    rows = [
        [
            *(_number(model[key][metric], digits) for metric, digits in OTHERS.values()),
            f"{model['seconds_per_mp']:.2f}",
        ]
        for model in models
    ]
    return _table(f"Other metrics, over {where}", models, [*OTHERS, "s/MP"], rows)


def _by_expert(models: Sequence[Mapping[str, Any]]) -> Table:
    letters = list(models[0]["experts"])
    rows = [
        [
            f"{one['psnr']:.2f} {_number(one['ssim'], '.2f')}"
            for one in (model["experts"][letter] for letter in letters)
        ]
        for model in models
    ]
    head = [letter.upper() for letter in letters]
    return _table("PSNR in dB and SSIM against each expert, over all inputs", models, head, rows)


def _table(
    title: str,
    models: Sequence[Mapping[str, Any]],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model", overflow="fold")
    for name in head:
        table.add_column(name, justify="right", no_wrap=True)
    for model, row in zip(models, rows, strict=True):
        table.add_row(Text(shown(model["model"])), *row)  # a name is no markup
    return table


def _psnr(mean: Mapping[str, Any]) -> str:
    low, high = mean["psnr_ci"]
    half = max(mean["psnr"] - low, high - mean["psnr"])
    return f"{mean['psnr']:.1f} ±{half:.1f}"


def _number(value: float | None, digits: str) -> str:
    return "-" if value is None else f"{value:{digits}}"
