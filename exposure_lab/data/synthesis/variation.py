"""Variation of the inputs of one photo: exposures that are drawn, and a camera that drifts.

Five fixed exposures by one camera are too easy a teacher: a network learns those five, and that
camera. So the inputs of a photo may be drawn: each gets an exposure from a range, noise of its own
strength, a white balance a little off, and a tone curve a little off, as an automatic camera has
from one frame to the next. An *identity pair* is the target itself as an input at EV 0, from which
a network learns to leave a good photo alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from exposure_lab.data.synthesis.camera import CameraResponse, named_rng
from exposure_lab.data.synthesis.contrast import MOST_CONTRAST
from exposure_lab.data.synthesis.exposure import LARGEST_EV, check_evs
from exposure_lab.errors import ConfigError

STEPS_PER_STOP = 100
"""Drawn exposures are multiples of a hundredth of a stop, so that a file name can tell them."""

CONTRAST_PER_STOP = 0.3
"""Change of the contrast that goes with a stop of `Variation.tone_jitter`."""

LARGEST_JITTER = 4.0
"""Stops; more is no drift of a camera any more."""


@dataclass(frozen=True)
class Variation:
    """Variation of the inputs of one photo; as it stands, none: all inputs by one camera."""

    ev_range: tuple[float, float] | None = None
    """Lowest and highest exposure that is drawn, stops; None for a list of exposures."""
    per_photo: int = 4
    """Number of exposures that are drawn for each photo. None is 0, and none comes twice."""
    identity_share: float = 0.0
    """Share of the photos, in [0, 1], that get an identity pair as well."""
    white_balance_jitter: float = 0.0
    """Stops by which the red and the blue light of an input are off at most, to either side."""
    tone_jitter: float = 0.0
    """Stops by which the headroom of an input's tone curve is off at most, to either side; its
    contrast is off by up to `CONTRAST_PER_STOP` times as much."""
    highlights: float = 0.0
    """Stops by which the white of a photo is raised at most, see `highlights.Highlights`. What is
    then above white is clipped in the target as well. A panorama has its own."""

    def __post_init__(self) -> None:
        if self.ev_range is not None:  # JSON and TOML have lists
            object.__setattr__(self, "ev_range", tuple(self.ev_range))

    def check(self, evs: Sequence[float] | None) -> None:
        """Check that exposures can be listed, from these or from the range, and inputs be varied.

        Raises:
            ConfigError: exposures, a number of them, a share or a jitter that cannot be.
        """
        if self.ev_range is None:
            check_evs(evs or ())
        elif evs is not None:
            raise ConfigError(
                f"Expected exposures as a list or as a range, but got both, {list(evs)} and "
                f"{list(self.ev_range)}: leave one out."
            )
        else:
            self._check_range(*self.ev_range)
        if not 0 <= self.identity_share <= 1:
            raise ConfigError(
                f"Expected a share of identity pairs from 0 to 1, but got {self.identity_share}."
            )
        if self.identity_share and self.ev_range is None and 0 in (evs or ()):
            raise ConfigError(
                "Expected identity pairs beside other exposures than 0, whose files would have "
                "their names: leave 0 out, or draw the exposures from a range."
            )
        limits = {"white_balance_jitter": LARGEST_JITTER, "tone_jitter": LARGEST_JITTER}
        for name, most in (limits | {"highlights": LARGEST_EV}).items():
            if not 0 <= getattr(self, name) <= most:
                raise ConfigError(
                    f"Expected {name} in stops, from 0 to {most:g}, but got {getattr(self, name)}."
                )

    def exposures(self, evs: Sequence[float] | None, scene: str, seed: int) -> tuple[float, ...]:
        """List the exposures of a photo's inputs, stops: those of the list, or drawn.

        Args:
            evs: the list; None where they are drawn.
            scene, seed: decide what is drawn.
        """
        if self.ev_range is None:
            listed = tuple(evs or ())
        else:
            draw = named_rng(f"{scene} exposures", seed)
            steps = draw.choice(self._steps(), self.per_photo, replace=False)
            listed = tuple(int(step) / STEPS_PER_STOP for step in sorted(steps))
        chosen = named_rng(f"{scene} identity", seed).random() < self.identity_share
        return (*listed, 0.0) if chosen else listed

    def vary(
        self, response: CameraResponse, ev: float, scene: str, seed: int
    ) -> CameraResponse | None:
        """Draw the camera response of one input; None for an identity pair, which has none.

        With a range of exposures the strength of the noise is drawn too, from 0 up to that of
        `response`.
        """
        if ev == 0 and self.identity_share:
            return None
        draw = named_rng(f"{scene} {ev:g} response", seed)
        strength, red, blue = draw.uniform(), *draw.uniform(-1, 1, 2)
        headroom, contrast = self.tone_jitter * draw.uniform(-1, 1, 2)
        if self.ev_range is not None:
            response = replace(response, noise=response.noise * strength)
        if self.white_balance_jitter:
            gains = [2.0 ** (self.white_balance_jitter * side) for side in (red, blue)]
            response = replace(response, white_balance=(gains[0], 1.0, gains[1]))
        if self.tone_jitter:
            response = replace(
                response,
                headroom=max(response.headroom + headroom, 0.0),
                contrast=min(
                    max(response.contrast + CONTRAST_PER_STOP * contrast, 0.0), MOST_CONTRAST
                ),
            )
        return response

    def _steps(self) -> list[int]:
        """Exposures that may be drawn, hundredths of a stop."""
        low, high = (round(end * STEPS_PER_STOP, 6) for end in self.ev_range or (0, 0))
        return [step for step in range(math.ceil(low), math.floor(high) + 1) if step]

    def _check_range(self, low: float, high: float) -> None:
        if not -LARGEST_EV <= low < high <= LARGEST_EV:  # also catches NaN
            raise ConfigError(
                f"Expected a range of exposures in stops, the lower end first, within -{LARGEST_EV}"
                f" and {LARGEST_EV}, but got {low:g} and {high:g}."
            )
        if not 1 <= self.per_photo <= len(self._steps()):
            raise ConfigError(
                f"Expected a number of exposures per photo from 1 to {len(self._steps())}, the "
                f"hundredths of a stop from {low:g} to {high:g} without 0, but got "
                f"{self.per_photo}."
            )
