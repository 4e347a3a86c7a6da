"""Questions of chapter 08, analysis, and the judges of their answers."""

from typing import Any

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import Wrong, expect, number, pair
from exposure_lab.course.questions.ch08_artefacts import judge_alternating, judge_ghost_strength
from exposure_lab.course.questions.ch08_border import judge_border_distance

DARKEST, BRIGHTEST = 188, 255
"""8-bit values between which the sky of the first question lies."""

NEAR = 3
"""8-bit steps by which a prediction may be off."""

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
    painted, at = pair(
        answer, "Expected two numbers: the value that is painted, and where it is furthest off."
    )
    painted, at = number(painted, "the painted value"), number(at, "the true value")
    expect(
        not (0 <= painted <= 1 and 0 <= at <= 1),
        "Expected stored values from 0 to 255, but got some from 0 to 1: multiply by 255.",
    )
    expect(
        DARKEST - NEAR <= at <= BRIGHTEST + NEAR,
        "Expected a true value of the sky, but got one that the sky does not hold.",
    )
    middle = (DARKEST + BRIGHTEST) / 2
    expect(
        abs(painted - BRIGHTEST) > NEAR,
        "Expected what the network paints, but got what it sees: it has learned that the truth "
        "was darker.",
    )
    expect(
        abs(painted - DARKEST) > NEAR,
        "Expected the value with the smallest mean error, but got the darkest: most of the sky "
        "would be missed by much.",
    )
    expect(
        abs(painted - middle) <= NEAR,
        "Expected the one value with the smallest mean absolute error, but got another: half of "
        "the sky should be brighter, half darker.",
    )
    expect(
        abs(at - middle) > NEAR,
        "Expected where the error is largest, but got where it is smallest: there the painted "
        "value happens to be right.",
    )
    expect(
        min(abs(at - DARKEST), abs(at - BRIGHTEST)) <= NEAR,
        "Expected the true value that is furthest from the painted one, but another is further.",
    )


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
