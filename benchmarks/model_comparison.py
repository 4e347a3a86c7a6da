"""Comparison of all models on held-out photos: the honest table of chapter 12 and README.

    python benchmarks/model_comparison.py REPORT WORK --grid GRID --write

REPORT is a run of the report's own recipe, as near as a processor comes to it in the time of
unet-16. It differs from unet-16 in what chapters 04 to 08 repair: mirrored inputs, a turned hue,
dropout. GRID is a grid on the same renderings, for as many steps:

    exposure-lab train --profile report --data STUDY_SET --out REPORT seed=16 data.workers=0 \\
        generator.width=16 discriminator.width=16 optimizer.lr=5e-4 optimizer.decay_from=0.5 \\
        training.batch_size=16 training.epochs=20 training.keep_every=0
    exposure-lab train --profile report --data STUDY_SET --out GRID seed=16 data.workers=0 \\
        generator.kind=bilateral-grid data.flip=paired data.jitter_probability=0 precision=fp32 \\
        loss.lambda_adversarial=0 optimizer.lr=3e-3 optimizer.beta1=0.9 optimizer.decay_from=0.3 \\
        training.batch_size=16 training.epochs=20 training.keep_every=0 training.ema_decay=0.99

Beside them stand the networks that ship and all that learns nothing. All are scored by protocol
`lab` on three sets: 100 photos of BSDS500 and the 24 of Kodak, rendered at five exposures
(STUDY_SET, made by ``data_scripts/study_set.py``), and real exposures of 100 scenes. Scores are
kept in WORK, so that another call scores only a network that has changed. Seconds are those of 12
megapixels, from 8 bits to 8 bits, with the model loaded; nothing else should run then.

The sets are read from ``build/study-data`` and ``../shared/data/brackets``, or from ``STUDY_SET``
and ``BRACKETS``. With ``--write`` the figures become ``exposure_lab/results/comparison.json``.
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from common import Report, photo_folder
from grid_speed import picture

from exposure_lab.data.pairs import find_pairs
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.files.checksum import sha256
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.inference.load import load_network
from exposure_lab.inference.resolve import resolve
from exposure_lab.provenance import data_fingerprint, provenance
from exposure_lab.weights.shipped import weights_path

ROOT = Path(__file__).resolve().parents[1]
STUDY_SET = Path(os.environ.get("STUDY_SET", ROOT / "build" / "study-data"))
BRACKETS = photo_folder("BRACKETS", "brackets")
SETS = {
    "val": (STUDY_SET, "test"),
    "kodak": (STUDY_SET, "validation"),
    "brackets": (BRACKETS, "test"),
}
"""Name of a set -> its folder and split."""

DATA = (
    "100 photos of BSDS500 and Kodak's 24 at five rendered exposures, and real exposures of 100 "
    "scenes"
)
SHIPPED = ("unet-16", "grid-s")
SCORES = {"psnr": "dB", "ssim": "", "delta_e": "", "checkerboard": "", "sharpness": ""}
"""Score of a model -> its unit."""

Figures = dict[str, dict[str, Any]]
"""Name of a figure, as ``exposure_lab/results`` has it, to its value, interval, number and unit."""

MEGAPIXELS = 12
REPEATS = 5


@dataclass(frozen=True)
class Model:
    """A model by the name of its row, by that which `resolve` takes, and the file it comes from."""

    name: str
    source: str
    file: Path | None = None

    def digest(self) -> str:
        """Hash of its weights; of a baseline none, which is code alone."""
        return "" if self.file is None else sha256(self.file)


def models(report: Path, grid: Path | None) -> list[Model]:
    runs = {"report": report} | ({"same-pairs": grid} if grid else {})
    return [
        *(Model(name, name) for name in BASELINES),
        *(
            Model(name, str(run), max((run / "checkpoints").glob("*/tensors.safetensors")))
            for name, run in runs.items()
        ),
        *(Model(name, name, weights_path(name)) for name in SHIPPED),
    ]


def scored(compared: list[Model], name: str, work: Path) -> dict[str, dict[str, Any]]:
    """Scores of models on a set, as `evaluate` gives them; those that have a record are read."""
    folder, split = SETS[name]
    data = data_fingerprint(folder)

    def known(model: Model) -> dict[str, Any] | None:
        record = work / f"{name}-{model.name}.json"
        content = read_json_object(record) if record.exists() else {}
        fits = content.get("weights") == model.digest() and content.get("data") == data
        return content["scores"] if fits else None

    missing = {model.name: model for model in compared if known(model) is None}
    if missing:
        print(f"{', '.join(missing)} on {name}", flush=True)
        functions = {key: resolve(model.source) for key, model in missing.items()}
        for scores in evaluate(functions, find_pairs(folder, split)).to_json()["models"]:
            model = missing[scores["model"]]
            record = {"weights": model.digest(), "data": data, "scores": scores}
            write_json(work / f"{name}-{model.name}.json", record)
    return {model.name: known(model) or {} for model in compared}


def figures_of(model: Model, name: str, scores: dict[str, Any]) -> Figures:
    """Figures of a model on a set: each score at each exposure, and over all wrong ones."""
    rows = {f"{row['ev']:+g}": row for row in scores["rows"]} | {"wrong": scores["mean_wrong"]}
    return {
        f"{model.name}.{name}.{score}.{key}": {
            "value": row[score],
            "ci": row["psnr_ci"] if score == "psnr" else None,
            "n": row["scenes"],
            "unit": unit,
        }
        for key, row in rows.items()
        for score, unit in SCORES.items()
        if row[score] is not None
    }


def measured(model: Model) -> Figures:
    """Time, size and number of weights of a model."""
    photo, correct = PhotoFile(picture(MEGAPIXELS) // 2), resolve(model.source)
    seconds = []
    for _ in range(REPEATS + 1):  # the first one warms up
        begun = time.perf_counter()
        correct.correct_photo(photo)
        seconds.append(time.perf_counter() - begun)
    weights = size = 0
    if model.file is not None:
        network, _ = load_network(model.source)
        weights = sum(parameter.numel() for parameter in network.parameters())
        is_shipped = model.name in SHIPPED
        size = model.file.stat().st_size if is_shipped else 2 * weights  # in half precision
    one = {
        "seconds": (median(seconds[1:]), "s"),
        "weights": (weights, ""),
        "megabytes": (size / 1e6, "MB"),
    }
    return {
        f"{model.name}.{key}": {"value": value, "ci": None, "n": None, "unit": unit}
        for key, (value, unit) in one.items()
    }


def mean_psnr(figures: Figures, model: str, name: str, evs: tuple[str, str]) -> float:
    values = [float(figures[f"{model}.{name}.psnr.{ev}"]["value"]) for ev in evs]
    return sum(values) / len(values)


def hold_same_pairs(report: Report, figures: Figures) -> None:
    """Hold a grid against the report's network on the same pairs, and against the best baseline."""
    for name in ("val", "kodak"):
        for part, evs in {"dark": ("-1.5", "-1"), "bright": ("+1", "+1.5")}.items():
            own, other, *baselines = (
                mean_psnr(figures, model, name, evs)
                for model in ("same-pairs", "report", *BASELINES)
            )
            for rival, score in {"report": other, "best baseline": max(baselines)}.items():
                figure = f"same-pairs over {rival}, {name} {part}"
                report.figure(figure, own - score)
                report.bar(figure, ">=", 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="run of the report's recipe")
    parser.add_argument("work", type=Path, help="folder of the records")
    parser.add_argument("--grid", type=Path, help="run of a grid on the same pairs")
    parser.add_argument("--write", action="store_true", help="write the results of the package")
    options = parser.parse_args()
    torch.set_num_threads(2)
    options.work.mkdir(parents=True, exist_ok=True)
    figures: Figures = {}
    compared = models(options.report, options.grid)
    for name in SETS:
        scores = scored(compared, name, options.work)
        for model in compared:
            figures |= figures_of(model, name, scores[model.name])
    if options.write:
        for model in compared:
            figures |= measured(model)
    report = Report("comparison")
    for name, figure in figures.items():
        if name.endswith(("psnr.wrong", "psnr.+0", "seconds")):
            report.figure(name, figure["value"])
    if options.grid:
        hold_same_pairs(report, figures)
    report.show()
    if options.write:
        made = provenance("cpu", data=data_fingerprint(STUDY_SET))
        content = {
            "experiment": "comparison",
            "figures": {
                name: figure | {"value": round(figure["value"], 4)}
                for name, figure in figures.items()
            },
            "weights": {model.name: model.digest() for model in compared if model.file},
            "seeds": [],
            "data": DATA,
            "device": f"{made['device']} ({made['processor']})",
            "date": made["date"][:10],
            "provenance": made,
        }
        path = ROOT / "exposure_lab" / "results" / "comparison.json"
        write_fingerprinted(path, content)


if __name__ == "__main__":
    main()
