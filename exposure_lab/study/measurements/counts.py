"""Counts of inputs and of steps, from the list of the scenes and the plan of the batches."""

from pathlib import Path

from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS, msec_scenes
from exposure_lab.data.synthesis.exposure import EVS
from exposure_lab.profiles.load import load_profile
from exposure_lab.study.samples import Sample

FIGURES = (
    "training_inputs",
    "validation_inputs",
    "testing_inputs",
    "inputs_per_target",
    "inputs_in_an_epoch",
    "steps_in_an_epoch",
)


def measure_counts(data: Path | None = None) -> list[Sample]:
    """Count inputs and steps, as section 6 of the report states them.

    Args:
        data: not read; the counts are those of MSEC.

    Returns:
        - ``training_inputs``, ``validation_inputs``, ``testing_inputs``: scenes of a split in the
          list that was gathered, times the exposures of each
        - ``inputs_per_target``: inputs that its authors state, by scenes in that list
        - ``inputs_in_an_epoch``: share of the training inputs that an epoch of the report's run has
        - ``steps_in_an_epoch``: batches of 64 that it has, the last one smaller
    """
    scenes = {split: len(names) for split, names in msec_scenes().items()}
    inputs = {split: count * len(EVS) for split, count in scenes.items()}
    per_target = MSEC_COUNTS["training"] / scenes["training"]
    share, steps = _epoch(inputs["training"])
    values = {
        "training_inputs": inputs["training"],
        "validation_inputs": inputs["validation"],
        "testing_inputs": inputs["testing"],
        "inputs_per_target": per_target,
        "inputs_in_an_epoch": share,
        "steps_in_an_epoch": steps,
    }
    return [Sample(name, (float(value),)) for name, value in values.items()]


def _epoch(size: int) -> tuple[float, int]:
    """Deal one epoch of the report's run: share of the inputs that it has, number of steps."""
    from exposure_lab.data.loading.loader import BatchPlan

    training = load_profile("report").training
    plan = BatchPlan(size, training.batch_size, seed=0, steps_per_epoch=training.steps_per_epoch)
    dealt = {index for step in range(plan.steps_per_epoch) for _, index in plan.batch(step)}
    return len(dealt) / size, plan.steps_per_epoch
