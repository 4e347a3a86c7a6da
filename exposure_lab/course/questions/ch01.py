"""Questions of chapter 01, exposure, and the judges of their answers."""

from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import (
    Wrong,
    array,
    call,
    close,
    close_to_any,
    expect,
    first_cause,
    number,
)
from exposure_lab.course.graded.ch01_explain import CHOICE
from exposure_lab.data.synthesis.exposure import EVS, apply_ev, clipped_share
from exposure_lab.images.array import Array
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.metrics.pixel import psnr

CODE = 128
"""8-bit value that the first question exposes one stop more."""


def _photos() -> list[Array]:
    """Draw two small pictures of unlike brightness, with blacks and whites; always the same."""
    rng = np.random.default_rng(1)
    dark, light = ((rng.random((4, 6, 3)) ** power).astype(np.float32) for power in (2.0, 0.7))
    dark[0, 0], light[0, 0] = 0.0, 1.0
    return [dark, light]


def _judge_stop(answer: Any) -> None:
    guess = number(answer, "your prediction")
    right = float(apply_ev(np.full((1, 1, 3), CODE / 255, np.float32), 1).mean()) * 255
    expect(
        guess > 1 or guess < 0,
        "Expected an 8-bit value from 0 to 255, but got one from 0 to 1: multiply by 255.",
    )
    expect(
        0 <= guess <= 255,
        "Expected an 8-bit value from 0 to 255, but got one outside: no file can store it.",
    )
    expect(
        guess > CODE,
        "Expected more than before, since the light doubles, but got no more: mind the sign, and "
        "go back through the sRGB curve at the end.",
    )
    expect(
        guess < 250,
        "Expected the light to double, but here the stored value did: go to light and back.",
    )
    expect(
        abs(guess - right) <= 2,
        "Expected another value: undo the sRGB curve, double, apply the curve again, times 255.",
    )


def _judge_rendering(answer: Any) -> None:
    for photo in _photos():
        for ev in (*EVS, 0.5):
            result = call(answer, photo, ev)
            rendered = array(result, photo.shape, "the rendered picture")
            if not close(rendered, apply_ev(photo, ev)):
                raise Wrong(_explain_rendering(photo, ev, rendered))


def _explain_rendering(photo: Array, ev: float, rendered: Any) -> str:
    linear = srgb_to_linear(photo)
    gain = 2.0**ev
    mistakes = {
        "the light is not changed in the right direction: mind the sign of the stops": apply_ev(
            photo, -ev
        ),
        "the stored values were scaled instead of the light: undo the sRGB curve first": np.clip(
            photo * gain, 0, 1
        ),
        "the result is still linear light: apply the sRGB curve at the end": np.clip(
            linear * gain, 0, 1
        ),
        "the light was scaled by the number of stops itself: a stop is a doubling": linear_to_srgb(
            np.clip(linear * np.float32(ev), 0, 1)
        ),
        "the light grew by another base than two: a stop is a doubling": linear_to_srgb(
            np.clip(linear * np.float32(np.exp(ev)), 0, 1)
        ),
    }
    if cause := first_cause(mistakes, np.clip(rendered, 0, 1)):
        return f"Expected the photo at another exposure, but {cause}."
    if rendered.max() > 1 + 1e-4:
        return "Expected values up to 1, but some are larger: light above white has to be clipped."
    if close(rendered, apply_ev(photo, ev), 0.04):
        return (
            "Expected the sRGB curve itself, but the result is only near it: a plain power such as "
            "2.2 has no straight part near black."
        )
    return (
        "Expected light times a power of two, clipped, then the sRGB curve, but the picture "
        "differs: compare each step with the equations."
    )


def _judge_clipped_share(answer: Any) -> None:
    picture = np.full((2, 6, 3), 0.5, np.float32)
    picture[0, 0] = 1.0
    picture[0, 1, 2] = 1.0  # one channel is enough
    picture[1, 4, 0] = 254.6 / 255  # an 8-bit file rounds this to white
    picture[1, 5, 1] = 254 / 255  # bright, and still told apart
    picture[1, :2] = 0.0
    share = number(call(answer, picture), "the clipped share")
    expect(
        0 <= share <= 1,
        "Expected a share between 0 and 1, but got one outside: divide by the number of pixels, "
        "and give no percentage.",
    )
    white, black = picture >= 254.5 / 255, picture <= 0
    mistakes = {
        "values were counted: a pixel counts once if any channel is clipped": [
            white.mean(),
            (picture >= 1).mean(),
        ],
        "all three channels had to be white: one is enough": [white.all(axis=2).mean()],
        "values just below 1 were left out: an 8-bit file rounds them to 255": [
            (picture >= 1).any(axis=2).mean()
        ],
        "black was counted as well: clipped means at white": [(white | black).any(axis=2).mean()],
        "bright pixels that stay below 255 were counted as well": [
            (picture >= 0.99).any(axis=2).mean()
        ],
    }
    if cause := first_cause(mistakes, share, close_to_any):
        raise Wrong(f"Expected the share of clipped pixels, but {cause}.")
    expect(
        close(share, clipped_share(picture)),
        "Expected clipped pixels over all pixels, but got another share: mind the axis of the "
        "channels.",
    )


def _judge_psnr_per_ev(answer: Any) -> None:
    photos = _photos()
    result = call(answer, photos, EVS)
    if not isinstance(result, dict) or set(result) != set(EVS):
        raise Wrong(
            "Expected a dictionary with one entry for each exposure value that was given, and the "
            "values themselves as keys."
        )
    scores = [[psnr(apply_ev(photo, ev), photo) for photo in photos] for ev in EVS]
    got = [number(result[ev], "each entry") for ev in EVS]
    mistakes = {
        "the sum over the photos: divide": [sum(values) for values in scores],
        "the first photo alone: use all": [values[0] for values in scores],
        "the last photo alone: use all": [values[-1] for values in scores],
        "one PSNR over the pixels of all photos: take the PSNR of each photo first, then the "
        "mean": [_pooled_psnr(photos, ev) for ev in EVS],
    }
    if what := first_cause(mistakes, got, partial(close, tolerance=0.01)):
        raise Wrong(f"Expected the mean of the photos' PSNRs, but got {what}.")
    expect(
        close(got, [np.mean(values) for values in scores], 0.01),
        "Expected the mean PSNR between each photo and its rendering, but an entry differs: "
        "check what is compared with what, and at which exposure.",
    )


def _pooled_psnr(photos: list[Array], ev: float) -> float:
    stack = np.concatenate(photos)
    return psnr(apply_ev(stack, ev), stack)


QUESTIONS = (
    Question("01.predict-stop", 1, _judge_stop),
    Question("01.render-ev", 4, _judge_rendering),
    Question("01.clipped-share", 3, _judge_clipped_share),
    Question("01.psnr-per-ev", 3, _judge_psnr_per_ev),
    Question("01.explain", 2, CHOICE),
)
