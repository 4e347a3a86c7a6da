"""Scoring image functions by a named protocol, so that two tables can be compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from exposure_lab.data.pairs import Pair
from exposure_lab.errors import DataError
from exposure_lab.evaluation.protocols import find_protocol
from exposure_lab.evaluation.scoring import SceneScores, Scores, Shot, score_scene
from exposure_lab.images.array import ImageFunction
from exposure_lab.metrics.intervals import mean_interval
from exposure_lab.parallel import map_items
from exposure_lab.provenance import provenance

Scored = Sequence[tuple[str, Scores]]
"""What a mean is taken over, each picture's scene and scores."""


def evaluate(
    models: Mapping[str, ImageFunction],
    pairs: Iterable[Pair],
    protocol: str = "lab",
    data: str | None = None,
    jobs: int = 1,
    on_pairs: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Score several image functions on the same pairs.

    Args:
        models: name to image function.
        pairs: from `find_pairs`.
        protocol: one of `protocols.PROTOCOLS`.
        data: fingerprint of the set, for the provenance.
        jobs: processes; more than one take only models that another process can import, or
            `Named` ones. They share the machine, so the time of a model is then no longer its own.
        on_pairs: told how many pairs are done, and of how many.

    Returns:
        A dictionary with ``protocol``, ``protocol_summary``, ``data``, ``models``, ``ceiling`` and
        ``provenance``.

        Each model has ``model``, ``rows`` (one an exposure, with its ``ev``), ``mean`` over all
        images, ``mean_wrong`` over those with EV other than 0, ``mean_dark`` and ``mean_bright``
        over those below and above 0 (each None without any), ``experts`` (letter to mean over all
        images, where the protocol names experts) and ``seconds_per_mp``: the model's time alone,
        for a megapixel that it saw.

        A row or mean holds ``n`` images and means over them: ``psnr`` in dB, ``psnr_ci`` (95 %
        bootstrap interval over scenes), ``ssim``, ``l1`` in [0, 1], ``delta_e``,
        ``luminance_error`` (how far the mean luminance is off in either direction, stops),
        ``sharpness`` and ``checkerboard`` (both over the target's: 1 is as much). A metric is None
        where no image was large enough, and contrasty enough, to be measured. Where the targets
        are several experts', an image's score is the mean over them.

        ``ceiling`` is None without two experts. Else it says how well they agree with each other by
        the same protocol: ``n`` scenes, ``psnr``, ``psnr_ci`` and ``ssim``, means over each two of
        them; and ``experts``, the same for each against the others.

    Raises:
        ConfigError: unknown protocol.
        DataError: no pairs, a pair of two sizes, a missing expert, or a model that changes the
            size.
        ImageError: a picture that cannot be read, or a model's answer that is none.
    """
    rules = find_protocol(protocol)
    scenes = [list(same) for _, same in groupby(pairs, key=lambda pair: pair.target_path)]
    if not scenes:
        raise DataError("Expected at least one pair to score, but got none: check the folder.")
    total, done = sum(map(len, scenes)), 0
    results = []
    for result in map_items(partial(score_scene, dict(models), rules), scenes, jobs):
        results.append(result)
        done += len(result.shots)
        on_pairs(done, total)
    shots = [shot for result in results for shot in result.shots]
    return {
        "protocol": protocol,
        "protocol_summary": rules.summary,
        "data": data,
        "models": [{"model": name, **_table(name, shots)} for name in models],
        "ceiling": _ceiling(results),
        "provenance": provenance(data=data),
    }


def _table(name: str, shots: Sequence[Shot]) -> dict[str, Any]:
    """What one model's scores come to."""

    def mean(chosen: Iterable[Shot]) -> dict[str, Any] | None:
        return _mean([(shot.scene, _over(shot.scores[name].values())) for shot in chosen])

    experts = [letter for letter in shots[0].scores[name] if letter]
    pixels = sum(shot.pixels for shot in shots)
    return {
        "rows": [
            {"ev": ev, **(mean(shot for shot in shots if shot.ev == ev) or {})}
            for ev in sorted({shot.ev for shot in shots})
        ],
        "mean": mean(shots),
        "mean_wrong": mean(shot for shot in shots if shot.ev != 0),
        "mean_dark": mean(shot for shot in shots if shot.ev < 0),
        "mean_bright": mean(shot for shot in shots if shot.ev > 0),
        "experts": {
            letter: _mean([(shot.scene, shot.scores[name][letter]) for shot in shots])
            for letter in experts
        },
        "seconds_per_mp": sum(shot.seconds[name] for shot in shots) * 1e6 / pixels,
    }


def _ceiling(results: Sequence[SceneScores]) -> dict[str, Any] | None:
    """How well the experts agree: means over scenes of the mean over each two of them."""
    found = [(one.shots[0].scene, one.agreement) for one in results if one.agreement]

    def mean(expert: str = "") -> dict[str, Any] | None:
        """Over each two of them, or over the others against one; "" is in every name."""
        kept = [
            (scene, [scores for two, scores in agreement.items() if expert in two])
            for scene, agreement in found
        ]
        return _mean([(scene, _over(scores)) for scene, scores in kept if scores])

    over_all = mean()
    if over_all is None:
        return None
    letters = {letter for _, agreement in found for two in agreement for letter in two}
    return {**over_all, "experts": {letter: mean(letter) for letter in sorted(letters)}}


def _mean(scored: Scored) -> dict[str, Any] | None:
    """Means over pictures and the interval of their PSNR; None of no pictures."""
    if not scored:
        return None
    means = _over(scores for _, scores in scored)
    measured = [(scene, psnr) for scene, one in scored if (psnr := one["psnr"]) is not None]
    interval = mean_interval(
        [psnr for _, psnr in measured], groups=[scene for scene, _ in measured]
    )
    return {"n": len(scored), **means, "psnr_ci": [interval.low, interval.high]}


def _over(scores: Iterable[Scores]) -> Scores:
    """The mean of each metric over those that have it."""
    several = list(scores)
    values = {
        key: [value for one in several if (value := one[key]) is not None] for key in several[0]
    }
    return {key: float(np.mean(found)) if found else None for key, found in values.items()}
