"""Graded form of a question that offers lettered sentences: a release gives them other letters."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from exposure_lab.course.expectations import Wrong, letters
from exposure_lab.course.graded.question import GradedQuestion, Variant
from exposure_lab.course.multiple_choice import MultipleChoice

EVERY, MOST = "every sentence judged rightly", "at most one sentence judged wrongly"
"""Phrases of the two parts."""


def lettered(
    question_id: str,
    choice: MultipleChoice,
    sentences: tuple[str, ...],
    *,
    objective: str,
    name: str = "true_sentences",
    what: str = "the letters of all true sentences and of no other",
) -> GradedQuestion:
    """Make the graded form of a question whose answer is a set of letters.

    A release deals the letters out anew, so that other letters are right than in the chapter. The
    answer earns a point for at most one sentence judged wrongly, and another for none.

    Args:
        question_id: such as ``01.explain``.
        choice: the right letters in the chapter's order, and what is said of each wrong choice.
        sentences: as the chapter's list has them behind their letters, in its order.
        objective: what a student can do who answers it.
        name: variable that the answer's cell defines.
        what: what the answer gives.

    Raises:
        ValueError: not as many sentences as letters, or no letter could change sides.
    """
    if len(sentences) != len(choice.choices):
        raise ValueError(f"{question_id}: {len(choice.choices)} letters, {len(sentences)} texts.")
    if set(choice.right) == set(choice.choices):
        raise ValueError(f"{question_id}: where all letters are right, none can change sides.")
    return GradedQuestion(
        question_id,
        name,
        objective,
        what,
        parts={EVERY: 1, MOST: 1},
        reference=partial(_right_letters, choice),
        draw=partial(_draw_order, choice),
        edits=partial(_reorder, choice, sentences),
        judge=partial(_judge, choice),
    )


def _draw_order(choice: MultipleChoice, rng: np.random.Generator) -> Variant:
    """Draw which of the chapter's letters stands at each place; other letters become right."""
    while True:
        order = "".join(rng.permutation(list(choice.choices)))
        variant = {"order": order}
        if _right_letters(choice, variant) != set(choice.right):
            return variant


def _right_letters(choice: MultipleChoice, variant: Variant) -> set[str]:
    pairs = zip(choice.choices, variant["order"], strict=True)
    return {letter for letter, original in pairs if original in choice.right}


def _reorder(
    choice: MultipleChoice, sentences: tuple[str, ...], variant: Variant
) -> Mapping[str, str]:
    lines = dict(zip(choice.choices, sentences, strict=True))
    return {
        f"- **{letter}.** {lines[letter]}\n": f"- **{letter}.** {lines[original]}\n"
        for letter, original in zip(choice.choices, variant["order"], strict=True)
    }


def _judge(choice: MultipleChoice, variant: Variant, value: Any) -> Mapping[str, str | None]:
    try:
        chosen = letters(value, choice.choices)
    except Wrong as error:
        return dict.fromkeys((EVERY, MOST), str(error))
    originals = {variant["order"][choice.choices.index(letter)] for letter in chosen}
    wrong = [text for letter, text in choice.if_chosen.items() if letter in originals]
    missing = [choice.if_missing[letter] for letter in choice.right if letter not in originals]
    sentences: list[str | None] = [*wrong, *missing, None, None]
    # Two sentences where two are judged wrongly: the second part's is about the second of them.
    return {EVERY: sentences[0], MOST: sentences[1]}
