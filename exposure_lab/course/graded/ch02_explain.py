"""Graded form of chapter 02's lettered sentences."""

from exposure_lab.course.graded.lettered import lettered
from exposure_lab.course.multiple_choice import MultipleChoice

SENTENCES = (
    "Without skips, all that the output shows has come through the bottleneck.",
    "The finest skip makes a pixel's colour known everywhere in the picture.",
    "A generator with six halvings can correct a photo of 256 px; its narrowest map is "
    "then 4\u00d74.",
    "Since it has no fully connected layer, the generator takes photos of any size.",
    "A maxout layer can do whatever a ReLU layer does.",
    "Our experiment shows that strides are better than pooling.",
)

CHOICE = MultipleChoice(
    right="ACE",
    if_chosen={
        "B": "Expected only true sentences. One chosen sentence sends a detail everywhere: look at "
        "how far the finest skip reaches in the table.",
        "D": "Expected only true sentences. One chosen sentence promises any size: which one did "
        "the network refuse?",
        "F": "Expected only true sentences. One chosen sentence draws a law from a first look: how "
        "many photos, steps and seeds was it?",
    },
    if_missing={
        "A": "Expected all true sentences, but one is missing: what paths are there from input to "
        "output when the dashed arrows are gone?",
        "C": "Expected all true sentences, but one is missing: what is left of the side after six "
        "halvings, and does a convolution mind?",
        "E": "Expected all true sentences, but one is missing: which pieces would make the larger "
        "of the two a ReLU?",
    },
)

EXPLAIN = lettered(
    "02.explain",
    CHOICE,
    SENTENCES,
    objective="tell what the parts of the generator can and cannot do",
)
