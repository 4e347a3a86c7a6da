"""Warm start: a new run that begins from the networks of another, with optimisers of its own."""

from pathlib import Path
from typing import Any

from exposure_lab.checkpoints.checkpoint import restore_latest
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig, parse_config
from exposure_lab.errors import RunError
from exposure_lab.files.checksum import sha256
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.runtime import unwrap
from exposure_lab.training.gan import GAN

ORIGIN = "started_from.json"
"""Name of the file in a run's folder that tells whose weights it was started from."""

Origin = dict[str, Any]
"""The ``run`` (the name of its folder), the ``step`` of its checkpoint, and ``weights``: a hash."""


def start_from(run: Path | str, gan: GAN, config: RunConfig) -> Origin:
    """Fill both networks from the newest checkpoint of another run.

    The optimisers begin anew, as does a moving average, from the generator as it was trained.

    Args:
        run: folder of the other run.
        gan: networks of a new one.
        config: its settings.

    Raises:
        RunError: no run, or one whose networks compute on another scale.
        CheckpointError: its networks have other layers, or none of its checkpoints can be read.
        FilesError, ConfigError: its settings cannot be read.
    """
    run = Path(run)
    if not checkpoint_folders(run):
        raise RunError(f"Expected a run with a checkpoint in {run}, but there is none: check it.")
    scale = parse_config(read_json_object(run / "config.json")).data.normalise
    if scale != config.data.normalise:
        raise RunError(
            f"Expected networks that compute as these do, but {run} has data.normalise={scale}: "
            "start with the same."
        )
    networks = {name: gan.networks[name] for name in ("generator", "discriminator")}
    checkpoint = restore_latest(run, networks, {})
    assert checkpoint is not None
    if gan.average is not None:
        gan.average.module.load_state_dict(unwrap(gan.generator).state_dict())
    digest = sha256(checkpoint.folder / "tensors.safetensors")
    step = checkpoint.state["step"]
    return {"run": run.resolve().name, "step": step, "weights": digest[:16]}


def settle_origin(out: Path, origin: Origin | None) -> None:
    """Write down what a run starts from, or check that it goes on as it was started.

    Args:
        out: folder of the run, which this process holds.
        origin: from `start_from`; None where nothing was named.

    Raises:
        RunError: the run was started in another way.
    """
    known, is_begun = read_origin(out), bool(checkpoint_folders(out))
    if origin is None and known is not None and not is_begun:
        raise RunError(
            f"Expected the run that {out} was to start from, since it has no checkpoint of its own "
            f"yet: name {known.get('run')} again with --from."
        )
    if origin is not None and origin != known and (is_begun or known is not None):
        raise RunError(
            f"Expected to go on with {out} as it was started, but that was from "
            f"{'no other run' if known is None else known.get('run')}: leave --from out, or train "
            "in another folder."
        )
    if origin is not None:
        write_json(out / ORIGIN, origin)


def read_origin(out: Path) -> Origin | None:
    """Read what a run was started from; None where it was from nothing.

    Raises:
        FilesError: the file is there and cannot be read.
    """
    return read_json_object(out / ORIGIN) if (out / ORIGIN).exists() else None
