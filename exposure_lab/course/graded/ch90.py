"""Graded questions of the capstone, a student's own reproduction of the report."""

from exposure_lab.course.graded.ch90_cut import CUT_PAIR
from exposure_lab.course.graded.ch90_evaluate import EVALUATE
from exposure_lab.course.graded.ch90_losses import LOSSES
from exposure_lab.course.graded.ch90_pairs import PAIRS
from exposure_lab.course.graded.ch90_patchgan import PATCHGAN
from exposure_lab.course.graded.ch90_resume import RESUME
from exposure_lab.course.graded.ch90_step import STEP
from exposure_lab.course.graded.ch90_trained import TRAINED
from exposure_lab.course.graded.ch90_unet import UNET
from exposure_lab.course.graded.ch90_verdict import VERDICT
from exposure_lab.course.graded.question import GradedQuestion, WrittenQuestion

ABLATIONS = WrittenQuestion(
    id="90.ablations",
    prompt="Which two things did you take away or change, and what did you hold fixed? Say in "
    "three to five sentences what the runs show, and what they cannot show.",
    points=3,
    objective="plan a comparison in which one thing differs, and say what it decides",
    after="90.trained",
    rubric=(
        "Names for each ablation the one thing that differs, and that steps, seeds and data are "
        "equal.",
        "Reads the result off the numbers, with their spread, and not off single pictures.",
        "Names a limit of the comparison, such as short runs, few seeds or few photos.",
    ),
)

REPORT = WrittenQuestion(
    id="90.report",
    prompt="Would you recommend the network of this report to a photographer? Answer in three to "
    "five sentences, from your own table and your own pictures.",
    points=3,
    objective="judge a method by one's own evidence",
    after="90.trained",
    rubric=(
        "Rests on at least two rows of the student's own table.",
        "Says for which photos the network helps and for which it does harm.",
        "Holds it against doing nothing, or against an automatic rule that does not learn.",
    ),
)

QUESTIONS: tuple[GradedQuestion, ...] = (
    PAIRS,
    CUT_PAIR,
    UNET,
    PATCHGAN,
    LOSSES,
    STEP,
    RESUME,
    EVALUATE,
    VERDICT,
    TRAINED,
)
WRITTEN: tuple[WrittenQuestion, ...] = (ABLATIONS, REPORT)
