"""Questions of chapter 08, analysis, and the judges of their answers."""

from typing import Any

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import expect
from exposure_lab.course.graded.ch08 import expect_sky
from exposure_lab.course.graded.ch08_explain import OF_ARTEFACT, letters_of, why_wrong
from exposure_lab.course.questions.ch08_artefacts import judge_alternating, judge_ghost_strength
from exposure_lab.course.questions.ch08_border import judge_border_distance

DARKEST, BRIGHTEST = 188, 255
"""8-bit values between which the sky of the first question lies."""


def _judge_sky(answer: Any) -> None:
    expect_sky(DARKEST, BRIGHTEST, answer)


def _judge_causes(answer: Any) -> None:
    for artefact, letter in letters_of(answer).items():
        sentence = why_wrong(artefact, letter, OF_ARTEFACT)
        if sentence and isinstance(letter, str) and letter.strip().upper() == "F":
            sentence = "Expected causes that the chapter shows, but one is not."
        expect(sentence is None, sentence or "")


QUESTIONS = (
    Question("08.predict-sky", 1, _judge_sky),
    Question("08.alternating", 3, judge_alternating),
    Question("08.ghost-strength", 4, judge_ghost_strength),
    Question("08.border-distance", 3, judge_border_distance),
    Question("08.explain", 2, _judge_causes),
)
