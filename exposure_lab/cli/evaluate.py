"""exposure-lab evaluate: several models and baselines in one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exposure_lab.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from exposure_lab.data.pairs import Pair


def evaluate(
    names: Annotated[list[str], typer.Argument(help="Run folders and baselines.")],
    data: Annotated[Path, typer.Option(help="Paired set in MSEC layout.")],
    split: Annotated[
        str | None, typer.Option(help="training, validation, test or all; else what is held out.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="How a score is made.")] = "lab",
    json: Annotated[Path | None, typer.Option(help="Write the scores there as well.")] = None,
) -> None:
    """Score models on pairs: per exposure, over all, and over the wrong exposures alone.

    Baselines, which learn nothing: identity, auto-gamma, auto-exposure,
    white-point, mean-3x3, gain-3x3, stretch, equalize, clahe.

    Example: exposure-lab evaluate runs/first identity auto-exposure --data runs/sample
    """
    from rich.console import Console
    from tqdm.auto import tqdm

    from exposure_lab import evaluation
    from exposure_lab.files import write_json
    from exposure_lab.inference import resolve
    from exposure_lab.provenance import data_fingerprint

    chosen, pairs = _pairs(data, split)
    models = {name: resolve(name) for name in dict.fromkeys(names)}
    report = evaluation.evaluate(
        models, tqdm(pairs, unit="pair", disable=None), protocol, data_fingerprint(data)
    )
    console = Console()
    console.print(table(report))
    console.print(
        f"{chosen} pairs of {data}; protocol {protocol}: {evaluation.PROTOCOLS[protocol]}."
    )
    if json is not None:
        write_json(json, report)


def _pairs(data: Path, split: str | None) -> tuple[str, list["Pair"]]:
    """The split that was asked for: test where there is one, else validation."""
    from exposure_lab.data.layout import SPLIT_FOLDERS
    from exposure_lab.data.pairs import find_pairs, splits_in

    present = splits_in(data)
    if split is None:
        split = "test" if "test" in present else "validation"
    if split == "all":
        return split, [pair for name in present for pair in find_pairs(data, name)]
    if split not in SPLIT_FOLDERS:
        raise ConfigError(
            f"Expected a split, one of {', '.join(SPLIT_FOLDERS)} or all, but got {split!r}."
        )
    return split, find_pairs(data, split)


def table(report: dict[str, Any]) -> "Table":
    """PSNR per exposure; over the wrong exposures also its interval and the other metrics."""
    from rich.table import Table

    result = Table("model", title="PSNR in dB per EV; over EV ≠ 0: PSNR (95 %), SSIM, L1, ΔE")
    evs = [f"{row['ev']:+g}" if row["ev"] else "0" for row in report["models"][0]["rows"]]
    for column in [*evs, "EV ≠ 0", "SSIM", "L1", "ΔE", "s/MP"]:
        result.add_column(column, justify="right", no_wrap=True)
    for model in report["models"]:
        wrong = model["mean_wrong"] or model["mean"]
        low, high = wrong["psnr_ci"]
        result.add_row(
            model["model"],
            *(f"{row['psnr']:.1f}" for row in model["rows"]),
            f"{wrong['psnr']:.1f} ({low:.1f}-{high:.1f})",
            f"{wrong['ssim']:.2f}",
            f"{wrong['l1']:.3f}",
            f"{wrong['delta_e']:.1f}",
            f"{model['seconds_per_mp']:.2f}",
        )
    return result
