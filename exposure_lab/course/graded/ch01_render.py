"""Graded form of chapter 01's rendering: another unit of ``ev``, and which way is brighter."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.graded.draws import photo, pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant
from exposure_lab.images.array import Array
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

DARKER = "a darker photo"
BRIGHTER = "a brighter photo, with its clipping"
CHANNELS = "any number of channels"

UNITS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth"}
"""Units of ``ev`` in one stop, and the name of such a unit."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"units_in_a_stop": pick(rng, list(UNITS)), "larger_is": pick(rng, ["more", "less"])}


def _note(variant: Variant) -> str:
    return (
        f"One unit of `ev` is a **{UNITS[variant['units_in_a_stop']]} of a stop**, and a larger "
        f"`ev` means **{variant['larger_is']}** light."
    )


def _edits(variant: Variant) -> Mapping[str, str]:
    unit = UNITS[variant["units_in_a_stop"]]
    return {
        "a photo of shape (H, W, 3), sRGB in [0, 1], at another exposure.": (
            "a photo of shape (H, W) or (H, W, C), sRGB in [0, 1], at another exposure."
        ),
        '"""(H, W, 3), sRGB in [0, 1], exposed by ev stops more."""': (
            '"""(H, W) or (H, W, C), sRGB in [0, 1], exposed by ev units of a '
            f'{unit} of a stop {variant["larger_is"]}."""'
        ),
    }


def _stops(variant: Variant, ev: float) -> float:
    """Stops by which the photo gets brighter."""
    units: int = variant["units_in_a_stop"]
    return ev / units * (1 if variant["larger_is"] == "more" else -1)


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def case(part: str, brighter: bool, *channels: int) -> Case:
        height, width = (int(side) for side in rng.integers(3, 13, 2))
        stops = rng.uniform(0.4, 3) * (1 if brighter else -1)
        ev = stops / _stops(variant, 1.0)
        return Case(part, (photo(rng, height, width, *channels), float(ev)))

    return [
        *(case(DARKER, False, 3) for _ in range(3)),
        *(case(BRIGHTER, True, 3) for _ in range(3)),
        case(CHANNELS, True),
        case(CHANNELS, False, 1),
        case(CHANNELS, True, 4),
    ]


def _two_to_the(stops: float) -> float:
    return float(2.0**stops)


def _e_to_the(stops: float) -> float:
    return float(np.exp(stops))


def _as_it_is(value: Any) -> Any:
    return value


def _power(exponent: float, values: Array) -> Array:
    raised: Array = values**exponent
    return raised


def _expose(
    variant: Variant,
    srgb: Array,
    ev: float,
    *,
    stops: Callable[[Variant, float], float] = _stops,
    gain: Callable[[float], float] = _two_to_the,
    decode: Callable[[Array], Array] = srgb_to_linear,
    encode: Callable[[Array], Array] = linear_to_srgb,
    white: float = 1.0,
) -> Array:
    """Render as the variant asks, or as students do by mistake."""
    light = decode(srgb) * np.float32(gain(stops(variant, ev)))
    return encode(np.minimum(light, white))


def _whole_stops(variant: Variant, ev: float) -> float:
    return math.copysign(ev, _stops(variant, ev))


def _opposite(variant: Variant, ev: float) -> float:
    return -_stops(variant, ev)


def _reference(variant: Variant) -> Callable[[Array, float], Array]:
    return partial(_expose, variant)


_MISTAKES: dict[str, dict[str, Any]] = {
    "one unit was taken for a whole stop: see what a unit is here": {"stops": _whole_stops},
    "the light changed in the wrong direction: see what a larger `ev` means here": {
        "stops": _opposite
    },
    "the stored values were scaled instead of the light: undo the sRGB curve first": {
        "decode": _as_it_is,
        "encode": _as_it_is,
    },
    "the result is still linear light: apply the sRGB curve at the end": {"encode": _as_it_is},
    "the curve was applied to stored values: undo it first": {"decode": _as_it_is},
    "the light was scaled by the number of stops itself: a stop is a doubling": {"gain": _as_it_is},
    "the light grew by another base than two: a stop is a doubling": {"gain": _e_to_the},
    "some values are larger than one: light above white has to be clipped": {"white": np.inf},
    "a plain power took the place of the sRGB curve, which is straight near black": {
        "decode": partial(_power, 2.2),
        "encode": partial(_power, 1 / 2.2),
    },
}


def _mistakes(variant: Variant) -> dict[str, Callable[[Array, float], Array]]:
    return {cause: partial(_expose, variant, **how) for cause, how in _MISTAKES.items()}


RENDER_EV = GradedQuestion(
    "01.render-ev",
    "render_ev",
    "render a photo at another exposure in linear light",
    "the photo at another exposure",
    parts={DARKER: 1, BRIGHTER: 2, CHANNELS: 1},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=(
        "exposure_lab.data.synthesis.exposure",
        "exposure_lab.data.synthesis.camera",
        "exposure_lab.inference.baselines",
    ),
    needs=("exposure_lab.images.srgb",),
)
