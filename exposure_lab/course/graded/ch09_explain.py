"""Graded form of chapter 09's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "A kernel whose weights sum to 1 leaves flat parts of a photo as bright as they were, even if "
    "some weights are negative.",
    "Ten passes of the mean kernel brighten a photo more than one pass does.",
    "Of a grey photo and of its rendering two stops darker, histogram equalisation makes nearly "
    "the same picture.",
    "`white-point` uses no knowledge of the original, so it works for every photo that was "
    "darkened.",
    "If two photographers want two different pictures from one file, no function of the file alone "
    "satisfies both.",
)

CHOICE = MultipleChoice(
    right="ACE",
    if_chosen={
        "B": "Expected only true sentences. One chosen sentence adds up what is no gain even once: "
        "which power of 1 is above 1?",
        "D": "Expected only true sentences. One chosen sentence forgets what the rule needs in the "
        "original: look for the flat line in the figure of the leak.",
    },
    if_missing={
        "A": "Expected all true sentences, but one is missing: put a constant into the equation of "
        "the kernel and pull it out of the sum.",
        "C": "Expected all true sentences, but one is missing: one of the rules looks at the order "
        "of the values alone: does darkening change it?",
        "E": "Expected all true sentences, but one is missing: how many outputs has a function for "
        "one input?",
    },
)

EXPLAIN = lettered(
    "09.explain",
    CHOICE,
    SENTENCES,
    objective="tell what kernels, rules and functions of a photo can do",
)
