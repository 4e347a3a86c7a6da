"""Scores that others have published for MSEC's test photos, each with where it was read.

The numbers stand in ``literature.toml``. Two of them can be compared only if one protocol made
both, and most of their sources do not say which one did.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exposure_lab.errors import ConfigError

DARK, BRIGHT = 2, 3
"""Inputs of each scene of MSEC that count as dark (-1.5 and -1 EV) and as bright (0, +1 and +1.5
EV) where a table has no column of its own for 0 EV."""

Decibels = Annotated[float, Field(gt=0, le=60)]
Similarity = Annotated[float, Field(gt=0, le=1)]


class _Entry(BaseModel):
    """Base of each table of the file: frozen, without unknown keys, NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PublishedProtocol(_Entry):
    """What the code of a project does when it scores; empty where we found no answer."""

    project: str
    cite: str
    """Key in ``book/references.bib``."""
    target: str = ""
    """Whose picture an output is compared with."""
    size: str = ""
    """Size at which the two pictures are compared."""
    values: str = ""
    """What happens to the output's values before they are compared."""
    ssim: str = ""
    """Variant of SSIM."""
    zero_ev: str = ""
    """``over`` where inputs at 0 EV count as bright; empty where nothing is parted."""
    source: str
    """Repository and files that say so."""
    ours: str = ""
    """Name of the protocol in `protocols.PROTOCOLS` that follows it; empty without one."""


class ScoreSource(_Entry):
    """A public file in which scores were read."""

    project: str
    cite: str
    """Key in ``book/references.bib``."""
    file: str
    """Repository and file."""
    exact: bool
    """False where numbers were read off a plot, to about 0.1 dB."""
    about: str
    """What a reader of its numbers must know."""


class PublishedScore(_Entry):
    """PSNR in dB, and SSIM, of a method over all inputs of MSEC's test photos, from one source."""

    method: str
    cite: str
    """Key in ``book/references.bib`` of the paper that proposes the method."""
    source: str
    """Name of a `ScoreSource`."""
    protocol: str = ""
    """Name of the `PublishedProtocol` that made the number; empty where the source is silent."""
    target: Annotated[str, Field(pattern="^[a-e]?$")] = ""
    """Letter of the expert; empty where the source is silent."""
    label: str = ""
    """What tells it from another number for the same method in the same source."""
    psnr: Decibels
    ssim: Similarity | None = None
    under_psnr: Decibels | None = None
    """Over the dark inputs alone; None where the source does not part them."""
    under_ssim: Similarity | None = None
    over_psnr: Decibels | None = None
    """Over the bright inputs alone; None where the source does not part them."""
    over_ssim: Similarity | None = None

    @property
    def weighted_psnr(self) -> float | None:
        """Mean of the two parts by their number of inputs, dB; None without parts.

        It should be ``psnr``, to rounding, where 0 EV counts as bright.
        """
        if self.under_psnr is None or self.over_psnr is None:
            return None
        return (DARK * self.under_psnr + BRIGHT * self.over_psnr) / (DARK + BRIGHT)


class Literature(_Entry):
    """Published protocols and scores, and where the scores were read."""

    protocols: dict[str, PublishedProtocol]
    sources: dict[str, ScoreSource]
    scores: tuple[PublishedScore, ...]

    def of_method(self, method: str) -> tuple[PublishedScore, ...]:
        """Find all scores of a method, in the order of the file; none of an unknown method."""
        return tuple(score for score in self.scores if score.method == method)


@cache
def literature() -> Literature:
    """Read the published protocols and scores that come with the package.

    Raises:
        ConfigError: the file is not as it should be.
    """
    file = resources.files("exposure_lab.evaluation") / "literature.toml"
    return parse_literature(tomllib.loads(file.read_text(encoding="utf-8")))


def parse_literature(tables: dict[str, Any]) -> Literature:
    """Validate tables such as ``literature.toml`` holds.

    Raises:
        ConfigError: a wrong entry, or a score with a source or a protocol that is not there.
    """
    try:
        found = Literature.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"Expected published scores, but {place} is wrong: {first['msg']}; mend the file."
        ) from error
    for score in found.scores:
        if score.source not in found.sources:
            raise ConfigError(_unknown(score, "source", score.source))
        if score.protocol and score.protocol not in found.protocols:
            raise ConfigError(_unknown(score, "protocol", score.protocol))
    return found


def _unknown(score: PublishedScore, kind: str, name: str) -> str:
    """Say that a score names what is not there."""
    return (
        f"Expected the {kind} of each score to be in the file, but that of {score.method}, "
        f"{name!r}, is not: add it, or mend its name."
    )
