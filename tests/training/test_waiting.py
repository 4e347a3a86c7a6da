"""Between two looks at the losses nothing makes a GPU wait for the processor."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.gpu_resident import ResidentPhotos
from exposure_lab.data.loading.loader import BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.runtime import Runtime
from exposure_lab.training.gan import GAN
from exposure_lab.training.microbatches import OomRetryStep

WAITS = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "lift_fresh", "equal")
"""Operations whose result the processor has to see; `lift_fresh` is a tensor made of numbers, which
is copied to the device."""


class Recorder(TorchDispatchMode):
    """Notes each operation that waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(func)
        by_mask = "index" in name and any(
            index.dtype == torch.bool for index in args[1] if isinstance(index, torch.Tensor)
        )
        if by_mask or any(wait in name for wait in WAITS):
            self.waits.append(name)
        return func(*args, **(kwargs or {}))


def test_the_recorder_notices() -> None:
    values = torch.arange(3.0)
    for look in (
        lambda: float(values[0]),
        lambda: bool(values.isfinite().all()),
        lambda: values[values > 1],
        lambda: torch.tensor([1.0, 2.0]),
    ):
        with Recorder() as recorder:
            look()
        assert recorder.waits


@pytest.mark.parametrize("adversarial", ["bce", "lsgan", "hinge"])
def test_steps_do_not_wait(
    small_set: Path, tiny: RunConfig, cpu: Runtime, tmp_path: Path, adversarial: str
) -> None:
    data = tiny.data.model_copy(update={"jitter_probability": 0.5, "flip": "report"})
    loss = tiny.loss.model_copy(update={"adversarial": adversarial})
    config = tiny.model_copy(update={"data": data, "loss": loss})
    photos = PackedPairs(pack(small_set, tmp_path / "set.pack", data), "training", data)
    images, plan = PairedImages(photos, data, 5), BatchPlan(20, 4, 5, 9)
    resident = ResidentPhotos(photos, cpu.device)
    gan = GAN.build(config, cpu)
    step = OomRetryStep(gan)
    # The worker draws crops and augmentation, which is no work of the process that has the GPU.
    batches = load_batches(images, plan, 0, 9, cpu, 1, resident)
    step(next(batches))  # starts the worker
    recorder = Recorder()
    with recorder:
        for batch in batches:
            gan.set_lr(1e-3)
            step(batch)
    assert recorder.waits == []
