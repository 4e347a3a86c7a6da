"""The conditions that a run computes under: while they stay, a resume gives the same bits.

Steps under equal conditions make a stretch. A record of a run holds the ``provenance`` of its last
stretch and, where there were several, all of them as ``stretches``, oldest first.
"""

import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from exposure_lab.checkpoints.checks import unreadable
from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.provenance import provenance
from exposure_lab.runtime import Runtime, device_name

Stretch = dict[str, Any]
"""``from_step``, the steps done before it, and the ``provenance`` of its own steps."""

DECIDING = ("device", "processor", "system", "precision", "threads", "processes", "python")
"""What changes the last bits of a result, beside the versions of packages and this program's."""


def run_provenance(config: RunConfig, runtime: Runtime, fingerprint: str) -> dict[str, Any]:
    """What made a run, with everything that decides its bits.

    Args:
        config: its settings.
        runtime: device, precision and processes.
        fingerprint: of the data it trains on.
    """
    return provenance(device_name(runtime.device), config.seed, fingerprint) | {
        "profile": config.profile,
        "precision": runtime.precision,
        "threads": torch.get_num_threads(),
        "processes": runtime.world_size,
    }


def check_data(run: object, then: Any, now: dict[str, Any]) -> None:
    """See that a run goes on with the data that it was begun with.

    Args:
        run: its folder, for the sentence.
        then: the provenance of its checkpoint; one of an older version has none, and is taken.
        now: of this process.

    Raises:
        RunError: the data have another fingerprint.
    """
    known = then.get("data") if isinstance(then, dict) else None
    if known is not None and known != now["data"]:
        raise RunError(
            f"Expected the data that {run} was trained on so far (fingerprint {known}), but these "
            f"have {now['data']}: name the same set, as it was, or train in another folder."
        )


def differences(then: Any, now: dict[str, Any]) -> list[str]:
    """What is not as it was when a checkpoint was written, such as ``threads 2 then, 1 now``."""
    if not isinstance(then, dict):
        return []
    before, after = (
        {key: made.get(key) for key in DECIDING} | _programs(made) for made in (then, now)
    )
    return [
        f"{key} {before.get(key)} then, {value} now"
        for key, value in after.items()
        if before.get(key) != value
    ]


def check_stretches(folder: Path, state: Mapping[str, Any]) -> None:
    """See that the stretches in a state, where it has some, follow each other up to its step.

    Raises:
        CheckpointError: they are none, or are those of another run.
    """
    if "stretches" in state and not _are_stretches(state["stretches"], state["step"]):
        said = reprlib.repr(state["stretches"])
        raise unreadable(folder, f"stretches in state.json are {said}")


def stretches_of(state: Mapping[str, Any]) -> list[Stretch]:
    """The stretches up to a checkpoint; none where it is of before conditions were stored."""
    made = state.get("provenance")
    if not isinstance(made, dict):
        return []
    *before, last = state.get("stretches", [{"from_step": 0}])
    return [*before, last | {"provenance": made}]


def continued(stretches: Sequence[Stretch], step: int, now: dict[str, Any]) -> list[Stretch]:
    """The stretches of a run once it has gone on.

    Args:
        stretches: up to where it went on.
        step: at which that was.
        now: provenance of this process.
    """
    if not stretches:
        return [{"from_step": 0, "provenance": now}]
    *before, last = stretches
    if differences(last["provenance"], now):
        return [*stretches, {"from_step": step, "provenance": now}]
    return [*before, last | {"provenance": now}]


def record_of(stretches: Sequence[Stretch]) -> dict[str, Any]:
    """What a checkpoint and a summary say of the stretches."""
    record: dict[str, Any] = {"provenance": stretches[-1]["provenance"]}
    return record | ({"stretches": list(stretches)} if len(stretches) > 1 else {})


def _are_stretches(stretches: Any, step: int) -> bool:
    if not (isinstance(stretches, list) and stretches):
        return False
    for one in stretches:
        if not (isinstance(one, dict) and isinstance(one.get("provenance"), dict)):
            return False
        if type(one.get("from_step")) is not int:
            return False
    starts = [one["from_step"] for one in stretches]
    return starts[0] == 0 and starts[-1] < step and starts == sorted(set(starts))


def _programs(made: dict[str, Any]) -> dict[str, Any]:
    versions = made.get("versions")
    return {"commit": made.get("commit")} | (versions if isinstance(versions, dict) else {})
