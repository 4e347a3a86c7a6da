"""Networks that chapters examine: trained once with the chapter's profile, then read from a cache.

A finished run lies in the user's cache under a hash of its settings, its data and the code that
trains. An interrupted run is resumed. A run that a chapter trains to be watched lies in a folder
that ends with its kernel.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

import exposure_lab
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.data.sample.sample_set import cache_dir
from exposure_lab.errors import RunError
from exposure_lab.files.json_files import read_json
from exposure_lab.files.ownership import path_lock
from exposure_lab.fingerprints import digest, tree_digest
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.load import load_generator
from exposure_lab.networks.build import Generator
from exposure_lab.notebook.session import Session
from exposure_lab.profiles.load import with_overrides
from exposure_lab.provenance import data_fingerprint
from exposure_lab.training.history import Row, read_history
from exposure_lab.training.trainer import train

ARM = {
    "smoke": (
        "data.image_size=32",
        "data.short_side=64",
        "training.epochs=4",
        "training.steps_per_epoch=50",
    ),
    "colab": ("training.epochs=5",),
}
"""Overrides of all arms of a comparison, by profile; a chapter trains several, so each is short."""

BESIDE_TRAINING = frozenset(
    {"cli", "course", "evaluation", "inference", "notebook", "publishing", "results", "study"}
)
"""Subpackages that no trained network depends on; a change in any other code trains anew."""

WAIT_SECONDS = 3600
"""Longest wait for another chapter that trains the same network at this moment."""


@dataclass(frozen=True)
class Trained:
    """A finished run."""

    name: str
    folder: Path
    config: RunConfig
    summary: Row
    """The content of ``summary.json``."""

    @property
    def gain(self) -> float:
        """Held-out PSNR minus that of the unchanged inputs, dB, over exposures other than 0 EV."""
        return float(self.summary["val_psnr_last"] - self.summary["val_psnr_identity"])

    def history(self, kind: str) -> list[Row]:
        """Rows of the history of one kind, ``step`` or ``epoch``."""
        return read_history(self.folder, kind)

    def generator(self) -> Generator:
        """The trained generator, in evaluation mode on the CPU."""
        return load_generator(self.folder)[0]

    def corrector(self) -> Corrector:
        """The trained generator as an image function."""
        return Corrector.from_run(self.folder)


def trained(session: Session, *overrides: str, name: str = "the network") -> Trained:
    """Train a network with a chapter's profile, or read it from the cache.

    Args:
        session: profile, data and device.
        overrides: settings that differ from the profile's, such as ``"loss.lambda_adversarial=0"``.
        name: name of the network in the line that is printed.

    Raises:
        ConfigError: an unknown setting.
        RunError: the run was stopped, or its loss was not finite.
    """
    config = with_overrides(session.config, overrides)
    folder = cache_dir() / "runs" / _key(config, session)
    summary = folder / "summary.json"
    with path_lock(folder, timeout=WAIT_SECONDS):
        if summary.exists():
            content = read_json(summary)
            print(f"{name}: trained before, {content['steps']} steps; found in the cache")
            return Trained(name, folder, config, content)
        resume, runtime = folder.exists(), session.runtime
        content = train(config, session.data, folder, resume=resume, runtime=runtime)
    # No seconds: those of the first training in a process are mostly the warming up.
    print(f"{name}: trained, {content['steps']} steps")
    return Trained(name, folder, config, content)


def compare(session: Session, arms: Mapping[str, Sequence[str]]) -> dict[str, Trained]:
    """Train several networks that differ in the overrides of their arms alone.

    An arm is shorter and smaller than the profile's own run, see `ARM`.

    Args:
        session: profile, data and device.
        arms: overrides of each arm, by its name.

    Raises:
        ConfigError: an unknown setting.
        RunError: a run was stopped, or its loss was not finite.
    """
    common = ARM.get(session.profile, ())
    return {
        name: trained(session, *common, *overrides, name=name) for name, overrides in arms.items()
    }


def train_until(step: int, config: RunConfig, data: Path, run: Path | str, **options: Any) -> str:
    """Train a run up to a step and stop it there on purpose, as Ctrl-C would.

    A run that has come so far already stays as it is.

    Args:
        step: number of steps to be done.
        config: settings of the run.
        data: folder in MSEC layout.
        run: folder of the run; where it is there, the run goes on.
        options: further arguments of `train`.

    Returns:
        The sentence with which it stopped; its folder is called ``RUN`` in it.

    Raises:
        RunError: the run ended at any other step, as where somebody pressed the stop button.
    """
    if (done := _steps_done(run)) >= step:
        return f"Stopped at step {done} before: its checkpoint is in RUN."
    try:
        train(config, data, run, resume=Path(run).exists(), stop_after=step, **options)
    except RunError as stopped:
        if _steps_done(run) != step:
            raise
        return str(stopped).replace(str(run), "RUN")
    return f"Came to its last step, {_steps_done(run)}: its checkpoint is in RUN."


def _steps_done(run: Path | str) -> int:
    """Number of steps up to the newest checkpoint of a run; 0 where there is none."""
    return max((int(folder.name) for folder in checkpoint_folders(run)), default=0)


def kernel_folder() -> Path:
    """Folder for what a chapter makes to look at; it is removed when the kernel ends.

    It is the same at each call, so that a cell that runs again finds what it has made.
    """
    return Path(_kernel_folder().name)


@cache
def _kernel_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="exposure-lab-", ignore_cleanup_errors=True)


def _key(config: RunConfig, session: Session) -> str:
    """Hash of all that a trained network depends on: settings, data, code, torch, device."""
    package = Path(exposure_lab.__file__).parent
    files = [
        file
        for file in package.rglob("*.py")
        if file.relative_to(package).parts[0].removesuffix(".py") not in BESIDE_TRAINING
    ]
    settings: dict[str, Any] = config.model_dump(mode="json")
    made_by = tree_digest(package, files), torch.__version__, session.runtime.device.type
    return digest(settings, data_fingerprint(session.data), *made_by)[:16]
