"""Training and scoring of one arm at one seed: one run folder, and one row of results."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as save_tensors
from scipy.stats import spearmanr
from torch import Tensor, nn

from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.files.atomic import write_bytes
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.fingerprints import digest
from exposure_lab.images.array import Array, to_pixels, to_tensor
from exposure_lab.metrics.pixel import l1
from exposure_lab.networks.mlp import MLPDiscriminator, MLPGenerator
from exposure_lab.provenance import commit
from exposure_lab.runtime import Runtime, device_name, start_runtime, unwrap
from exposure_lab.study.curves import curve_of, run_figures
from exposure_lab.study.experiments import Networks
from exposure_lab.study.rows import Row
from exposure_lab.study.scoring import ScoredPair, Scores, score, scored_pairs
from exposure_lab.study.update_norms import UpdateNorms, read_updates
from exposure_lab.training import run_lock
from exposure_lab.training.gan import GAN
from exposure_lab.training.stop_signal import StopSignal
from exposure_lab.training.trainer import Trainer

SCORES = "scores.json"
"""Row of a finished run, in its folder."""

WEIGHTS = "generator.safetensors"
"""Weights of a finished run's generator, in its folder, to be scored on other photos some day."""


@dataclass(frozen=True)
class Task:
    """Run that is asked for: everything that another process needs to do it."""

    config: RunConfig
    data: str
    """Set to train on, in MSEC layout or packed."""
    held_out: str
    """Set whose validation and test splits are scored: the same, where it is not packed."""
    fingerprint: str
    """Fingerprint of the data."""
    runs: str
    """Folder that holds the folders of all runs."""
    until: float | None = None
    """Time by the wall clock, `time.time()`, at which the run stops with a checkpoint."""
    networks: Networks = "report"
    threads: int | None = None
    """Threads of this process; as many as torch takes where not given."""

    @property
    def settings(self) -> str:
        """Hash of the settings, 16 digits: arms with the same settings are one run."""
        return settings_hash(self.config, self.networks)

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        return Path(self.runs, f"{self.settings}-{self.fingerprint}")


def settings_hash(config: RunConfig, networks: Networks = "report") -> str:
    """Hash the settings of a run, its seed included, 16 digits."""
    return digest(config.model_dump(mode="json"), networks)[:16]


def build_mlp(config: RunConfig, runtime: Runtime, steps: int) -> GAN:
    """Build a GAN without a convolution for the squares of the settings."""
    size = config.data.image_size
    return GAN.from_networks(MLPGenerator(size), MLPDiscriminator(size), config, runtime, steps)


BUILDERS: dict[Networks, Callable[[RunConfig, Runtime, int], GAN]] = {
    "report": GAN.build,
    "mlp": build_mlp,
}
"""Builder of the networks of an experiment, by their name."""


def run_task(task: Task) -> Row | None:
    """Train a network as the task asks and score it; a run that is finished is read.

    A run that was interrupted goes on from its last checkpoint.

    Returns:
        The row without arm; None where the time is over, or the run was stopped by it.

    Raises:
        DivergedError: the loss is not finite.
        DataError: the pairs cannot be used.
    """
    path = task.folder / SCORES
    if path.exists():
        return read_json_object(path)
    if task.until is not None and time.time() >= task.until:
        return None
    if task.threads is not None:
        torch.set_num_threads(task.threads)
    try:
        gan, seconds, device = _train(task)
    except RunError:
        if task.until is not None and time.time() >= task.until:
            return None
        raise
    figures = run_figures(task.folder, task.config, read_updates(task.folder))
    if task.config.loss.lambda_adversarial > 0:
        figures["critic_rank"] = critic_rank(gan, scored_pairs(task.held_out, task.config.data))
    row = {
        "seed": task.config.seed,
        "settings": task.settings,
        "data": task.fingerprint,
        "scores": score_generator(
            gan.eval_generator, gan.runtime, scored_pairs(task.held_out, task.config.data)
        ),
        "run": figures,
        "curve": curve_of(task.folder, task.config),
        "seconds": round(seconds, 1),
        "device": device,
        "commit": commit(),
    }
    weights = gan.eval_generator.state_dict()
    content = save_tensors({name: tensor.contiguous() for name, tensor in weights.items()})
    write_bytes(task.folder / WEIGHTS, content)
    write_json(path, row)
    shutil.rmtree(task.folder / "checkpoints")  # the largest part, and of no use once scored
    return row


def critic_rank(gan: GAN, pairs: list[ScoredPair]) -> float:
    """Rank correlation between the critic calling a picture fake and that picture's L1 error.

    Spearman's, over all held-out pictures at wrong exposures: 1 where the critic orders them as
    their error does, 0 where its order has nothing to do with it.
    """
    # In training mode a pass would move BatchNorm's statistics, even without gradients.
    generator, critic = gan.eval_generator.eval(), unwrap(gan.discriminator).eval()
    errors, fakeness = [], []
    for pair in pairs:
        if pair.ev == 0:
            continue
        real_input = _batch(pair.real_input, gan.runtime)
        with torch.inference_mode():
            fake_target = generator(real_input)
            fakeness.append(-float(critic(real_input, fake_target).mean()))
        errors.append(l1(to_pixels(fake_target[0]), pair.real_target))
    return round(float(spearmanr(fakeness, errors).statistic), 5)


def _train(task: Task) -> tuple[GAN, float, str]:
    """Train to the end. Raises RunError where the time is over first."""
    runtime = start_runtime(task.config.precision)
    minutes = None if task.until is None else max(0.0, (task.until - time.time()) / 60)
    resume = (task.folder / run_lock.CONFIG).exists()
    norms: list[UpdateNorms] = []

    def on_epoch(row: dict[str, Any]) -> None:
        norms[0].measure(row)

    trainer = Trainer(
        task.config,
        task.data,
        task.folder,
        runtime,
        on_epoch=on_epoch,
        quiet=True,
        build=BUILDERS[task.networks],
    )
    with (
        StopSignal(None, minutes) as stop,
        run_lock.acquire(task.folder, task.config, resume),
    ):
        trainer.start(resume)
        epoch, within = divmod(trainer.progress.step, trainer.plan.steps_per_epoch)
        norms.append(UpdateNorms(task.folder, unwrap(trainer.gan.generator), epoch, within > 0))
        trainer.run(stop)
    trainer.folder.summarize(trainer.progress)
    return trainer.gan, trainer.progress.seconds, device_name(runtime.device)


def score_generator(generator: nn.Module, runtime: Runtime, pairs: Sequence[ScoredPair]) -> Scores:
    """Score a generator, in evaluation mode, on held-out pairs; see `score`.

    Args:
        generator: maps images (1, 3, H, W), sRGB in [-1, 1], to the same, on the runtime's device.
        runtime: device.
        pairs: as `held_out_pairs` gives them.
    """
    generator.eval()

    def correct(image: Array) -> Array:
        with torch.inference_mode():
            return to_pixels(generator(_batch(image, runtime))[0])

    return score(correct, pairs)


def _batch(image: Array, runtime: Runtime) -> Tensor:
    (batch,) = runtime.to_device([to_tensor(image)[None]])
    return batch
