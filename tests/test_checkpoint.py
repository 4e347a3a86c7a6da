"""Checkpoints: bit for bit, whole or not there, and damage is told apart from nothing."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from torch import nn

from exposure_lab import checkpoint as module
from exposure_lab.checkpoint import (
    checkpoint_folders,
    latest_checkpoint,
    load_checkpoint,
    load_module,
    prune_checkpoints,
    restore,
    save_checkpoint,
)
from exposure_lab.errors import CheckpointError, FilesError

Parts = tuple[dict[str, nn.Module], dict[str, torch.optim.Optimizer]]


def parts(width: int = 4, seed: int = 0, steps: int = 0) -> Parts:
    """A small network with BatchNorm and its Adam, some steps into training."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width), nn.Linear(width, 1))
    adam = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(steps):
        step(network, adam)
    return {"generator": network}, {"generator_optimizer": adam}


def step(network: nn.Module, adam: torch.optim.Optimizer) -> None:
    """One step on pictures drawn from torch's own generator."""
    adam.zero_grad()
    network(torch.randn(5, 3)).square().mean().backward()
    adam.step()


def save(run: Path, number: int, made: Parts, **state: object) -> Path:
    """A checkpoint after so many steps."""
    return save_checkpoint(run, number, *made, state)


def steps_of(run: Path) -> list[int]:
    """The checkpoints that are there."""
    return [int(folder.name) for folder in checkpoint_folders(run)]


def test_round_trip_is_bitwise(tmp_path: Path) -> None:
    made = parts(steps=3)
    save(tmp_path, 3, made, seconds=1.5)
    (network,), (adam,) = (list(part.values()) for part in made)
    for _ in range(2):
        step(network, adam)

    other = parts(seed=9)
    found = latest_checkpoint(tmp_path)
    assert found is not None
    assert (found.state["step"], found.state["seconds"]) == (3, 1.5)
    restore(found, *other)
    (again,), (adam_again,) = (list(part.values()) for part in other)
    for _ in range(2):  # random state and moments came back as well
        step(again, adam_again)
    for key, tensor in network.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[key]), key
    moments, restored = (a.state_dict()["state"] for a in (adam, adam_again))
    assert moments.keys() == restored.keys()
    for index, expected in moments.items():
        assert expected.keys() == restored[index].keys()
        assert all(torch.equal(expected[key], restored[index][key]) for key in expected)


def test_moments_come_back_in_the_layout_of_their_weights(tmp_path: Path) -> None:
    def make() -> Parts:
        torch.manual_seed(0)
        network = nn.Conv2d(3, 4, 4).to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(network.parameters(), 1e-2, fused=True)
        return {"generator": network}, {"generator_optimizer": adam}

    def train(made: Parts) -> torch.Tensor:
        (network,), (adam,) = (list(part.values()) for part in made)
        adam.zero_grad()
        network(torch.randn(2, 3, 8, 8)).square().mean().backward()
        adam.step()
        return network.weight

    first, second = make(), make()
    train(first)
    found = load_checkpoint(save(tmp_path, 1, first))
    uninterrupted = train(first)
    restore(found, *second)
    assert torch.equal(train(second), uninterrupted)


def test_optimiser_without_steps(tmp_path: Path) -> None:
    save(tmp_path, 0, parts())
    other = parts(seed=1)
    restore(load_checkpoint(checkpoint_folders(tmp_path)[0]), *other)
    assert other[1]["generator_optimizer"].state_dict()["state"] == {}


def test_nothing_is_pickled_and_the_state_is_readable(tmp_path: Path) -> None:
    folder = save(tmp_path, 12, parts(), note="hello")
    assert sorted(path.name for path in folder.iterdir()) == ["state.json", "tensors.safetensors"]
    assert json.loads((folder / "state.json").read_text())["note"] == "hello"
    assert folder == tmp_path / "checkpoints" / "00000012"


def test_the_last_two_are_kept_and_what_else_is_asked_for(tmp_path: Path) -> None:
    for number in (5, 100, 7, 20):
        save(tmp_path, number, parts())
    prune_checkpoints(tmp_path, keep=[7])
    assert steps_of(tmp_path) == [7, 20, 100]
    save(tmp_path, 100, parts(), note="again")
    prune_checkpoints(tmp_path)
    assert steps_of(tmp_path) == [20, 100]
    found = latest_checkpoint(tmp_path)
    assert found is not None
    assert found.state["note"] == "again"


def test_no_checkpoints(tmp_path: Path) -> None:
    assert latest_checkpoint(tmp_path) is None
    assert latest_checkpoint(tmp_path / "nowhere") is None
    with pytest.raises(CheckpointError, match=r"Expected a whole checkpoint in .*there is none"):
        load_checkpoint(tmp_path)


def truncate(folder: Path) -> None:
    file = folder / "tensors.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def empty(folder: Path) -> None:
    (folder / "tensors.safetensors").write_bytes(b"")


def spoil(folder: Path) -> None:
    (folder / "state.json").write_text("{")


def remove(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


DAMAGE = [truncate, empty, spoil, remove]


@pytest.mark.parametrize("damage", DAMAGE)
def test_unreadable_newest_gives_way_to_the_one_before(tmp_path: Path, damage) -> None:
    save(tmp_path, 1, parts())
    damage(save(tmp_path, 2, parts()))
    with pytest.warns(UserWarning, match=r"00000002, but it cannot be read .* one before it is"):
        found = latest_checkpoint(tmp_path)
    assert found is not None
    assert found.state["step"] == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_none_that_can_be_read(tmp_path: Path, damage) -> None:
    damage(save(tmp_path, 1, parts()))
    with pytest.raises(CheckpointError, match="00000001, but it cannot be read"):
        latest_checkpoint(tmp_path)


def test_newer_format(tmp_path: Path) -> None:
    folder = save(tmp_path, 1, parts())
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"format": module.FORMAT + 1}))
    with pytest.raises(CheckpointError, match=r"format 1 or older .* got 2: update exposure-lab"):
        load_checkpoint(folder)


def test_newer_format_is_not_passed_over(tmp_path: Path) -> None:
    save(tmp_path, 1, parts())
    folder = save(tmp_path, 2, parts())
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"format": module.FORMAT + 1}))
    with pytest.raises(CheckpointError, match=r"in .*00000002, but got 2: update exposure-lab"):
        latest_checkpoint(tmp_path)


def test_other_architecture(tmp_path: Path) -> None:
    found = load_checkpoint(save(tmp_path, 1, parts(width=4)))
    for wrong in (parts(width=8), ({"generator": nn.Linear(3, 4)}, {})):
        with pytest.raises(CheckpointError, match="Expected a generator with the layers of this"):
            restore(found, *wrong)
    with pytest.raises(CheckpointError, match="Expected a discriminator with the layers"):
        load_module(found, "discriminator", nn.Linear(3, 4))


def test_half_written_checkpoint_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, parts())

    def fail(tensors: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(module, "save_file", fail)
    with pytest.raises(FilesError, match=r"Expected room for a checkpoint .*free some space"):
        save(tmp_path, 2, parts())
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["00000001"]
    assert latest_checkpoint(tmp_path).state["step"] == 1


def test_full_disk_leaves_the_earlier_ones(tiny_disk: Path) -> None:
    save(tiny_disk, 1, parts())
    with pytest.raises(FilesError, match="Expected room"):
        save(tiny_disk, 2, parts(width=5000))
    assert [path.name for path in (tiny_disk / "checkpoints").iterdir()] == ["00000001"]
    assert latest_checkpoint(tiny_disk).state["step"] == 1


def test_a_failed_write_leaves_the_older_one_of_that_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, parts(), note="first")

    def full(*_: object) -> None:
        raise SafetensorError("No space left on device")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(FilesError, match="Expected room for a checkpoint"):
        save(tmp_path, 1, parts(), note="second")
    assert load_checkpoint(tmp_path / "checkpoints" / "00000001").state["note"] == "first"
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
