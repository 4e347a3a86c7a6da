"""What becomes of each photo of a batch, when memory runs out over one of them."""

import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image
from exposure_lab.inference import batch as module
from exposure_lab.inference.batch import Options, Outcome, correct_files
from exposure_lab.inference.corrector import FunctionCorrector
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

    patch.setattr(module, "load_model", lambda name: FunctionCorrector(model))
    return list(correct_files(batch, Options("identity")))


@pytest.mark.parametrize("fail", RUN_OUT)
def test_a_photo_that_memory_is_too_small_for_is_named_and_the_rest_done(
    batch: list[Job], photo: Array, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None]
) -> None:
    outcomes = corrected(batch, photo, monkeypatch, fail)
    assert [outcome.written for outcome in outcomes] == [True, False, True]
    assert outcomes[1].error == (
        f"Expected memory for {batch[1].source}, but there is not enough: close other programs, "
        "run with fewer --jobs, or shrink the photo first."
    )
    assert not batch[1].destination.exists() and batch[2].destination.exists()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        struct.error("ushort format requires 0 <= number <= 65535"),
        TypeError("'int' object is not iterable"),
        KeyError(274),
        AssertionError(),
        RecursionError("maximum recursion depth exceeded"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_ours_is_told_as_one_and_the_rest_done(
    batch: list[Job], photo: Array, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fault() -> None:
        raise error

    outcomes = corrected(batch, photo, monkeypatch, fault)
    assert [outcome.written for outcome in outcomes] == [True, False, True]
    sentence = outcomes[1].error
    assert sentence.startswith(f"Expected to read {batch[1].source} and to write ")
    assert f"this program fails over it ({type(error).__name__}" in sentence
    assert "memory" not in sentence and "test_batch.py line " in sentence


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENXIO])
def test_what_the_system_refuses_is_told_in_its_words(
    batch: list[Job], photo: Array, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fault() -> None:
        raise OSError(number, os.strerror(number), "elsewhere")

    outcomes = corrected(batch, photo, monkeypatch, fault)
    assert [outcome.written for outcome in outcomes] == [True, False, True]
    assert f"refuses ({os.strerror(number)} at elsewhere)" in outcomes[1].error
    assert str(batch[1].source) in outcomes[1].error


def test_a_photo_over_which_processes_die_is_named_and_the_rest_done(
    batch: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who notices the death, `map_items`, has tests of its own."""

    def map_items(function, items, *_, on_death):
        return (on_death(job) if job is batch[1] else function(job) for job in items)

    monkeypatch.setattr(module, "map_items", map_items)
    outcomes = list(correct_files(batch, Options("identity"), 2))
    assert [outcome.written for outcome in outcomes] == [True, False, True]
    assert f"a process to work on {batch[1].source} to its end" in outcomes[1].error
    assert "memory" in outcomes[1].error


@pytest.fixture
def existing(batch: list[Job]) -> dict[Path, bytes]:
    """Outputs of the first two photos, not of the last, as somebody left them."""
    contents = {}
    for job in batch[:2]:
        job.destination.parent.mkdir(exist_ok=True)
        job.destination.write_bytes(f"work of hours on {job.source.name}".encode())
        contents[job.destination] = job.destination.read_bytes()
    return contents


def test_existing_outputs_are_refused_by_default(
    batch: list[Job], existing: dict[Path, bytes]
) -> None:
    outcomes = list(correct_files(batch, Options("identity")))
    assert [outcome.written for outcome in outcomes] == [False, False, True]
    for outcome in outcomes[:2]:
        assert str(outcome.job.destination) in outcome.error
        assert all(advice in outcome.error for advice in ("--resume", "--overwrite", "--out"))
    assert {path: path.read_bytes() for path in existing} == existing
    assert np.array_equal(read_image(batch[2].destination), read_image(batch[2].source))


def test_resume_writes_a_later_missing_file_and_no_other(
    batch: list[Job], existing: dict[Path, bytes]
) -> None:
    outcomes = list(correct_files(batch, Options("identity", resume=True)))
    assert outcomes == [Outcome(batch[0]), Outcome(batch[1]), Outcome(batch[2], written=True)]
    assert {path: path.read_bytes() for path in existing} == existing
    assert batch[2].destination.exists()


def test_overwrite_replaces_existing_outputs(batch: list[Job], existing: dict[Path, bytes]) -> None:
    outcomes = list(correct_files(batch, Options("identity", overwrite=True)))
    assert all(outcome.written for outcome in outcomes)
    for job in batch:
        assert np.array_equal(read_image(job.destination), read_image(job.source))


@pytest.mark.parametrize(
    ("processes", "scheduler", "limits"), [(1, None, 0), (2, None, 3), (1, "tcp://host:8786", 3)]
)
def test_only_processes_that_share_a_machine_are_held_to_one_thread(
    batch: list[Job],
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
    scheduler: str | None,
    limits: int,
) -> None:
    threads: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    # All in this process, where it can be watched.
    monkeypatch.setattr(module, "map_items", lambda function, items, *_, **__: map(function, items))
    outcomes = list(correct_files(batch, Options("identity"), processes, scheduler))
    assert all(outcome.written for outcome in outcomes)
    assert threads == [1] * limits


def test_a_model_in_the_working_folder_is_found_by_other_processes(
    batch: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers may run in another folder, so its path is made absolute."""
    names: list[str] = []

    def load(name: str) -> FunctionCorrector:
        names.append(name)
        return FunctionCorrector(lambda image: image)

    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "load_model", load)
    list(correct_files(batch, Options("run")))
    assert set(names) == {str(tmp_path / "run")}
