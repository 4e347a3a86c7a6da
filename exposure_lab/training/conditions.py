"""The conditions that a run computes under: while they stay, a resume gives the same bits."""

from typing import Any

import torch

from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.provenance import provenance
from exposure_lab.runtime import Runtime, device_name

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


def _programs(made: dict[str, Any]) -> dict[str, Any]:
    versions = made.get("versions")
    return {"commit": made.get("commit")} | (versions if isinstance(versions, dict) else {})
