"""Tables of a score report for a terminal of 80 columns, and the notes below them."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from exposure_lab.cli.terminal import escape_controls
from exposure_lab.evaluation.protocols import find_protocol
from exposure_lab.evaluation.report import Ceiling, Likeness, ModelScores, ScoreReport

EVS_PER_TABLE = 5
"""Columns of PSNR with an interval that fit beside the name of a model."""

GROUPS = {"all": "mean", "EV ≠ 0": "mean_wrong", "EV < 0": "mean_dark", "EV > 0": "mean_bright"}
"""Mean that a column shows, by the heading of the column."""

OTHER_METRICS = {
    "SSIM": ("ssim", ".3f"),
    "L1": ("l1", ".3f"),
    "ΔE": ("delta_e", ".1f"),
    "stops": ("luminance_error", ".2f"),
    "sharp": ("sharpness", ".2f"),
    "grid": ("checkerboard", ".2f"),
}
"""Metric that a column shows, and its format, by the heading of the column."""


def tables(report: ScoreReport) -> list[Table]:
    """Lay out a report: PSNR by exposure and over groups, other metrics, and several experts.

    Args:
        report: from `evaluation.evaluate`.
    """
    models = report.models
    evs = list(models[0].by_ev)
    chunks = [evs[i : i + EVS_PER_TABLE] for i in range(0, len(evs), EVS_PER_TABLE)]
    laid_out = [_by_ev(models, chunk) for chunk in chunks]
    laid_out += [_over_groups(models), _other_metrics(models)]
    if len(models[0].experts) > 1:
        laid_out.append(_by_expert(models))
    return laid_out


def notes(report: ScoreReport) -> list[str]:
    """List what the numbers mean: the protocol and its original, the columns, and the ceiling."""
    protocol = find_protocol(report.protocol)
    sentences = [f"Protocol {protocol.name}: {protocol.summary}."]
    if protocol.source:
        sentences.append(f"Source: {protocol.source}. {protocol.reading}".strip())
    sentences.append(
        f"{_interval_sentence(report.models)} 60 dB means identical. stops: mean luminance "
        "off by; sharp, grid: edges and checkerboard over the "
        "target's, 1 is as much; s/MP: the model alone."
    )
    if report.ev_step is not None:
        sentences.append(
            f"The set has many exposures: each counts to the nearest {report.ev_step:g} EV, and "
            "only EV 0 itself to 0."
        )
    if report.ceiling:
        sentences.append(_ceiling_sentence(report.ceiling, protocol.experts))
    return sentences


def _interval_sentence(models: Sequence[ModelScores]) -> str:
    """Describe what stands after ±: an exposure that few scenes have is named by its own number."""
    intervals = {score.interval for model in models for score in model.by_ev.values()}
    names = sorted({interval.name() for interval in intervals if interval.groups > 1})
    if not names:
        return "PSNR of a single scene has no interval."
    how = "by bootstrap over scenes, which" if "95 % interval" in names else "which"
    return (
        f"PSNR ± the longer side of its {' or '.join(names)}, {how} leaves out how another "
        "training would score."
    )


def _ceiling_sentence(ceiling: Ceiling, scored: str) -> str:
    """Describe the agreement of all experts, and of each that gave the targets with the others."""
    interval = ceiling.mean.interval
    each = ", ".join(
        f"{letter.upper()} with the others to {likeness.psnr:.1f} dB"
        for letter, likeness in ceiling.experts.items()
        if letter in (scored or ceiling.experts)
    )
    scenes = "1 scene" if interval.groups == 1 else f"{interval.groups} scenes"
    ends = "" if interval.groups == 1 else f" ({interval.name()}: {interval.ends()})"
    return (
        f"Ceiling: experts {', '.join(ceiling.experts).upper()} agree with each other to "
        f"{ceiling.mean.psnr:.1f} dB{ends} and SSIM "
        f"{_number(ceiling.mean.ssim, '.3f')}, over {scenes}; {each}."
    )


def _by_ev(models: Sequence[ModelScores], evs: Sequence[float]) -> Table:
    head = [f"{ev:+g}" if ev else "0" for ev in evs]
    rows = [[_psnr(model.by_ev[ev]) for ev in evs] for model in models]
    return _table("PSNR in dB, by EV of the input", models, head, rows)


def _over_groups(models: Sequence[ModelScores]) -> Table:
    groups = {head: field for head, field in GROUPS.items() if getattr(models[0], field)}
    rows = [[_psnr(getattr(model, field)) for field in groups.values()] for model in models]
    return _table("PSNR in dB, over all inputs and parts of them", models, list(groups), rows)


def _other_metrics(models: Sequence[ModelScores]) -> Table:
    group = "EV ≠ 0" if models[0].mean_wrong else "all inputs"
    rows = []
    for model in models:
        score = model.mean_wrong or model.mean
        cells = [_number(getattr(score, name), digits) for name, digits in OTHER_METRICS.values()]
        rows.append([*cells, f"{model.seconds_per_mp:.2f}"])
    return _table(f"Other metrics, over {group}", models, [*OTHER_METRICS, "s/MP"], rows)


def _by_expert(models: Sequence[ModelScores]) -> Table:
    letters = list(models[0].experts)
    rows = [
        [
            f"{score.psnr:.2f} {_number(score.ssim, '.2f')}"
            for score in (model.experts[letter] for letter in letters)
        ]
        for model in models
    ]
    head = [letter.upper() for letter in letters]
    return _table("PSNR in dB and SSIM against each expert, over all inputs", models, head, rows)


def _table(
    title: str,
    models: Sequence[ModelScores],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model", overflow="fold")
    for name in head:
        table.add_column(name, justify="right", no_wrap=True)
    for model, row in zip(models, rows, strict=True):
        table.add_row(Text(escape_controls(model.name)), *row)  # a name is no markup
    return table


def _psnr(score: Likeness) -> str:
    mean, low, high, *_ = score.interval
    if score.interval.groups == 1:
        return f"{mean:.1f}"
    return f"{mean:.1f} ±{max(mean - low, high - mean):.1f}"


def _number(value: float | None, digits: str) -> str:
    return "-" if value is None else f"{value:{digits}}"
