"""Graded form of chapter 06's learning rate: it warms up, stays, and falls to a share of itself."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

STAYS, FALLS = "a run whose rate stays after its warm-up", "a run whose rate falls"

CAUSES = {
    "chapter": "it is the chapter's rate: this release asks for a warm-up and for another end",
    "no warm-up": "its first steps take the whole rate: let it warm up",
    "zero first": "its first step has the rate zero, or the warm-up lasts a step too long: "
    "the first step is step 0 and takes one share",
    "to zero": "it falls to zero: look up where the line ends",
    "from the first": "it falls from the first step on: keep it until the turning point",
    "at once": "it drops at once: let it fall in a straight line",
    "above": "it is above the base rate before the turning point: there it stays",
    "too slowly": "it is too high at the end: the whole fall takes place in the share of the run "
    "that is left",
    "factor": "it is the factor alone: multiply by the base rate",
    "ahead": "it is one step ahead: the first step is step 0",
}
"""Mistake to its cause, as part of a sentence."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"warmup": int(rng.integers(3, 13)), "end_percent": int(rng.integers(5, 31))}


def _note(variant: Variant) -> str:
    steps = variant["warmup"]
    return (
        f"The run also warms up: of its first {steps} steps, step $i$ (the first "
        f"is $i = 0$) takes the share $(i + 1) / {steps}$ of the rate that the rule above gives."
    )


def _edits(variant: Variant) -> dict[str, str]:
    end = f"{variant['end_percent']} % of `lr`"
    return {
        "that would reach zero at step `steps`": f"that would reach {end} at step `steps`",
        "constant first, then a straight line to zero.": (
            f"constant after the warm-up, then a straight line to {end}."
        ),
    }


def _rate(
    variant: Variant, step: int, steps: int, lr: float, decay_from: float, *, mistake: str = ""
) -> float:
    """Rate of one step, or that of a usual mistake."""
    if mistake == "ahead":
        step += 1
    end = 0.0 if mistake in ("chapter", "to zero") else variant["end_percent"] / 100
    begin = 0.0 if mistake == "from the first" else decay_from
    left = 1.0  # 1 at the turning point, 0 at the end
    if begin < 1:
        left = (1 - step / steps) / (1 - begin)
    if mistake == "too slowly":
        left = 1 - (step / steps - begin)
    if mistake == "at once":
        left = float(step < begin * steps)
    factor = end + (1 - end) * (left if mistake == "above" else min(1.0, left))
    if mistake not in ("chapter", "no warm-up"):
        shares = step if mistake == "zero first" else step + 1
        factor *= min(1.0, shares / variant["warmup"])
    return factor if mistake == "factor" else lr * factor


def _reference(variant: Variant) -> Callable[..., float]:
    return partial(_rate, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., float]]:
    return {cause: partial(_rate, variant, mistake=name) for name, cause in CAUSES.items()}


def rates_of_run(
    learning_rate: "Callable[..., float]", steps: int, lr: float, decay_from: float
) -> list[float]:
    """Ask an answer for the rate of every step of a run."""
    return [learning_rate(step, steps, lr, decay_from) for step in range(steps)]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def run(part: str, decay_from: float) -> Case:
        lr = float(10 ** rng.uniform(-4, -2))
        return Case(part, (int(rng.integers(30, 200)), lr, decay_from))

    shares = [0.0, 0.5, *(round(float(share), 2) for share in rng.uniform(0.1, 0.9, 2))]
    return [run(STAYS, 1.0), run(STAYS, 1.0), *(run(FALLS, share) for share in shares)]


LEARNING_RATE = GradedQuestion(
    id="06.learning-rate",
    name="learning_rate",
    objective="write a schedule of the learning rate and check it at its turning points",
    what="the rate of every step of a run",
    parts={STAYS: 1, FALLS: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    note=_note,
    edits=_edits,
    mistakes=_mistakes,
    harness=rates_of_run,
    tolerance=Tolerance(relative=1e-4, absolute=1e-12),  # rates themselves are as small as 1e-5
    leaves_out=("exposure_lab.training.schedule",),
)
