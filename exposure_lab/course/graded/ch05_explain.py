"""Graded form of chapter 05's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "If D's loss is $\\log 2$, G's pictures cannot be told from real ones.",
    "One answer of D can cost more than a hundred others together.",
    "In G's turn, too, the probability in the cross-entropy is D's.",
    "With L1 alone, G draws the trail at one of its possible heights.",
    "Of two corrections, the one with the higher PSNR can be one that no camera could have taken.",
    "Without a critic, `lambda_l1 = 1000` keeps G nearer to the target than `lambda_l1 = 1`, "
    "with Adam.",
)

CHOICE = MultipleChoice(
    right="BCE",
    if_chosen={
        "A": "Expected only true sentences, but one takes D's ignorance for G's success: what does "
        "a D score that never learned?",
        "D": "Expected only true sentences, but one asks L1 for a choice: look at what is true of "
        "each pixel by itself.",
        "F": "Expected only true sentences, but one forgets what Adam divides by: see what is left "
        "of a constant factor.",
    },
    if_missing={
        "B": "Expected all true sentences, but one is missing: what does the logarithm do near "
        "zero?",
        "C": "Expected all true sentences, but one is missing: which of the two networks ends in a "
        "logit?",
        "E": "Expected all true sentences, but one is missing: which picture of the trail scored "
        "best, and is there such a trail?",
    },
)

EXPLAIN = lettered(
    "05.explain",
    CHOICE,
    SENTENCES,
    objective="tell what each loss rewards, and what its value does not say",
)
