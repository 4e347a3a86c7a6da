"""Scoring image functions by a named protocol, so that two tables can be compared."""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from exposure_lab.data.pairs import Pair
from exposure_lab.errors import DataError
from exposure_lab.evaluation.protocols import find_protocol
from exposure_lab.evaluation.report import Ceiling, Likeness, ModelScores, Score, ScoreReport
from exposure_lab.evaluation.scored_target import Metrics
from exposure_lab.evaluation.scoring import ImageScores, SceneScores, score_scene
from exposure_lab.images.array import ImageFunction
from exposure_lab.metrics.intervals import mean_interval
from exposure_lab.parallel import map_items
from exposure_lab.provenance import provenance

Cases = Sequence[tuple[str, Metrics]]
"""What a mean is taken over: scene and metrics of each image, or of each scene."""

MOST_EVS = 15
"""A set with more exposures than this has drawn them: a row for each would be a row for a photo."""

EV_STEP = 0.5
"""Stops between the rows of such a set."""

OnPairs = Callable[[int, int], None]
"""Called with how many pairs are done, and of how many."""


def evaluate(
    models: Mapping[str, ImageFunction],
    pairs: Iterable[Pair],
    protocol: str = "lab",
    data: str | None = None,
    jobs: int = 1,
    on_pairs: OnPairs = lambda done, total: None,
) -> ScoreReport:
    """Score several image functions on the same pairs.

    Args:
        models: name to image function.
        pairs: from `find_pairs`, in any order.
        protocol: one of `protocols.PROTOCOLS`.
        data: fingerprint of the set, for the provenance.
        jobs: processes; several take only models that another process can import, or `LazyModel`
            ones. They share the machine, so a model's time is then not its own.
        on_pairs: called after each scene.

    Raises:
        ConfigError: unknown protocol.
        DataError: no pairs, a pair of two sizes, a missing expert, or a model that changes the
            size.
        ImageError: a picture that cannot be read, or a model's output that is no image.
    """
    chosen_protocol = find_protocol(protocol)
    scenes = _group_by_scene(pairs)
    if not scenes:
        raise DataError("Expected at least one pair to score, but got none: check the folder.")
    task = partial(score_scene, dict(models), chosen_protocol)
    scored = list(_report_progress(map_items(task, scenes, jobs), scenes, on_pairs))
    images = [image for scene in scored for image in scene.images]
    rows = group_exposures({image.ev for image in images})
    return ScoreReport(
        protocol=protocol,
        protocol_summary=chosen_protocol.summary,
        data=data,
        models=tuple(_model_scores(name, images, rows) for name in models),
        ceiling=_ceiling(scored),
        provenance=provenance(data=data),
        ev_step=EV_STEP if len(rows) > MOST_EVS else None,
    )


def group_exposures(evs: Collection[float]) -> dict[float, float]:
    """Group the exposures of a set into the rows of a table, stops to stops.

    Up to `MOST_EVS` exposures have a row each. More go to the nearest multiple of `EV_STEP`, half
    of it upwards; but 0 is a row of its own, since its inputs need no correction.
    """
    if len(evs) <= MOST_EVS:
        return {ev: ev for ev in evs}
    steps = {ev: max(math.floor(abs(ev) / EV_STEP + 0.5), 1) for ev in evs if ev}
    return {ev: math.copysign(steps[ev] * EV_STEP, ev) if ev else 0.0 for ev in evs}


def _group_by_scene(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Pairs of one target together, wherever they stand in the list."""
    scenes: dict[Path, list[Pair]] = defaultdict(list)
    for pair in pairs:
        scenes[pair.target_path].append(pair)
    return list(scenes.values())


def _report_progress(
    results: Iterable[SceneScores], scenes: Sequence[Sequence[Pair]], on_pairs: OnPairs
) -> Iterator[SceneScores]:
    """Pass results on, and tell after each how many pairs are done."""
    total, done = sum(map(len, scenes)), 0
    for result in results:
        done += len(result.images)
        on_pairs(done, total)
        yield result


def _model_scores(
    name: str, images: Sequence[ImageScores], rows: Mapping[float, float]
) -> ModelScores:
    """Means of one model over all images, and over parts of them."""

    def mean(chosen: Sequence[ImageScores]) -> Score:
        return _score(
            [(image.scene, _mean_metrics(image.metrics[name].values())) for image in chosen]
        )

    def mean_where(belongs: Callable[[float], bool]) -> Score | None:
        chosen = [image for image in images if belongs(image.ev)]
        return mean(chosen) if chosen else None

    seconds = sum(image.seconds[name] for image in images)
    pixels = sum(image.pixels for image in images)
    return ModelScores(
        name=name,
        by_ev={
            row: mean([image for image in images if rows[image.ev] == row])
            for row in sorted(set(rows.values()))
        },
        mean=mean(images),
        mean_wrong=mean_where(lambda ev: ev != 0),
        mean_dark=mean_where(lambda ev: ev < 0),
        mean_bright=mean_where(lambda ev: ev > 0),
        experts={
            letter: _score([(image.scene, image.metrics[name][letter]) for image in images])
            for letter in images[0].metrics[name]
            if letter
        },
        seconds_per_mp=seconds * 1e6 / pixels,
    )


def _ceiling(scenes: Sequence[SceneScores]) -> Ceiling | None:
    """Agreement of the experts: means over scenes of the mean over each two of them."""
    agreements = [(scene.images[0].scene, scene.agreement) for scene in scenes if scene.agreement]
    if not agreements:
        return None

    def mean(expert: str = "") -> Likeness:
        """Over each two of them, or over the others against one; "" is in every name."""
        by_scene = [
            (scene, [metrics for two, metrics in agreement.items() if expert in two])
            for scene, agreement in agreements
        ]
        return _likeness(
            [(scene, _mean_metrics(several)) for scene, several in by_scene if several]
        )

    letters = sorted({letter for _, agreement in agreements for two in agreement for letter in two})
    return Ceiling(mean(), {letter: mean(letter) for letter in letters})


def _score(cases: Cases) -> Score:
    """Means of all metrics over at least one image."""
    means = _mean_metrics(metrics for _, metrics in cases)
    return Score(len(cases), **_psnr_interval(cases), **means)


def _likeness(cases: Cases) -> Likeness:
    """Means of PSNR and SSIM over at least one scene."""
    means = _mean_metrics(metrics for _, metrics in cases)
    return Likeness(len(cases), **_psnr_interval(cases), **means)


def _psnr_interval(cases: Cases) -> dict[str, Any]:
    """Fields of a score that say how its mean PSNR varies; a scene is drawn as a whole."""
    interval = mean_interval(
        [metrics["psnr"] for _, metrics in cases], groups=[scene for scene, _ in cases]
    )
    return {"psnr_ci": (interval.low, interval.high), "scenes": interval.groups}


def _mean_metrics(cases: Iterable[Metrics]) -> Metrics:
    """Mean of each metric over those cases that have it; None where none has."""
    several = list(cases)
    values = {
        key: [value for metrics in several if (value := metrics[key]) is not None]
        for key in several[0]
    }
    return {key: float(np.mean(known)) if known else None for key, known in values.items()}
