"""Graded form of chapter 07's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "If G's total loss is lower than yesterday, its pictures are nearer to their targets.",
    "With all weights fixed, the next batch will have another loss than this one.",
    "A loss that falls over the pictures of one batch shows that the network learned.",
    "By the rule of this book, two runs that both still rise can't be ranked by their last scores.",
    "Five renderings of each of two photos give an interval as good as that of ten photos.",
    "A network that scores 20 dB on a perfect photo made all of that error itself.",
)

CHOICE = MultipleChoice(
    right="BDF",
    if_chosen={
        "A": "Expected only true sentences. One chosen sentence trusts in a loss of two parts: of "
        "which part do the photos know nothing?",
        "C": "Expected only true sentences. One chosen sentence takes a slope for learning: "
        "between which two of those values did a weight change?",
        "E": "Expected only true sentences. One chosen sentence counts ten pictures as ten: how "
        "many scenes are they?",
    },
    if_missing={
        "B": "Expected all true sentences, but one is missing; ask: what differs from one batch to "
        "the next, when no weight does?",
        "D": "Expected all true sentences, but one is missing; ask: what do two runs differ in, "
        "beside their rate, when both still rise?",
        "F": "Expected all true sentences, but one is missing; ask: what is left to correct in a "
        "photo that is as it should be?",
    },
)

EXPLAIN = lettered(
    "07.explain",
    CHOICE,
    SENTENCES,
    objective="tell what loss curves and scores show, and what they do not",
)
