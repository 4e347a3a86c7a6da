"""Graded form of chapter 03's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "Change a pixel outside of a logit's square, and the logit stays as it was.",
    "In a picture of twice the side, each logit sees twice as many pixels along a side.",
    "Two neighbouring logits look at almost the same pixels.",
    "Of two corrections, D is trained to score the one with the smaller L1 error higher.",
    "If the generator returned exactly the target, D would still be told that it is fake.",
    "Of two critics, the one with fewer weights also needs fewer multiplications.",
)

CHOICE = MultipleChoice(
    right="ACE",
    if_chosen={
        "B": "Expected only true sentences, but one of the chosen ones takes a number of pixels "
        "for a share of the picture.",
        "D": "Expected only true sentences, but one of the chosen ones gives D a measure that it "
        "is never shown.",
        "F": "Expected only true sentences, but one of the chosen ones forgets that a weight can "
        "be used at many places.",
    },
    if_missing={
        "A": "Expected all the true sentences, but one about what the gradient picture shows is "
        "missing.",
        "C": "Expected all the true sentences, but one about how far apart the squares lie is "
        "missing.",
        "E": "Expected all the true sentences, but one about where the labels come from is "
        "missing.",
    },
)

EXPLAIN = lettered(
    "03.explain",
    CHOICE,
    SENTENCES,
    objective="tell what a patch critic sees, and what it is trained on",
)
