"""Resume: networks, optimisers and random state of a run from the newest checkpoint of use."""

from pathlib import Path

from exposure_lab.checkpoints.checkpoint import Checkpoint, restore_latest
from exposure_lab.checkpoints.checks import Kind, NewerCheckpointError, check_scaler
from exposure_lab.errors import CheckpointError
from exposure_lab.training.conditions import check_stretches
from exposure_lab.training.gan import GAN
from exposure_lab.training.history import HistoryCheck

REQUIRED: dict[str, Kind] = {"seconds": (int, float), "scaler": dict, "averaged": int}
"""Entries of a checkpoint's state that a run needs to go on, and their types."""


def restore_newest(run: Path, gan: GAN, steps_per_epoch: int) -> Checkpoint | None:
    """Restore the newest checkpoint that the history of its run covers.

    Every process reads the history for itself, so that all choose the same checkpoint.

    Args:
        run: folder of the run.
        gan: networks and optimisers to fill.
        steps_per_epoch: tells where an epoch's scores belong.

    Returns:
        The checkpoint without its tensors; None where there is none.

    Raises:
        CheckpointError: there are checkpoints, and none can be used.
        RunError: the history covers none of them.
    """
    history = HistoryCheck(run, steps_per_epoch)

    def check(checkpoint: Checkpoint) -> None:
        check_scaler(checkpoint.folder, checkpoint.state["scaler"])
        check_stretches(checkpoint.folder, checkpoint.state)
        history.check(checkpoint.folder, checkpoint.state["step"])

    try:
        checkpoint = restore_latest(run, gan.networks, gan.optimizers, REQUIRED, check)
    except NewerCheckpointError:
        raise
    except CheckpointError as error:
        if history.first_error is None:
            raise
        raise history.first_error from error  # with its history there would be one to go on from
    if checkpoint is not None:
        _restore_counts(checkpoint, gan)
    return checkpoint


def _restore_counts(checkpoint: Checkpoint, gan: GAN) -> None:
    """Restore the loss scale and the number of averaged steps, which are no tensors of networks."""
    scaler = checkpoint.state["scaler"]
    # A run that went on in another precision has no scale of a loss to go on from.
    if scaler and gan.scaler.is_enabled():
        gan.scaler.load_state_dict(scaler)
    if gan.average is not None:
        gan.average.n_averaged.fill_(checkpoint.state["averaged"])
