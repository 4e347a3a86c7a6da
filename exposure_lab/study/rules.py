"""Rules, fixed before the runs they judge, for which training curves may be compared at all."""

from collections.abc import Sequence

import numpy as np

from exposure_lab.errors import RunError
from exposure_lab.training.history import Row

LAST_PART = 0.2
"""Share of a run's steps, at its end, that decides whether it was still learning."""

STILL_RISING_DB = 0.1
"""Rise of held-out PSNR over that part from which on a run counts as unfinished."""

OF_TRAINING = frozenset(
    (
        "loss_fall",
        "first_epoch_fall",
        "late_epoch_fall",
        "settling",
        "loss_quality_rank",
        "one_picture_rank",
        "update_norm",
        "images_per_s",
        "first_epoch_psnr",
    )
)
"""Figures of the training itself, which may be compared whether it has levelled off or not."""


def rise_at_end(rows: Sequence[Row]) -> float:
    """Rise of the held-out PSNR over the last fifth of a run, dB.

    It is the rise of a straight line fitted to the scores from the one where that fifth begins, or
    the last one before it, to the end: with many scores no single one decides.

    Args:
        rows: of a run's history, oldest first; only those of an epoch count.

    Raises:
        RunError: fewer than two scores.
    """
    scored = [(row["step"], row["val_psnr"]) for row in rows if row["kind"] == "epoch"]
    if len(scored) < 2:
        raise RunError(
            f"Expected a run that was scored at least twice, but it was {len(scored)} times: "
            "train it for an epoch or more."
        )
    last = scored[-1][0]
    earlier = [step for step, _ in scored[:-1] if step <= (1 - LAST_PART) * last + 1e-9]
    begin = max(earlier, default=scored[0][0])
    late = np.array([(step / last, score) for step, score in scored if step >= begin])
    slope = np.polyfit(late[:, 0], late[:, 1], 1)[0]  # dB a run
    return float(slope) * LAST_PART


def still_rising(rows: Sequence[Row]) -> bool:
    """Whether a run stopped before its held-out PSNR had levelled off, and so decides nothing.

    Two runs of which one was still rising differ in how far they came, and it cannot be said what
    else. A run whose score falls has levelled off by this rule.

    Args:
        rows: of a run's history, oldest first.

    Raises:
        RunError: fewer than two scores.
    """
    # A rise that is the limit but for rounding is a rise.
    return rise_at_end(rows) > STILL_RISING_DB - 1e-9
