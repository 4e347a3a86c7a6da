"""Capstone: input and target cut and mirrored alike, by random numbers that are given."""

# H, W height and width of a photo; S side of the square

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

WHOLE, CUT = "photos that are squares already", "squares cut from larger photos"

NAMES = {"top": "the top row", "left": "the left column", "mirror": "the coin"}

CAUSES = {
    "report": "only the inputs were mirrored: that is the flip of the report",
    "apart": "inputs and targets were cut in different places",
    "book": "the draws come in the template's order: look up the one of this release",
    "half": "the coin is a fair one: look up how often this release mirrors",
    "never": "none was mirrored",
    "always": "all were mirrored",
    "upside": "they were turned upside down: mirroring is left to right",
    "short": "the last place that a square fits in never comes: `integers` leaves out its end",
    "unit": "they run from zero to one: the networks take minus one to one",
    "last": "the colours stand last: the networks take them first",
    "swapped": "targets came first: return the inputs first",
}


def _how_drawn(variant: Variant) -> str:
    order = ", then ".join(NAMES[name] for name in variant["draws"])
    return (
        f"Draw {order}; rows and columns by `rng.integers`, each place that fits as likely as the "
        f"others, and mirror both left to right where `rng.random() < {variant['mirror']:g}`."
    )


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def call(part: str, side: int, more: tuple[int, int]) -> Case:
        shape = (2, side + more[0], side + more[1], 3)
        pictures = rng.integers(0, 256, shape).astype(np.uint8)
        return Case(part, (list(pictures), side, int(rng.integers(2**31)), 6))

    def more() -> tuple[int, int]:
        return int(rng.integers(1, 4)), int(rng.integers(4, 9))

    return [
        call(WHOLE, int(rng.integers(4, 9)), (0, 0)),
        *(call(CUT, int(rng.integers(4, 9)), more()) for _ in range(3)),
    ]


def cut_several(
    cut_pair: "Callable[..., Any]", pictures: "list[Any]", side: int, seed: int, calls: int
) -> "Any":
    """Let an answer cut a pair several times, with random numbers that go on."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return [cut_pair(*(one.copy() for one in pictures), side, rng) for _ in range(calls)]


def _cut(
    variant: Variant,
    real_input: Any,
    target: Any,
    side: int,
    rng: np.random.Generator,
    *,
    mistake: str = "",
) -> "tuple[Tensor, Tensor]":
    """Cut and mirror a pair, or make a usual mistake."""
    import torch

    height, width = real_input.shape[:2]
    ends = {"top": height - side + 1, "left": width - side + 1}
    if mistake == "short":
        ends = {name: max(1, end - 1) for name, end in ends.items()}
    chances = {"half": 0.5, "never": 0.0, "always": 1.0}
    chance = chances.get(mistake, float(variant["mirror"]))
    order = ["top", "left", "mirror"] if mistake == "book" else variant["draws"]
    drawn = {
        name: rng.random() < chance if name == "mirror" else int(rng.integers(ends[name]))
        for name in order
    }
    corners = [(drawn["top"], drawn["left"])] * 2
    if mistake == "apart":
        corners[1] = int(rng.integers(ends["top"])), int(rng.integers(ends["left"]))
    squares: list[Tensor] = []
    for picture, (top, left) in zip((real_input, target), corners, strict=True):
        square = picture[top : top + side, left : left + side]
        if drawn["mirror"] and not (mistake == "report" and squares):
            square = square[::-1] if mistake == "upside" else square[:, ::-1]
        tensor = torch.from_numpy(np.ascontiguousarray(square)).float() / 255
        tensor = tensor if mistake == "unit" else tensor * 2 - 1
        squares.append(tensor if mistake == "last" else tensor.permute(2, 0, 1))
    return (squares[1], squares[0]) if mistake == "swapped" else (squares[0], squares[1])


def _reference(variant: Variant) -> Callable[..., Any]:
    return partial(_cut, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., Any]]:
    return {cause: partial(_cut, variant, mistake=name) for name, cause in CAUSES.items()}


CUT_PAIR = GradedQuestion(
    id="90.cut",
    name="cut_pair",
    objective="vary an input and its target alike, so that the variation can be repeated",
    what="the squares, inputs and targets mirrored alike",
    parts={WHOLE: 1, CUT: 3},
    reference=_reference,
    cases=_cases,
    draw=draws("draws", "mirror"),
    edits=edits(_how_drawn),
    mistakes=_mistakes,
    harness=cut_several,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
