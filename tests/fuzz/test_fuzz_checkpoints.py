"""Whatever became of the newest checkpoint, a run goes on from it, or from the one before it."""

import json
import shutil
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import within
from mutations import changed_json
from small_networks import NetworksAndOptimizers, build_networks, save
from stored_files import stored
from torch import Tensor

from exposure_lab.checkpoints.checkpoint import latest_checkpoint, restore_latest
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.errors import ExposureLabError

STRAYS = [".DS_Store", ".nfs0001", "Thumbs.db", "00000003.bak", "00000003", "\u0663" * 8]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run after one step and after two."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    for steps in (1, 2):
        save(folder, steps, build_networks(seed=1, steps=steps), seconds=1.5, scaler={})
    return folder


def weights_of(networks: NetworksAndOptimizers) -> dict[str, Tensor]:
    return {key: t.clone() for key, t in networks[0]["generator"].state_dict().items()}


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return all(torch.equal(first[key], second[key]) for key in first)


def check(run: Path, first: dict[str, Tensor]) -> int:
    """The step of the checkpoint that was used, or 0 where none was."""
    networks = build_networks(seed=9, steps=1)
    original = weights_of(networks)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            checkpoint = restore_latest(run, *networks)
            latest_checkpoint(run)
        except ExposureLabError as error:
            messages, step = [str(error)], 0
            assert same(weights_of(networks), original)
        else:
            assert checkpoint is not None
            messages, step = [], checkpoint.state["step"]
    messages += [str(entry.message) for entry in caught]
    for message in messages:
        assert message.startswith("Expected ") and message.endswith(".")
        assert message.isprintable() and len(message) < 1500
    assert all("/00000002" in message for message in messages)
    assert step in (0, 2) or any(
        message.endswith("The one before it is used.") for message in messages
    )
    assert all(tensor.isfinite().all() for tensor in weights_of(networks).values())
    if step == 1:
        assert same(weights_of(networks), first)
    return step


@pytest.mark.slow
def test_fuzz(run: Path, tmp_path: Path) -> None:
    steps: list[int] = []
    first = weights_of(build_networks(seed=1, steps=1))
    newest = checkpoint_folders(run)[-1]
    state = json.loads((newest / "state.json").read_text())
    tensors = (newest / "tensors.safetensors").read_bytes()
    damage = st.tuples(st.just("state.json"), changed_json(state)) | st.tuples(
        st.just("tensors.safetensors"), stored(tensors)
    )

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(st.lists(damage, min_size=1, max_size=2), st.sampled_from(STRAYS))
    def go_on(damages: list[tuple[str, bytes]], stray: str) -> None:
        copy = shutil.copytree(run, tmp_path / "run")
        (copy / "checkpoints" / stray).write_bytes(b"stray")
        for name, content in damages:
            (copy / "checkpoints" / newest.name / name).write_bytes(content)
        steps.append(check(copy, first))
        assert (copy / "checkpoints" / stray).read_bytes() == b"stray"
        shutil.rmtree(copy)

    with within(300):
        go_on()
    assert steps.count(2) >= 20 and steps.count(1) >= 20  # it is no fuzzer that never hits
