"""Graded questions of chapter 01, exposure."""

from collections.abc import Mapping

import numpy as np

from exposure_lab.course.graded.ch01_clipped import CLIPPED_SHARE
from exposure_lab.course.graded.ch01_explain import EXPLAIN
from exposure_lab.course.graded.ch01_psnr import PSNR_PER_EV
from exposure_lab.course.graded.ch01_render import RENDER_EV
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import GradedQuestion, Tolerance, Variant, WrittenQuestion
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

PUBLIC = 176
"""What the chapter's own pixel becomes; no variant comes near it."""


def _draw_pixel(rng: np.random.Generator) -> Variant:
    """Draw a stored value and a direction such that nothing clips."""
    variants = [
        {"stored": stored, "brighter": brighter}
        for brighter, values in ((True, range(48, 177, 2)), (False, range(72, 241, 2)))
        for stored in values
    ]
    return pick(rng, [v for v in variants if abs(_stored_after(v) - PUBLIC) > 6])


def _edit_pixel(variant: Variant) -> Mapping[str, str]:
    stops = "one stop more" if variant["brighter"] else "one stop less"
    return {
        "A grey pixel is stored as 128. You expose one stop more.": (
            f"A grey pixel is stored as {variant['stored']}. You expose {stops}."
        )
    }


def _stored_after(variant: Variant, gain: float | None = None) -> float:
    gain = _gain(variant) if gain is None else gain
    light = srgb_to_linear(np.array([variant["stored"] / 255], np.float32))
    return 255 * float(linear_to_srgb(np.minimum(gain * light, 1))[0])


def _gain(variant: Variant) -> float:
    return 2.0 if variant["brighter"] else 0.5


def _pixel_mistakes(variant: Variant) -> dict[str, float]:
    stored, gain = variant["stored"], _gain(variant)
    light = float(srgb_to_linear(np.array([stored / 255], np.float32))[0])
    return {
        "here the stored value itself was doubled or halved: go to light and back": min(
            255.0, gain * stored
        ),
        "the light went the other way: mind the sign of the stop": _stored_after(variant, 1 / gain),
        "nothing has changed: a stop is a factor of the light": float(stored),
        "this is an amount of light: apply the sRGB curve at the end": 255 * gain * light,
        "it lies between zero and one: a file holds values up to 255": _stored_after(variant) / 255,
    }


PREDICT_STOP = GradedQuestion(
    "01.predict-stop",
    "predicted",
    "predict what one stop does to a stored value",
    "the stored value after the stop, from 0 to 255",
    parts={"a guess within 2": 1},
    reference=_stored_after,
    draw=_draw_pixel,
    edits=_edit_pixel,
    mistakes=_pixel_mistakes,
    tolerance=Tolerance(relative=0.0, absolute=2.0),
)

IN_YOUR_WORDS = WrittenQuestion(
    "01.in-your-words",
    "A friend measures the PSNR of two photos against their originals, one too dark and one too "
    "bright. Both score the same, and so the friend concludes that both can be repaired equally "
    "well. Explain in three to five sentences why this does not follow.",
    points=3,
    objective="explain why a score does not say what can be restored",
    after="01.explain",
    rubric=(
        "Says that a score measures the distance from the original and not whether a way back "
        "exists.",
        "Says that clipping maps many amounts of light to one stored value, which no function can "
        "tell apart again.",
        "Says that darkening merges only neighbouring values, so that the loss on the way back "
        "stays small.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PREDICT_STOP,
    RENDER_EV,
    CLIPPED_SHARE,
    PSNR_PER_EV,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
