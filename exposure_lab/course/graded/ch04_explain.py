"""Graded form of chapter 04's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "Both are mirrored.",
    "Both are cropped, each at a random place of its own.",
    "The input's values are multiplied by 0.9; the target stays.",
    "Input and target are brightened by the same random factor.",
    "The hue of the input is turned by a random amount; the target stays.",
    "A little noise is added to the input; the target stays. (An error as small as the noise does "
    "not count.)",
)

CHOICE = MultipleChoice(
    right="ACF",
    if_chosen={
        "B": "Expected only what can be answered, but in one of the chosen changes the target "
        "shows another part of the scene.",
        "D": "Expected only what can be answered, but after one of the chosen changes nobody can "
        "say how bright the target is.",
        "E": "Expected only what can be answered, but after one of the chosen changes nobody can "
        "say which colour the target has.",
    },
    if_missing={
        "A": "Expected all that can be answered, but one is missing: one change does the same to "
        "both and hides nothing.",
        "C": "Expected all that can be answered, but one is missing: one change only makes another "
        "exposure of the same scene.",
        "F": "Expected all that can be answered, but one is missing: one change makes the question "
        "harder, and its answer stays the same.",
    },
)

EXPLAIN = lettered(
    "04.explain",
    CHOICE,
    SENTENCES,
    objective="tell which changes of a pair leave an answer that follows from the input",
    name="answerable",
    what="the letters of all changes after which the target follows, and of no other",
)
