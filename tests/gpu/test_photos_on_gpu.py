"""Photos that lie on the GPU give the batches that the files give, to the bit."""

from pathlib import Path

import pytest
import torch

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.gpu_resident import ResidentPhotos, fits_on_gpu
from exposure_lab.data.loading.loader import BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import find_pairs
from exposure_lab.runtime import Runtime

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("short_side", [24, 0], ids=["crops", "squares"])
@pytest.mark.parametrize("workers", [0, 2])
def test_the_same_batches(
    tiny: RunConfig,
    small_set: Path,
    device: torch.device,
    tmp_path: Path,
    short_side: int,
    workers: int,
) -> None:
    changes = {"short_side": short_side, "jitter_probability": 0.5}
    config = tiny.data.model_copy(update=changes)
    photos = PackedPairs(pack(small_set, tmp_path / "set.pack", config), "training", config)
    assert fits_on_gpu(photos, device) == (device.type == "cuda")
    plan = BatchPlan(len(photos), 6, seed=5, steps_per_epoch=20)
    sources = {
        "files": (PairedImages(find_pairs(small_set, "training"), config, 5), None),
        "pack": (PairedImages(photos, config, 5), None),
        "device": (PairedImages(photos, config, 5), ResidentPhotos(photos, device)),
    }
    runtime = Runtime(device, "fp32")
    batches = [
        list(load_batches(images, plan, 2, 12, runtime, workers, resident))
        for images, resident in sources.values()
    ]
    for of_step in zip(*batches, strict=True):
        for sides in zip(*of_step, strict=True):
            assert all(side.device.type == device.type for side in sides)
            assert all(torch.equal(side, sides[0]) for side in sides)
            assert len({side.stride() for side in sides}) == 1  # so that the same kernels follow
