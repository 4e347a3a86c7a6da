"""Graded form of chapter 06's question about what has to be saved; a release deals new letters."""

from collections.abc import Mapping
from dataclasses import replace

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.graded.question import GradedQuestion, Variant
from exposure_lab.course.multiple_choice import MultipleChoice

THINGS = (
    "G's weights and its BatchNorm averages",
    "D's weights and its BatchNorm averages",
    "Adam's two means and its step count, for both networks",
    "the gradients of the last step",
    "the number of steps done",
    "the state of the random numbers that dropout draws from",
    "the losses so far",
)

CHOICE = MultipleChoice(
    right="ABCEF",
    if_chosen={
        "D": "Expected only what the next step needs, but one of the chosen things is thrown away "
        "before anybody reads it again.",
        "G": "Expected only what the next step needs, but one of the chosen things is written down "
        "for people; no update ever reads it.",
    },
    if_missing={
        "A": "Expected all that the next step needs, but without one a resumed run has nothing to "
        "go on from.",
        "B": "Expected all that the next step needs, but without one the critic starts anew and G "
        "is judged by a beginner.",
        "C": "Expected all that the next step needs, but without one the next update has another "
        "length and direction.",
        "E": "Expected all that the next step needs, but without one the same photos come again "
        "and the rate does not fall on time.",
        "F": "Expected all that the next step needs, but without one dropout switches off other "
        "units than it would have.",
    },
)

_LETTERED: GradedQuestion = lettered(
    "06.resume-state",
    CHOICE,
    THINGS,
    objective="say what a stopped run has to keep so that it ends with the same bits",
    name="must_be_saved",
    what="the letters of all that the next step needs and of nothing else",
)


def _edits(variant: Variant) -> Mapping[str, str]:
    """New letters in the list, and in the question about Adam's means in the text above it."""
    adam = CHOICE.choices[variant["order"].index("C")]
    return {**_LETTERED.edits(variant), "Why is C needed": f"Why is {adam} needed"}


RESUME_STATE = replace(_LETTERED, edits=_edits)
