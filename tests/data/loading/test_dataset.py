"""Photos reach training the same way from files and from a pack."""

from pathlib import Path

import pytest
import torch
from numpy.testing import assert_array_equal
from torch import Tensor

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages, fingerprint, open_photos
from exposure_lab.data.loading.loader import BatchPlan, load_batches
from exposure_lab.data.packing import pack
from exposure_lab.errors import DataError
from exposure_lab.runtime import Runtime
from exposure_lab.training.history import read_history
from exposure_lab.training.trainer import train


@pytest.fixture(scope="module")
def packed(small_set: Path, tiny: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(small_set, tmp_path_factory.mktemp("photos") / "set.pack", tiny.data)


def test_files_and_pack_give_the_same(small_set: Path, packed: Path, tiny: RunConfig) -> None:
    files, mapped = (open_photos(data, "training", tiny.data) for data in (small_set, packed))
    assert len(files) == len(mapped) == 20
    for index in range(20):
        assert files.ev(index) == mapped.ev(index)
        for a, b in zip(files[index], mapped[index], strict=True):
            assert_array_equal(a, b)
    assert fingerprint(packed) == fingerprint(small_set)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_batch_is_its_items(
    packed: Path,
    tiny: RunConfig,
    cpu: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
) -> None:
    move, moved = Runtime.to_device, []

    def recorded(self: Runtime, tensors: list[Tensor]) -> list[Tensor]:
        moved.extend(tensor.dtype for tensor in tensors if tensor.ndim == 4)
        return move(self, tensors)

    monkeypatch.setattr(Runtime, "to_device", recorded)
    images = PairedImages(open_photos(packed, "training", tiny.data), tiny.data, 5)
    plan = BatchPlan(20, 4, 5)
    batches = list(load_batches(images, plan, 3, 6, cpu, workers))
    assert len(batches) == 3
    assert moved == 6 * [torch.uint8]  # a quarter of what floats take
    for step, batch in enumerate(batches, start=3):
        for item, real_input, real_target in zip(plan.batch(step), *batch, strict=True):
            expected_input, expected_target = images[item]
            assert torch.equal(real_input, expected_input)
            assert torch.equal(real_target, expected_target)


@pytest.mark.slow
def test_a_run_on_a_pack_is_the_run_on_its_files(
    small_set: Path, packed: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    for name, data in (("files", small_set), ("pack", packed)):
        train(tiny, data, tmp_path / name, quiet=True)
    assert read_history(tmp_path / "files") == read_history(tmp_path / "pack")


def test_a_folder_that_is_neither(tmp_path: Path, tiny: RunConfig) -> None:
    with pytest.raises(DataError, match="Expected training pairs in"):
        open_photos(tmp_path, "training", tiny.data)
