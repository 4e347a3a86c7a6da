"""Photos on which a trained network is measured: announced ones, and others drawn for a grading."""

# N squares, S their side

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from exposure_lab.course.grading.trained.scores import Pictures, squared_errors
from exposure_lab.data.layout import SUFFIXES
from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.exposure import EVS, apply_ev
from exposure_lab.errors import GradingError
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.images.resize import shrink

SIDE, SCALE = 64, 128
"""Side of a square, and short side of the photo that it is cut from, px."""

SQUARES = 16
"""Squares of each kind that are drawn for a grading: fewer would leave more to luck."""

EXPOSURES = ((-1.5, -1.0), (1.0, 1.5), (0.0,))
"""Kinds of inputs, in the order in which a network sees them: too dark, too bright, well exposed.

No square is drawn twice, and well exposed ones come last, so that none gives another one's answer.
"""


@dataclass(frozen=True)
class PhotoSet:
    """Squares at several exposures, and what each should become."""

    inputs: Pictures
    """(N, S, S, 3), sRGB, 0..255."""
    targets: Pictures
    evs: tuple[float, ...]
    """Exposure of each input, stops."""

    def by_kind(self) -> "PhotoSet":
        """The same squares, those of one kind together."""
        kinds = [next(i for i, kind in enumerate(EXPOSURES) if ev in kind) for ev in self.evs]
        order = np.argsort(kinds, kind="stable")
        return PhotoSet(
            self.inputs[order], self.targets[order], tuple(self.evs[place] for place in order)
        )

    def kinds(self) -> list[Pictures]:
        """Inputs of each kind, which a network sees together."""
        return [self.inputs[[ev in kind for ev in self.evs]] for kind in EXPOSURES]

    def to_wire(self, border: int = 0) -> dict[str, Any]:
        """Plain values, for a reference; of the inputs no more than how far off they are.

        Args:
            border: pixels on each side that do not count in ``inner_errors``.
        """
        return {
            "targets": self.targets,
            "evs": list(self.evs),
            "errors": squared_errors(self.inputs, self.targets).tolist(),
            "inner_errors": squared_errors(self.inputs, self.targets, border).tolist(),
        }


def announced_photos() -> PhotoSet:
    """Squares that everybody knows, on which a student states the PSNR of a network.

    Four of each built-in photo that is held out, at the five exposures of MSEC.
    """
    squares = []
    for photo in _held_out():
        small = shrink(photo, SCALE)
        for down, right in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)):
            squares.append(_square(small, down, right))
    return _render(squares, [EVS] * len(squares))


def hidden_photos(rng: np.random.Generator, folder: Path | None = None) -> PhotoSet:
    """Draw squares that nobody saw before: too dark, too bright and well exposed ones.

    Args:
        rng: of the grading.
        folder: of an instructor's own photos; None for the built-in ones that are held out, which
            everybody has, in cuts and sizes that nobody knows.

    Raises:
        GradingError: no photo in the folder.
        ImageError: one that cannot be read.
    """
    photos = _held_out() if folder is None else _read(folder, rng)
    squares: list[Array] = []
    evs: list[tuple[float]] = []
    for kind in EXPOSURES:
        squares += _spread(photos, rng)
        evs += [(kind[place % len(kind)],) for place in rng.permutation(SQUARES)]
    return _render(squares, evs)


def _spread(photos: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """Cut squares spread over each photo's height and width, so that draws are equally hard."""
    each = -(-SQUARES // len(photos))
    cells = [(rng.permutation(each), rng.permutation(each)) for _ in photos]
    squares = []
    for place in range(SQUARES):
        row, which = divmod(place, len(photos))
        small = shrink(photos[which], int(rng.integers(SCALE - 24, SCALE + 33)))
        down, right = ((cell[row] + rng.random()) / each for cell in cells[which])
        square = _square(small, float(down), float(right))
        squares.append(square[:, ::-1] if rng.random() < 0.5 else square)
    return squares


def _held_out() -> list[Array]:
    names = (name for name, split in SAMPLE_SPLITS.items() if split == "validation")
    return [sample_photo(name) for name in names]


def _read(folder: Path, rng: np.random.Generator) -> list[Array]:
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise GradingError(
            f"Expected photos in {folder}, but there are none: put some there that students do "
            "not have, or leave the folder out."
        )
    return [read_image(paths[int(place)]) for place in rng.permutation(len(paths))[:SQUARES]]


def _square(photo: Array, down: float, right: float) -> Array:
    """Cut a square whose place is given in shares of the room that there is."""
    top, left = (
        round(share * (length - SIDE))
        for share, length in zip((down, right), photo.shape[:2], strict=True)
    )
    return photo[top : top + SIDE, left : left + SIDE]


def _render(squares: Sequence[Array], evs: Sequence[Sequence[float]]) -> PhotoSet:
    inputs, targets, flat = [], [], []
    for square, several in zip(squares, evs, strict=True):
        for ev in several:
            inputs.append(to_uint8(apply_ev(square, ev)))
            targets.append(to_uint8(square))
            flat.append(float(ev))
    return PhotoSet(np.stack(inputs), np.stack(targets), tuple(flat))
