"""Scoring image functions by a named protocol, so that two tables can be compared."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from exposure_lab.baselines import ImageFunction
from exposure_lab.data.pairs import Pair
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.image import from_uint8, read_image, to_uint8
from exposure_lab.metrics import delta_e, l1, mean_interval, psnr, ssim
from exposure_lab.provenance import provenance

METRICS = {"psnr": psnr, "ssim": ssim, "l1": l1, "delta_e": delta_e}

PROTOCOLS = {
    "lab": "native size; each image rounded to 8 bit and scored, then the mean; RGB SSIM with a "
    "Gaussian window (11 px, sigma 1.5); PSNR of identical images counts as 60 dB",
}
"""Name to description."""

Scores = dict[str, float]


def evaluate(
    models: Mapping[str, ImageFunction],
    pairs: Iterable[Pair],
    protocol: str = "lab",
    data: str | None = None,
) -> dict[str, Any]:
    """Score several image functions on the same pairs.

    Args:
        models: name to image function.
        pairs: from `find_pairs`.
        protocol: one of `PROTOCOLS`.
        data: fingerprint of the set, for the provenance.

    Returns:
        A dictionary with ``protocol``, ``data``, ``models`` and ``provenance``. Each model has
        ``model``, ``rows``, ``mean``, ``mean_wrong`` and ``seconds_per_mp``. A row holds ``ev``,
        ``n``, ``psnr`` in dB, ``psnr_ci`` (95 % bootstrap interval over images), ``ssim``, ``l1``
        in [0, 1] and ``delta_e``; ``mean`` is over all images, ``mean_wrong`` over those with EV
        other than 0, or None without any.

    Raises:
        ConfigError: unknown protocol.
        DataError: no pairs, a pair of two sizes, or a model that changes the size.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(
            f"Expected a protocol, one of {', '.join(PROTOCOLS)}, but got {protocol!r}."
        )
    scores: dict[str, list[Scores]] = {name: [] for name in models}
    seconds = dict.fromkeys(models, 0.0)
    evs: list[float] = []
    pixels = 0
    for pair in pairs:
        image, target = read_image(pair.input_path), read_image(pair.target_path)
        evs.append(pair.ev)
        pixels += image.shape[0] * image.shape[1]
        for name, model in models.items():
            started = time.perf_counter()
            output = model(image)
            seconds[name] += time.perf_counter() - started
            if output.shape != target.shape:
                raise DataError(
                    f"Expected {name} to give {pair.target_path.name}'s size "
                    f"{target.shape[:2]} for {pair.input_path.name}, but got "
                    f"{output.shape[:2]}: check the pair."
                )
            shown = from_uint8(to_uint8(output))
            scores[name].append({key: metric(shown, target) for key, metric in METRICS.items()})
    if not evs:
        raise DataError("Expected at least one pair to score, but got none: check the folder.")
    return {
        "protocol": protocol,
        "data": data,
        "models": [
            {
                "model": name,
                **_table(evs, scores[name]),
                "seconds_per_mp": seconds[name] * 1e6 / pixels,
            }
            for name in models
        ],
        "provenance": provenance(data=data),
    }


def _table(evs: Sequence[float], scores: Sequence[Scores]) -> dict[str, Any]:
    wrong = [score for ev, score in zip(evs, scores, strict=True) if ev != 0]
    rows = [
        {"ev": ev, **_mean(score for e, score in zip(evs, scores, strict=True) if e == ev)}
        for ev in sorted(set(evs))
    ]
    return {"rows": rows, "mean": _mean(scores), "mean_wrong": _mean(wrong) if wrong else None}


def _mean(scores: Iterable[Scores]) -> dict[str, Any]:
    chosen = list(scores)
    interval = mean_interval([score["psnr"] for score in chosen])
    means = {key: float(np.mean([score[key] for score in chosen])) for key in METRICS}
    return {"n": len(chosen), **means, "psnr_ci": [interval.low, interval.high]}
