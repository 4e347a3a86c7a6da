"""What becomes of each photo of a batch, when memory runs out over one of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.inference import batch as module
from exposure_lab.inference.batch import Options, Outcome, correct_files
from exposure_lab.inference.output_names import Job


def too_much_for_torch() -> None:
    torch.empty(2**60, dtype=torch.uint8)


def too_much_for_numpy() -> None:
    np.empty(2**60, dtype=np.uint8)


def too_much_for_a_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.\nSee\nmore")


def too_much_for_windows() -> None:
    raise RuntimeError("[enforce fail] data. DefaultCPUAllocator: not enough memory: you tried")


def too_much_for_a_library_of_a_gpu() -> None:
    raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


RUN_OUT = [
    too_much_for_torch,
    too_much_for_numpy,
    too_much_for_a_gpu,
    too_much_for_windows,
    too_much_for_a_library_of_a_gpu,
]


@pytest.fixture
def batch(photo: Array, tmp_path: Path) -> list[Job]:
    """Three photos, the middle one larger."""
    for name, pixels in (("a", photo), ("b", np.tile(photo, (2, 2, 1))), ("c", photo)):
        write_image(tmp_path / f"{name}.png", pixels)
    return [Job(tmp_path / f"{name}.png", tmp_path / "out" / f"{name}.png") for name in "abc"]


def corrected(
    batch: list[Job], photo: Array, patch: pytest.MonkeyPatch, fail: Callable[[], None]
) -> list[Outcome]:
    """Correct by a model that fails on the larger photo."""

    def model(image: Array) -> Array:
        if image.shape != photo.shape:
            fail()
        return image

    patch.setattr(module, "_model", lambda *_: model)
    return list(correct_files(batch, Options("identity")))


@pytest.mark.parametrize("fail", RUN_OUT)
def test_a_photo_that_memory_is_too_small_for_is_named_and_the_rest_done(
    batch: list[Job], photo: Array, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None]
) -> None:
    outcomes = corrected(batch, photo, monkeypatch, fail)
    assert [one.written for one in outcomes] == [True, False, True]
    assert outcomes[1].error == (
        f"Expected memory for {batch[1].source}, but there is not enough: close other programs, "
        "run with fewer --jobs, or shrink the photo first."
    )
    assert not batch[1].destination.exists() and batch[2].destination.exists()


def test_a_fault_of_ours_is_not_taken_for_a_lack_of_memory(
    batch: list[Job], photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault() -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        corrected(batch, photo, monkeypatch, fault)
