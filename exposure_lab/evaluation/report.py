"""The result of an evaluation, typed: a report, its models, their scores, and the experts' ceiling.

``to_json()`` of each gives what ``exposure-lab evaluate --json`` writes, a shape that scripts rely
on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exposure_lab.metrics.intervals import Interval


@dataclass(frozen=True)
class Likeness:
    """Mean PSNR and SSIM over several comparisons of two pictures."""

    n: int
    """Number of images of a model, or of scenes of the experts."""
    psnr: float
    """dB, at most `metrics.pixel.PSNR_CAP`."""
    psnr_ci: tuple[float, float]
    """Ends of the 95 % bootstrap interval of ``psnr`` over scenes, dB: it covers other scenes, not
    another training of the same network. From few scenes the range of their means instead."""
    scenes: int
    """Number of scenes, which tells the two apart; `interval` names them."""
    ssim: float | None
    """At most 1; None where no image was large enough to be measured."""

    @property
    def interval(self) -> Interval:
        """PSNR with ``psnr_ci``, which knows whether it is a 95 % interval or a range of scenes."""
        return Interval(self.psnr, *self.psnr_ci, self.n, self.scenes)

    def to_json(self) -> dict[str, Any]:
        """Convert to the dictionary that ``evaluate --json`` writes."""
        return {"n": self.n, "psnr": self.psnr, "ssim": self.ssim, **self._interval_json()}

    def _interval_json(self) -> dict[str, Any]:
        interval = self.interval
        return {
            "psnr_ci": [interval.low, interval.high],
            "psnr_ci_is": interval.name(),
            "scenes": self.scenes,
        }


@dataclass(frozen=True)
class Score(Likeness):
    """Means of all metrics over several images of one model.

    Where the targets are several experts', an image counts by the mean over them. A metric is None
    where no image was large enough, and contrasty enough, to be measured.
    """

    l1: float
    """Mean absolute difference, in [0, 1]."""
    delta_e: float
    """CIEDE2000 colour difference."""
    luminance_error: float
    """Distance of the mean luminance from the target's in either direction, stops."""
    sharpness: float | None
    """Strength of the edges over the target's: 1 is as sharp."""
    checkerboard: float | None
    """Energy of the finest checkerboard over the target's: 1 is as much."""

    def to_json(self) -> dict[str, Any]:
        """Convert to the dictionary that ``evaluate --json`` writes."""
        return {
            "n": self.n,
            "psnr": self.psnr,
            "ssim": self.ssim,
            "l1": self.l1,
            "delta_e": self.delta_e,
            "luminance_error": self.luminance_error,
            "sharpness": self.sharpness,
            "checkerboard": self.checkerboard,
            **self._interval_json(),
        }


@dataclass(frozen=True)
class ModelScores:
    """Scores of one model: by exposure, over groups of exposures, and against each expert."""

    name: str
    by_ev: Mapping[float, Score]
    """EV of the input, in rising order, to the mean over its images; see `ScoreReport.ev_step`."""
    mean: Score
    """Over all images."""
    mean_wrong: Score | None
    """Over those with an EV other than 0; None without any."""
    mean_dark: Score | None
    """Over those with an EV below 0; None without any."""
    mean_bright: Score | None
    """Over those with an EV above 0; None without any."""
    experts: Mapping[str, Score]
    """Letter to the mean over all images against that expert; empty where the protocol names no
    expert."""
    seconds_per_mp: float
    """Time of the model itself, without reading and scoring, for a megapixel that it saw."""

    def to_json(self) -> dict[str, Any]:
        """Convert to the dictionary that ``evaluate --json`` writes; exposures are its ``rows``."""
        return {
            "model": self.name,
            "rows": [{"ev": ev, **score.to_json()} for ev, score in self.by_ev.items()],
            "mean": self.mean.to_json(),
            "mean_wrong": self.mean_wrong and self.mean_wrong.to_json(),
            "mean_dark": self.mean_dark and self.mean_dark.to_json(),
            "mean_bright": self.mean_bright and self.mean_bright.to_json(),
            "experts": {letter: score.to_json() for letter, score in self.experts.items()},
            "seconds_per_mp": self.seconds_per_mp,
        }


@dataclass(frozen=True)
class Ceiling:
    """Agreement of the experts with each other, by the protocol that scores the models."""

    mean: Likeness
    """Over scenes, of the mean over each two experts."""
    experts: Mapping[str, Likeness]
    """Letter to the agreement of that expert with the others."""

    def to_json(self) -> dict[str, Any]:
        """Convert to the dictionary that ``evaluate --json`` writes."""
        experts = {letter: likeness.to_json() for letter, likeness in self.experts.items()}
        return {**self.mean.to_json(), "experts": experts}


@dataclass(frozen=True)
class ScoreReport:
    """Scores of several models on the same pairs, with protocol, data and provenance."""

    protocol: str
    protocol_summary: str
    data: str | None
    """Fingerprint of the set."""
    models: tuple[ModelScores, ...]
    ceiling: Ceiling | None
    """None where the set has no two experts."""
    provenance: Mapping[str, Any]
    ev_step: float | None = None
    """Stops between the rows of ``by_ev`` where the set's exposures are too many for a row each;
    every input then counts to the nearest row, and only EV 0 itself to that of 0."""

    def to_json(self) -> dict[str, Any]:
        """Convert to the dictionary that ``evaluate --json`` writes."""
        return {
            "protocol": self.protocol,
            "protocol_summary": self.protocol_summary,
            "data": self.data,
            "models": [model.to_json() for model in self.models],
            "ceiling": self.ceiling and self.ceiling.to_json(),
            "provenance": dict(self.provenance),
            **({} if self.ev_step is None else {"ev_step": self.ev_step}),
        }
