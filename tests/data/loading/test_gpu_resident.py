"""Photos that lie on the device give the batches that the loader gives."""

from pathlib import Path

import pytest
import torch

from exposure_lab.config import DataConfig, RunConfig
from exposure_lab.data.loading import gpu_resident as module
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.gpu_resident import ResidentPhotos, fits_on_gpu
from exposure_lab.data.loading.loader import BatchPlan, load_batches
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.runtime import Runtime
from exposure_lab.training import trainer
from exposure_lab.training.history import read_history
from exposure_lab.training.trainer import train

CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=[24, 0], ids=["crops", "gather_crops"])
def config(request: pytest.FixtureRequest, tiny: RunConfig) -> DataConfig:
    """Crops of photos of many widths; whole photos stretched to the square. All variations."""
    changes = {"short_side": request.param, "jitter_probability": 0.5}
    return tiny.data.model_copy(update=changes)


@pytest.fixture(scope="module")
def packed(small_set: Path, config: DataConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(small_set, tmp_path_factory.mktemp("resident") / "set.pack", config)


@pytest.mark.parametrize("split", ["training", "validation"])
@pytest.mark.parametrize("workers", [0, 1])
def test_the_same_batches(
    packed: Path, config: DataConfig, cpu: Runtime, split: str, workers: int
) -> None:
    photos = PackedPairs(packed, split, config)
    images = PairedImages(photos, config, 5)
    plan = BatchPlan(len(photos), 3, 5, steps_per_epoch=20)
    resident = ResidentPhotos(photos, CPU)
    loaded = list(load_batches(images, plan, 2, 20, cpu, workers))
    looked_up = list(load_batches(images, plan, 2, 20, cpu, workers, resident))
    assert len(loaded) == len(looked_up) == 18
    for one, other in zip(loaded, looked_up, strict=True):
        for a, b in zip(one, other, strict=True):
            assert a.dtype == b.dtype and torch.equal(a, b)
            assert a.stride() == b.stride()  # channels last, so that the same kernels follow


def test_photos_of_a_split_are_read_in_pieces(
    packed: Path, config: DataConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = PackedPairs(packed, "validation", config)
    monkeypatch.setattr(module, "READ_CHUNK", 1000)
    resident = ResidentPhotos(photos, CPU)
    # The last two of six photos, each there with five inputs: the bytes from theirs to the end.
    assert 0 < resident.first < len(photos.pixels)
    assert resident.pixels.numpy().tobytes() == photos.pixels[resident.first :].tobytes()


@pytest.mark.slow
def test_a_run_on_the_device_is_the_run_on_the_files(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pack(small_set, tmp_path / "set.pack", tiny.data)
    train(tiny, small_set, tmp_path / "files", quiet=True)
    monkeypatch.setattr(trainer, "fits_on_gpu", lambda photos, device: True)
    made: list[ResidentPhotos] = []
    squares = ResidentPhotos.gather_crops

    def spy(self: ResidentPhotos, *arguments: object) -> object:
        made.append(self)
        return squares(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ResidentPhotos, "gather_crops", spy)
    train(tiny, folder, tmp_path / "device", quiet=True)
    assert len(made) == 12
    assert read_history(tmp_path / "device") == read_history(tmp_path / "files")


def test_only_a_gpu_with_room_takes_them(
    packed: Path, config: DataConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = PackedPairs(packed, "training", config)
    size = len(photos.pixels) - len(
        ResidentPhotos(PackedPairs(packed, "validation", config), CPU).pixels
    )
    gpu = torch.device("cuda")
    for free, room in ((8 * size, True), (8 * size - 1, False)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, 10**12))
        assert fits_on_gpu(photos, gpu) is room
    assert not fits_on_gpu(photos, CPU)
