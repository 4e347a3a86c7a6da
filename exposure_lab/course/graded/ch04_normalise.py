"""Graded form of chapter 04's way there and back: files of more bits, another range of values."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

if TYPE_CHECKING:
    from torch import Tensor

    There = Callable[[NDArray[np.int16]], Tensor]
    Back = Callable[[Tensor], NDArray[np.generic]]

THERE = "the network's values"
BACK = "every photo back unchanged"
OUTSIDE = "values outside of the range"

RANGES = {"0 to 1": (0.0, 1.0), "-1 to 1": (-1.0, 1.0), "-0.5 to 0.5": (-0.5, 0.5)}
"""Black and white of the network, by how the text says it."""


def _draw(rng: np.random.Generator) -> Variant:
    # Not the chapter's eight bits; whole numbers of 16 bits with a sign hold up to 15.
    return {"bits": pick(rng, [9, 10, 12, 14]), "range": pick(rng, list(RANGES))}


def _edits(variant: Variant) -> Mapping[str, str]:
    bits, largest = variant["bits"], _largest(variant)
    low, high = variant["range"].split(" to ")
    return {
        "a numpy array (H, W, 3) of `uint8`, to what the network takes:": (
            f"a numpy array (H, W, 3) of `int16` with **{bits} bits**, 0 to {largest}, to what the "
            "network takes:"
        ),
        "from $-1$ to $1$.": f"from **${low}$ to ${high}$**.",
        "Every photo must come back unchanged, and values": (
            "Every photo must come back unchanged, a value between two levels goes to the nearer "
            "one, and values"
        ),
        '"""(H, W, 3), uint8, to a tensor (3, H, W), float32, in [-1, 1]."""': (
            f'"""(H, W, 3), int16, 0 to {largest}, to a tensor (3, H, W), float32, in '
            f'[{low}, {high}]."""'
        ),
        '"""A tensor (3, H, W) in [-1, 1], or nearly, to (H, W, 3), uint8."""': (
            f'"""A tensor (3, H, W) in [{low}, {high}], or nearly, to (H, W, 3), int16."""'
        ),
    }


def _largest(variant: Variant) -> int:
    """Value of white in the file."""
    return int(2 ** variant["bits"]) - 1


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def picture() -> NDArray[np.int16]:
        height, width = (int(side) for side in rng.integers(3, 12, 2))
        pixels = rng.integers(0, _largest(variant) + 1, (height, width, 3)).astype(np.int16)
        pixels[0, 0], pixels[-1, -1] = 0, _largest(variant)
        return pixels

    def between() -> "Tensor":
        """Values up to a third of a step beside a level: all roads round them alike."""
        levels = picture()
        away = rng.uniform(0.05, 0.3, levels.shape) * rng.choice([-1, 1], levels.shape)
        return _normalise(variant, levels + away)

    def outside() -> "Tensor":
        low, high = RANGES[variant["range"]]
        values = _normalise(variant, picture())
        beyond = torch.from_numpy(rng.uniform(0.02, 0.2, values.shape).astype(np.float32))
        kinds = torch.from_numpy(rng.integers(0, 3, values.shape))
        return torch.where(kinds == 0, values, torch.where(kinds == 1, low - beyond, high + beyond))

    return [
        *(Case(THERE, ("there", picture())) for _ in range(3)),
        *(Case(BACK, ("back", between())) for _ in range(2)),
        Case(BACK, ("back", _normalise(variant, picture()))),
        *(Case(OUTSIDE, ("back", outside())) for _ in range(2)),
    ]


def one_way(
    there_and_back: "tuple[Callable[..., Any], Callable[..., Any]]", way: str, given: "Any"
) -> "tuple[Any, str]":
    """Call one of an answer's two functions; the type of its numbers counts as well."""
    normalise, denormalise = there_and_back
    result = (normalise if way == "there" else denormalise)(given)
    return result, str(getattr(result, "dtype", type(result).__name__))


def _normalise(
    variant: Variant,
    photo: NDArray[Any],
    *,
    bounds: tuple[float, float] | None = None,
    steps: float | None = None,
    reshaped: bool = False,
    reversed_colours: bool = False,
    dtype: Any = np.float32,
) -> "Tensor":
    """Turn a photo into the network's values, or do so with a usual mistake."""
    import torch

    low, high = bounds or RANGES[variant["range"]]
    values = photo.astype(np.float64) / (steps or _largest(variant)) * (high - low) + low
    values = values[..., ::-1] if reversed_colours else values
    turned = values.reshape(3, *photo.shape[:2]) if reshaped else values.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(turned).astype(dtype))


def _denormalise(
    variant: Variant,
    values: "Tensor",
    *,
    rounded: bool = True,
    clamped: bool = True,
    bounds: tuple[float, float] | None = None,
    dtype: Any = np.int16,
) -> NDArray[np.generic]:
    """Turn the network's values into a photo, or do so with a usual mistake."""
    low, high = bounds or RANGES[variant["range"]]
    levels = (values.numpy().astype(np.float64) - low) / (high - low) * _largest(variant)
    levels = np.round(levels) if rounded else np.floor(levels)
    levels = np.clip(levels, 0, _largest(variant)) if clamped else levels
    return levels.transpose(1, 2, 0).astype(dtype)


def _both(variant: Variant, there: dict[str, Any], back: dict[str, Any]) -> "tuple[There, Back]":
    return partial(_normalise, variant, **there), partial(_denormalise, variant, **back)


def _reference(variant: Variant) -> "tuple[There, Back]":
    return _both(variant, {}, {})


def _mistakes(variant: Variant) -> "dict[str, tuple[There, Back]]":
    largest = _largest(variant)
    there: dict[str, dict[str, Any]] = {
        "they are still stored values": {"bounds": (0.0, float(largest))},
        "white does not become the top: how many steps are there from black to white?": {
            "steps": largest + 1.0
        },
        "black and white are those of a file with eight bits": {"steps": 255.0},
        "the pixels were dealt out anew: move the axes instead of reshaping": {"reshaped": True},
        "the colours came out in reverse order": {"reversed_colours": True},
        "the type of the numbers is another one: look at `dtype`": {"dtype": np.float64},
    }
    for text, bounds in RANGES.items():
        if text != variant["range"]:
            there[f"they run from {_in_words(text)}: shift and stretch them"] = {"bounds": bounds}
    back: dict[str, dict[str, Any]] = {
        "some values are one too low: turning a float into a whole number cuts it off": {
            "rounded": False
        },
        "some lie outside of what the file holds: clamp them first": {"clamped": False},
        "the type of the whole numbers is another one: look at `dtype`": {"dtype": np.int64},
        "they are no whole numbers of the file's type: look at `dtype`": {"dtype": np.float32},
    }
    others = {cause: _both(variant, how, {}) for cause, how in there.items()}
    return others | {cause: _both(variant, {}, how) for cause, how in back.items()}


def _in_words(text: str) -> str:
    return {
        "0 to 1": "zero to one",
        "-1 to 1": "minus one to one",
        "-0.5 to 0.5": "minus one half to one half",
    }[text]


NORMALISE = GradedQuestion(
    "04.normalise",
    "there_and_back",
    "turn a stored photo into a network's values and back without a loss",
    "the right values, in the right places and of the right type",
    parts={THERE: 2, BACK: 1, OUTSIDE: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=one_way,
    tolerance=Tolerance(relative=1e-5, absolute=1e-5),
)
