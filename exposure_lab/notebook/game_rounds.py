"""Rounds of the exposure game: a photo, a network's correction of it, and the target.

Images are (H, W, 3), sRGB in [0, 1].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, check_image
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink

GAME_PHOTOS: Mapping[str, float] = {"courtyard": 1.5, "forest": -1.5, "meadow": 1.0, "villa": -1.0}
"""Photos that ship for the game alone, and the stops that each is off by in `Round.built_in`."""


@dataclass(frozen=True)
class Round:
    """A round: one photo to correct, the network's correction of it, and the target."""

    name: str
    """What the page reveals at the end of the round, such as ``china, -1.5 EV``."""
    real_input: Array
    fake_target: Array
    real_target: Array

    @classmethod
    def built_in(cls, correct: Callable[[Array], Array], short_side: int = 150) -> list["Round"]:
        """Make a round of each photo that ships for the game; no network of the book saw them.

        Who took them and under which licence: ``assets/LICENSES.md``.

        Args:
            correct: the opponent, an image function; it gets the wrong exposure alone.
            short_side: of the pictures, px.
        """
        rounds = []
        for name, ev in GAME_PHOTOS.items():
            real_target = game_photo(name, short_side)
            real_input = apply_ev(real_target, ev)
            rounds.append(cls(f"{name}, {ev:+g} EV", real_input, correct(real_input), real_target))
        return rounds

    def pictures(self) -> tuple[Array, Array, Array]:
        """Input, correction and target. Raises ImageError: not images, or several shapes."""
        pictures = self.real_input, self.fake_target, self.real_target
        for picture in pictures:
            check_image(picture)
        shapes = sorted({picture.shape for picture in pictures})
        if len(shapes) > 1:
            raise ImageError(
                f"Expected one shape for all pictures of {self.name!r}, but got {shapes}: "
                "resize them."
            )
        return pictures


def game_photo(name: str, short_side: int) -> Array:
    """Read one of `GAME_PHOTOS` at a short side in px: (H, W, 3), sRGB in [0, 1]."""
    assets = resources.files(__package__) / "assets"
    with resources.as_file(assets / f"game_{name}.jpg") as path:
        return shrink(read_image(path), short_side)
