"""Graded form of chapter 08's question which artefact has which cause; a release deals letters."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from exposure_lab.course.expectations import Wrong
from exposure_lab.course.graded.question import GradedQuestion, Variant

LETTERS = "ABCDEF"

CAUSES = (
    "Different tones of the scene were stored as one value.",
    "The four phases of a kernel in the block before the head have different sums.",
    "The four phases of the head have different sums.",
    "Beyond the border a transposed convolution has nothing to add.",
    "Inputs were mirrored, and their targets were not.",
    "The learning rate was too high.",
)
"""Causes as the chapter's list has them behind its letters."""

OF_ARTEFACT = {
    "a grid that repeats every 4 px": "B",
    "a sky of one flat tone": "A",
    "a rim, also on a grey card": "D",
    "a training photo that comes out turned round": "E",
}
"""Artefact to the chapter's letter of its cause."""

HINTS = {
    "a grid that repeats every 4 px": "every layer after the one that prints the grid doubles its "
    "period",
    "a sky of one flat tone": "ask whether the file of the flat sky still holds the difference",
    "a rim, also on a grey card": "a grey card has no content that could be to blame for the rim",
    "a training photo that comes out turned round": "ask which pairs the network with the turned "
    "photo was trained on",
}
"""Artefact to what is said where its cause is not right."""

IN_A_LAYER = "the grid and the rim"
IN_THE_DATA = "the flat sky and the turned photo"

PARTS = {
    IN_A_LAYER: ("a grid that repeats every 4 px", "a rim, also on a grey card"),
    IN_THE_DATA: ("a sky of one flat tone", "a training photo that comes out turned round"),
}
"""Part of the question to its artefacts."""


def _draw(rng: np.random.Generator) -> Variant:
    """Draw which of the chapter's letters stands at each place; each artefact gets another."""
    while True:
        variant = {"order": "".join(rng.permutation(list(LETTERS)))}
        right = _right_letters(variant)
        if all(right[artefact] != letter for artefact, letter in OF_ARTEFACT.items()):
            return variant


def _right_letters(variant: Variant) -> dict[str, str]:
    order = variant["order"]
    return {artefact: LETTERS[order.index(letter)] for artefact, letter in OF_ARTEFACT.items()}


def _edits(variant: Variant) -> Mapping[str, str]:
    """New order of the causes, and an example in the starting code that is still no answer."""
    texts = dict(zip(LETTERS, CAUSES, strict=True))
    lines = {
        f"- **{letter}.** {texts[letter]}\n": f"- **{letter}.** {texts[original]}\n"
        for letter, original in zip(LETTERS, variant["order"], strict=True)
    }
    left_over = LETTERS[variant["order"].index("F")]
    return {**lines, '# such as "F"': f'# such as "{left_over}"'}


def _judge(variant: Variant, value: Any) -> Mapping[str, str | None]:
    try:
        letters = letters_of(value)
    except Wrong as wrong:
        return dict.fromkeys(PARTS, str(wrong))
    right = _right_letters(variant)
    return {
        part: next((s for one in artefacts if (s := why_wrong(one, letters[one], right))), None)
        for part, artefacts in PARTS.items()
    }


def letters_of(answer: Any) -> Mapping[str, Any]:
    """What an answer, a mapping or letters in order, gives for each artefact. Raises Wrong."""
    if isinstance(answer, str | list | tuple) and len(answer) == len(OF_ARTEFACT):
        answer = dict(zip(OF_ARTEFACT, answer, strict=True))
    if not isinstance(answer, Mapping) or set(answer) != set(OF_ARTEFACT):
        raise Wrong("Expected one letter for each of the four artefacts, but got something else.")
    return answer


def why_wrong(artefact: str, letter: Any, right: Mapping[str, str]) -> str | None:
    """Say why the letter of an artefact is wrong; None where it is right.

    Args:
        artefact: a key of `OF_ARTEFACT`.
        letter: what the answer gives for it.
        right: artefact to the right letter.
    """
    if letter is None or letter is Ellipsis:
        return "Expected a letter for each artefact, but one has none yet."
    if not isinstance(letter, str) or letter.strip().upper() not in set(LETTERS):
        return "Expected letters from A to F, but got something else."
    if letter.strip().upper() != right[artefact]:
        return f"Expected the cause of each artefact, but one is another: {HINTS[artefact]}."
    return None


EXPLAIN = GradedQuestion(
    id="08.explain",
    name="causes",
    objective="name the cause of an artefact by the trace that it leaves",
    what="the letter of each artefact's cause",
    parts={IN_A_LAYER: 1, IN_THE_DATA: 1},
    reference=_right_letters,
    draw=_draw,
    edits=_edits,
    judge=_judge,
)
