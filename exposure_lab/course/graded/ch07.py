"""Graded questions of chapter 07, evaluation."""

from collections.abc import Mapping

import numpy as np

from exposure_lab.course.graded.ch07_bootstrap import BOOTSTRAP_INTERVAL
from exposure_lab.course.graded.ch07_explain import EXPLAIN
from exposure_lab.course.graded.ch07_levelled_off import LEVELLED_OFF
from exposure_lab.course.graded.ch07_psnr_per_ev import PSNR_PER_EV
from exposure_lab.course.graded.draws import pick
from exposure_lab.course.graded.question import GradedQuestion, Tolerance, Variant, WrittenQuestion

SHARES = {
    "a third": 1 / 3,
    "three tenths": 3 / 10,
    "a quarter": 1 / 4,
    "a fifth": 1 / 5,
    "a seventh": 1 / 7,
    "an eighth": 1 / 8,
    "a twelfth": 1 / 12,
}
"""Share to which every difference shrinks: in words, and as a number."""


def _draw_share(rng: np.random.Generator) -> Variant:
    return {"share": pick(rng, list(SHARES))}


def _edit_share(variant: Variant) -> Mapping[str, str]:
    return {
        "Every difference to the target shrinks to half.": (
            f"Every difference to the target shrinks to {variant['share']} of what it was."
        )
    }


def _rise(variant: Variant) -> float:
    """Rise of the PSNR, dB."""
    return float(-20 * np.log10(SHARES[variant["share"]]))


def _wrong_rises(variant: Variant) -> dict[str, float]:
    share, right = SHARES[variant["share"]], _rise(variant)
    return {
        "it falls: a higher PSNR means a picture that is closer": -right,
        "here the squared error was divided: what happens to the square of such a number?": (
            right / 2
        ),
        "it is the answer for half": float(20 * np.log10(2)),
        "the squaring was counted twice: PSNR takes ten times the logarithm of the squared error, "
        "or twenty times that of the error": 2 * right,
        "this is about the factor itself: put it through the logarithm": 1 / share,
        "this is the factor of the squared error: put it through the logarithm": 1 / share**2,
        "the logarithm is the natural one: decibels take that to the base ten": float(
            -20 * np.log(share)
        ),
    }


HALF_THE_ERROR = GradedQuestion(
    id="07.half-the-error",
    name="predicted",
    objective="predict what a smaller error does to the PSNR",
    what="the rise of the PSNR in decibels",
    parts={"a guess within 0.3 dB": 1},
    reference=_rise,
    draw=_draw_share,
    edits=_edit_share,
    mistakes=_wrong_rises,
    tolerance=Tolerance(relative=0.0, absolute=0.3),
)

IN_YOUR_WORDS = WrittenQuestion(
    id="07.in-your-words",
    prompt="A network scores about the same at every exposure, even on a photo with which nothing "
    "was wrong. Somebody praises it: it is robust, since no exposure can harm it. Explain in three "
    "to five sentences what the score on the perfect photo says about this praise.",
    points=3,
    objective="explain whose error a score shows",
    after="07.explain",
    rubric=(
        "Says that on the perfect photo there was nothing to correct, so that all of the error "
        "there is the network's own.",
        "Concludes that most of the error at the other exposures, being about as large, may be the "
        "network's own as well, and not what is left of the wrong exposure.",
        "Names a comparison that shows it, such as the untouched input at each exposure, or the "
        "error that is left after the best exposure and colours.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    HALF_THE_ERROR,
    PSNR_PER_EV,
    LEVELLED_OFF,
    BOOTSTRAP_INTERVAL,
    EXPLAIN,
)
WRITTEN: tuple[WrittenQuestion, ...] = (IN_YOUR_WORDS,)
