"""The conditions that a run computes under: while they stay, a resume gives the same bits.

Steps under equal conditions form a stretch. A record of a run holds the ``provenance`` of its last
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
"""A part of a run under equal conditions: ``from_step``, the steps done before it, and the
``provenance`` of its own steps."""

DECIDING = ("device", "processor", "system", "precision", "threads", "processes", "python")
"""Conditions that change the last bits of a result, beside the versions of packages and of this
program."""


def run_provenance(config: RunConfig, runtime: Runtime, fingerprint: str) -> dict[str, Any]:
    """Provenance of a run, with everything that decides its bits.

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


def check_data(run: object, past: Any, now: dict[str, Any]) -> None:
    """Check that a run goes on with the data that it was begun with.

    Args:
        run: its folder, for the sentence.
        past: the provenance of its checkpoint; one of an older version has none, and passes.
        now: the provenance of this process.

    Raises:
        RunError: the data have another fingerprint.
    """
    known = past.get("data") if isinstance(past, dict) else None
    if known is not None and known != now["data"]:
        raise RunError(
            f"Expected the data that {run} was trained on so far (fingerprint {known}), but these "
            f"have {now['data']}: name the same set, as it was, or train in another folder."
        )


def differences(past: Any, now: dict[str, Any]) -> list[str]:
    """List what has changed since a checkpoint was written, such as ``threads 2 then, 1 now``."""
    if not isinstance(past, dict):
        return []
    old, new = (
        {key: provenance.get(key) for key in DECIDING} | _versions(provenance)
        for provenance in (past, now)
    )
    return [
        f"{key} {old.get(key)} then, {value} now"
        for key, value in new.items()
        if old.get(key) != value
    ]


def check_stretches(folder: Path, state: Mapping[str, Any]) -> None:
    """Check that the stretches in a state, where it has some, follow each other up to its step.

    Raises:
        CheckpointError: they are none, or are those of another run.
    """
    if "stretches" in state and not _are_stretches(state["stretches"], state["step"]):
        raise unreadable(folder, f"stretches in state.json are {reprlib.repr(state['stretches'])}")


def stretches_of(state: Mapping[str, Any]) -> list[Stretch]:
    """List the stretches up to a checkpoint; empty for one of a version that stored none."""
    provenance = state.get("provenance")
    if not isinstance(provenance, dict):
        return []
    *earlier, last = state.get("stretches", [{"from_step": 0}])
    return [*earlier, last | {"provenance": provenance}]


def continued(stretches: Sequence[Stretch], step: int, now: dict[str, Any]) -> list[Stretch]:
    """List the stretches of a run once it has gone on.

    Args:
        stretches: up to where it went on.
        step: at which it went on.
        now: provenance of this process.
    """
    if not stretches:
        return [{"from_step": 0, "provenance": now}]
    *earlier, last = stretches
    if differences(last["provenance"], now):
        return [*stretches, {"from_step": step, "provenance": now}]
    return [*earlier, last | {"provenance": now}]


def record_of(stretches: Sequence[Stretch]) -> dict[str, Any]:
    """Entries about the stretches in a checkpoint's state and in a summary."""
    record: dict[str, Any] = {"provenance": stretches[-1]["provenance"]}
    return record | ({"stretches": list(stretches)} if len(stretches) > 1 else {})


def _are_stretches(stretches: Any, step: int) -> bool:
    if not (isinstance(stretches, list) and stretches):
        return False
    for stretch in stretches:
        if not (isinstance(stretch, dict) and isinstance(stretch.get("provenance"), dict)):
            return False
        if type(stretch.get("from_step")) is not int:
            return False
    starts = [stretch["from_step"] for stretch in stretches]
    return starts[0] == 0 and starts[-1] < step and starts == sorted(set(starts))


def _versions(provenance: dict[str, Any]) -> dict[str, Any]:
    """Versions of packages, and this program's commit, in a provenance that may be made up."""
    versions = provenance.get("versions")
    commit = {"commit": provenance.get("commit")}
    return commit | (versions if isinstance(versions, dict) else {})
