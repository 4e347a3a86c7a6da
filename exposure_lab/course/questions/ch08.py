"""Questions of chapter 08, analysis, and the judges of their answers."""

from typing import Any

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, expect
from exposure_lab.course.graded.ch08 import expect_sky
from exposure_lab.course.questions.ch08_artefacts import judge_alternating, judge_ghost_strength
from exposure_lab.course.questions.ch08_border import judge_border_distance

DARKEST, BRIGHTEST = 188, 255
"""8-bit values between which the sky of the first question lies."""

CAUSES = {
    "a grid that repeats every 4 px": "B",
    "a sky of one flat tone": "A",
    "a rim, also on a grey card": "D",
    "a training photo that comes out turned round": "E",
}
"""Artefact to the letter of its cause."""

HINTS = {
    "a grid that repeats every 4 px": "The cause of the grid is not right: every layer after the "
    "one that prints it doubles its period.",
    "a sky of one flat tone": "The cause of the flat sky is not right: ask whether the file still "
    "holds the difference.",
    "a rim, also on a grey card": "The cause of the rim is not right: a grey card has no content "
    "that could be to blame.",
    "a training photo that comes out turned round": "The cause of the turned photo is not right: "
    "ask which pairs the network was trained on.",
}
"""Artefact to what is said where its cause is not right."""


def _judge_sky(answer: Any) -> None:
    expect_sky(DARKEST, BRIGHTEST, answer)


def _judge_causes(answer: Any) -> None:
    if isinstance(answer, str | list | tuple) and len(answer) == len(CAUSES):
        answer = dict(zip(CAUSES, answer, strict=True))
    if not isinstance(answer, dict) or set(answer) != set(CAUSES):
        raise Wrong("Expected one letter for each of the four artefacts, but got something else.")
    expect(
        all(letter is not None for letter in answer.values()),
        "Expected a letter for each artefact, but one has none yet.",
    )
    expect(
        all(
            isinstance(letter, str) and letter.strip().upper() in set("ABCDEF")
            for letter in answer.values()
        ),
        "Expected letters from A to F, but got something else.",
    )
    chosen = {name: letter.strip().upper() for name, letter in answer.items()}
    expect("F" not in chosen.values(), "Expected causes that the chapter shows, but one is not.")
    for name, right in CAUSES.items():
        expect(chosen[name] == right, f"Expected the cause of each artefact. {HINTS[name]}")


QUESTIONS = (
    Question("08.predict-sky", 1, _judge_sky),
    Question("08.alternating", 3, judge_alternating),
    Question("08.ghost-strength", 4, judge_ghost_strength),
    Question("08.border-distance", 3, judge_border_distance),
    Question("08.explain", 2, _judge_causes),
)
