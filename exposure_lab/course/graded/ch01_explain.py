"""Graded form of chapter 01's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "Clipping stores many amounts of light as the same value, so no program can tell them apart "
    "again.",
    "Darkening loses something too: some neighbouring values become one.",
    "A network that has seen enough photos can compute what the clipped pixels of this very photo "
    "held.",
    "Had the bright rendering been stored with 16 bits instead of 8, the sky would have come back.",
    "Making the brightest pixel white restores any photo that was darkened.",
)

CHOICE = MultipleChoice(
    right="AB",
    if_chosen={
        "C": "Expected only true sentences. One chosen sentence promises to tell apart what is "
        "stored as the same value: can any function do that?",
        "D": "Expected only true sentences. One chosen sentence trusts in more bits: does clipping "
        "come before or after storing?",
        "E": "Expected only true sentences. One chosen sentence holds only for photos that reached "
        "white before: look at the photo that does not.",
    },
    if_missing=dict.fromkeys(
        "AB",
        "Expected all true sentences, but one is missing: look again at the two columns of figures "
        "that the experiment printed.",
    ),
)

EXPLAIN = lettered(
    "01.explain",
    CHOICE,
    SENTENCES,
    objective="tell what clipping and darkening lose, and what can bring it back",
)
