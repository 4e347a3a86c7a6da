"""Graded form of chapter 03's receptive field: dilated kernels, and lists in either direction."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import EXACT, Case, GradedQuestion, Variant

ONE, SEVERAL = "a single layer", "several layers"

Rule = Callable[[int, int, int], int]
"""Takes the side behind a layer, the layer's window (the kernel with its gaps), and its stride."""

FORWARDS, BACKWARDS = "from the picture to the output", "from the output to the picture"


def _draw(rng: np.random.Generator) -> Variant:
    return {"dilation": pick(rng, [2, 3, 4, 5]), "lists_run": pick(rng, [FORWARDS, BACKWARDS])}


def _note(variant: Variant) -> str:
    d = variant["dilation"]
    return (
        f"Every kernel is **dilated by {d}**: its values lie {d} places apart in the map that it "
        "reads, so that a window is wider than their number."
    )


def _edits(variant: Variant) -> Mapping[str, str]:
    if variant["lists_run"] == FORWARDS:
        return {}
    return {
        "Both lists run from the picture to the output,": (
            "Both lists run **from the output to the picture**,"
        ),
        "the first entries belong to the first layer.": (
            "the first entries belong to the last layer."
        ),
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    """Draw stacks of layers, several a call: one alone would fit several mistakes."""

    def stacks(*lengths: int) -> list[tuple[list[int], list[int]]]:
        drawn = []
        for layers in lengths:
            kernels, strides = rng.integers(2, 8, layers), rng.integers(1, 5, layers)
            drawn.append((kernels.tolist(), strides.tolist()))
        return drawn

    return [
        Case(ONE, (stacks(1, 1, 1, 1),)),
        Case(ONE, (stacks(1, 1, 1),)),
        Case(SEVERAL, (stacks(2, 3, 4, 5, 6),)),
        Case(SEVERAL, (stacks(3, 2, 7),)),
    ]


def fields_of(
    receptive_field: "Callable[..., Any]", stacks: "list[tuple[list[int], list[int]]]"
) -> "list[Any]":
    """Ask an answer for the fields of several stacks of layers; the lists are its own to empty."""
    return [receptive_field(list(kernels), list(strides)) for kernels, strides in stacks]


def _wider(side: int, window: int, stride: int) -> int:
    return stride * side + window - stride


def _side_by_side(side: int, window: int, _stride: int) -> int:
    return side * window


def _whole_window(side: int, window: int, stride: int) -> int:
    return stride * side + window


def _without_strides(side: int, window: int, _stride: int) -> int:
    return side + window - 1


def _last_layer(_side: int, window: int, _stride: int) -> int:
    return window


def field_of(
    kernels: Sequence[int],
    strides: Sequence[int],
    dilation: int = 1,
    rule: Rule = _wider,
    start: int = 1,
) -> int:
    """Side of the field of one output, px; lists from the picture to the output."""
    side = start
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=True):
        side = rule(side, dilation * (kernel - 1) + 1, stride)
    return side


def _field(
    variant: Variant,
    kernels: Sequence[int],
    strides: Sequence[int],
    *,
    turned: bool = False,
    less: int = 0,
    dilation: int | None = None,
    **how: Any,
) -> int:
    """Field that the variant asks for, or that of a usual mistake."""
    if (variant["lists_run"] == BACKWARDS) != turned:
        kernels, strides = kernels[::-1], strides[::-1]
    return field_of(kernels, strides, dilation or variant["dilation"], **how) - less


def _own_stride_first(variant: Variant, kernels: Sequence[int], strides: Sequence[int]) -> int:
    if variant["lists_run"] == BACKWARDS:
        kernels, strides = kernels[::-1], strides[::-1]
    side = step = 1
    for kernel, stride in zip(kernels, strides, strict=True):
        step *= stride
        side += variant["dilation"] * (kernel - 1) * step
    return side


def _reference(variant: Variant) -> Callable[..., int]:
    return partial(_field, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., int]]:
    options: dict[str, dict[str, Any]] = {
        "they are those of kernels without gaps": {"dilation": 1},
        "the lists were read in the wrong direction": {"turned": True},
        "the strides make no difference to them": {"rule": _without_strides},
        "overlapping windows count as if they lay side by side: neighbours start one stride "
        "apart": {"rule": _side_by_side},
        "each layer adds its whole window, though the first is among the strides already": {
            "rule": _whole_window
        },
        "one is missing: a single output is one wide before the first layer": {"less": 1},
        "they start from nothing: a single output is one wide before the first layer": {"start": 0},
        "they are those of one layer alone": {"rule": _last_layer},
    }
    mistakes: dict[str, Callable[..., int]] = {
        cause: partial(_field, variant, **how) for cause, how in options.items()
    }
    cause = "a layer's own stride was counted before its kernel; it spreads only what comes after"
    return mistakes | {cause: partial(_own_stride_first, variant)}


RECEPTIVE_FIELD = GradedQuestion(
    "03.receptive-field",
    "receptive_field",
    "compute the receptive field of any stack of convolutions",
    "the sides of several fields",
    parts={ONE: 1, SEVERAL: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    harness=fields_of,
    tolerance=EXACT,
    leaves_out=("exposure_lab.networks.receptive",),
)
