"""Checkpoints: bit for bit, whole or not there, and damage is told apart from nothing."""

import gc
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from small_networks import NetworksAndOptimizers, build_networks, save, step
from torch import nn

from exposure_lab.checkpoints import checkpoint as module
from exposure_lab.checkpoints.checkpoint import (
    latest_checkpoint,
    load_checkpoint,
    load_latest_module,
    load_module,
    restore,
    restore_latest,
)
from exposure_lab.checkpoints.folders import (
    checkpoint_folders,
    prune_checkpoints,
    sweep_checkpoints,
)
from exposure_lab.errors import CheckpointError, FilesError


def steps_of(run: Path) -> list[int]:
    """The checkpoints that are there."""
    return [int(folder.name) for folder in checkpoint_folders(run)]


def test_round_trip_is_bitwise(tmp_path: Path) -> None:
    networks = build_networks(steps=3)
    save(tmp_path, 3, networks, seconds=1.5)
    (network,), (adam,) = (list(part.values()) for part in networks)
    for _ in range(2):
        step(network, adam)

    other = build_networks(seed=9)
    checkpoint = latest_checkpoint(tmp_path)
    assert checkpoint is not None
    assert (checkpoint.state["step"], checkpoint.state["seconds"]) == (3, 1.5)
    restore(checkpoint, *other)
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
    def make() -> NetworksAndOptimizers:
        torch.manual_seed(0)
        network = nn.Conv2d(3, 4, 4).to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(network.parameters(), 1e-2, fused=True)
        return {"generator": network}, {"generator_optimizer": adam}

    def train(networks: NetworksAndOptimizers) -> torch.Tensor:
        (network,), (adam,) = (list(part.values()) for part in networks)
        adam.zero_grad()
        network(torch.randn(2, 3, 8, 8)).square().mean().backward()
        adam.step()
        return network.weight

    first, second = make(), make()
    train(first)
    checkpoint = load_checkpoint(save(tmp_path, 1, first))
    uninterrupted = train(first)
    restore(checkpoint, *second)
    assert torch.equal(train(second), uninterrupted)


def test_a_checkpoint_of_a_cpu_is_restored_where_a_gpu_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    folder = save(tmp_path, 2, build_networks(steps=2))
    expected = torch.rand(3)
    networks = build_networks(seed=9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(
        torch.cuda, "set_rng_state", lambda state: pytest.fail("there is no state for a GPU")
    )
    restore(load_checkpoint(folder), *networks)
    assert torch.equal(torch.rand(3), expected)


def test_optimiser_without_steps(tmp_path: Path) -> None:
    save(tmp_path, 0, build_networks())
    other = build_networks(seed=1)
    restore(load_checkpoint(checkpoint_folders(tmp_path)[0]), *other)
    assert other[1]["generator_optimizer"].state_dict()["state"] == {}


def test_nothing_is_pickled_and_the_state_is_readable(tmp_path: Path) -> None:
    folder = save(tmp_path, 12, build_networks(), note="hello")
    assert sorted(path.name for path in folder.iterdir()) == ["state.json", "tensors.safetensors"]
    assert json.loads((folder / "state.json").read_text())["note"] == "hello"
    assert folder == tmp_path / "checkpoints" / "00000012"


def test_the_last_two_are_kept_and_what_else_is_asked_for(tmp_path: Path) -> None:
    for number in (5, 100, 7, 20):
        save(tmp_path, number, build_networks())
    prune_checkpoints(tmp_path, keep=[7])
    assert steps_of(tmp_path) == [7, 20, 100]
    save(tmp_path, 100, build_networks(), note="again")
    prune_checkpoints(tmp_path)
    assert steps_of(tmp_path) == [20, 100]
    checkpoint = latest_checkpoint(tmp_path)
    assert checkpoint is not None
    assert checkpoint.state["note"] == "again"


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
    save(tmp_path, 1, build_networks())
    damage(save(tmp_path, 2, build_networks()))
    with pytest.warns(UserWarning, match=r"00000002, but it cannot be read .* one before it is"):
        checkpoint = latest_checkpoint(tmp_path)
    assert checkpoint is not None
    assert checkpoint.state["step"] == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_none_that_can_be_read(tmp_path: Path, damage) -> None:
    damage(save(tmp_path, 1, build_networks()))
    with pytest.raises(CheckpointError, match="00000001, but it cannot be read"):
        latest_checkpoint(tmp_path)


def test_newer_format(tmp_path: Path) -> None:
    folder = save(tmp_path, 1, build_networks())
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"format": module.FORMAT + 1}))
    with pytest.raises(CheckpointError, match=r"format 1 or older .* got 2: update exposure-lab"):
        load_checkpoint(folder)


def test_newer_format_is_not_passed_over(tmp_path: Path) -> None:
    save(tmp_path, 1, build_networks())
    folder = save(tmp_path, 2, build_networks())
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"format": module.FORMAT + 1}))
    with pytest.raises(CheckpointError, match=r"in .*00000002, but got 2: update exposure-lab"):
        latest_checkpoint(tmp_path)


def test_other_architecture(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(save(tmp_path, 1, build_networks(width=4)))
    for wrong in (build_networks(width=8), ({"generator": nn.Linear(3, 4)}, {})):
        with pytest.raises(CheckpointError, match="Expected a generator with the layers of this"):
            restore(checkpoint, *wrong)
    with pytest.raises(CheckpointError, match="Expected a discriminator with the layers"):
        load_module(checkpoint, "discriminator", nn.Linear(3, 4))


def test_half_written_checkpoint_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, build_networks())

    def fail(tensors: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(module, "save_file", fail)
    with pytest.raises(FilesError, match=r"Expected room for a checkpoint .*free some space"):
        save(tmp_path, 2, build_networks())
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["00000001"]
    assert latest_checkpoint(tmp_path).state["step"] == 1


def test_full_disk_leaves_the_earlier_ones(tiny_disk: Path) -> None:
    save(tiny_disk, 1, build_networks())
    with pytest.raises(FilesError, match="Expected room"):
        save(tiny_disk, 2, build_networks(width=5000))
    assert [path.name for path in (tiny_disk / "checkpoints").iterdir()] == ["00000001"]
    assert latest_checkpoint(tiny_disk).state["step"] == 1


def test_a_failed_write_leaves_the_older_one_of_that_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, 1, build_networks(), note="first")

    def full(*_: object) -> None:
        raise SafetensorError("No space left on device")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(FilesError, match="Expected room for a checkpoint"):
        save(tmp_path, 1, build_networks(), note="second")
    assert load_checkpoint(tmp_path / "checkpoints" / "00000001").state["note"] == "first"
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


THREE = "\u0663"  # a digit to Python, and to no `save_checkpoint`
STRAY_FILES = [".DS_Store", ".nfs0001", "Thumbs.db", "00000012.bak", "99999999"]
STRAY_FOLDERS = [".notes", "best", "12", "000000012", THREE * 8]


def test_stray_files_are_none_of_ours(tmp_path: Path) -> None:
    """Neither in the way of a resume nor removed: what a file manager or a network disk leaves."""
    folder = tmp_path / "checkpoints"
    strays = [folder / name for name in STRAY_FILES]
    strays += [folder / name / "mine.txt" for name in STRAY_FOLDERS]
    for stray in strays:
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_text("mine")
    for number in (1, 2, 3, 4):
        save(tmp_path, number, build_networks())
        prune_checkpoints(tmp_path)
    sweep_checkpoints(tmp_path)
    assert steps_of(tmp_path) == [3, 4]
    assert latest_checkpoint(tmp_path).state["step"] == 4
    assert [stray.read_text() for stray in strays] == ["mine"] * len(strays)
    names = {path.name for path in folder.iterdir()}
    assert names == {"00000003", "00000004", *STRAY_FILES, *STRAY_FOLDERS}


def test_checkpoints_are_ordered_by_their_steps(tmp_path: Path) -> None:
    for number in (123_456_789, 99_999_999):
        save(tmp_path, number, build_networks())
    assert steps_of(tmp_path) == [99_999_999, 123_456_789]


def test_a_checkpoint_that_cannot_be_removed_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network disk, where a file that somebody reads becomes a hidden one."""
    for number in (1, 2, 3):
        save(tmp_path, number, build_networks())

    def busy(path: object, **_: object) -> None:
        raise OSError(16, "Device or resource busy", path)

    with monkeypatch.context() as patch:
        patch.setattr("os.rmdir", busy)
        prune_checkpoints(tmp_path)
    prune_checkpoints(tmp_path)
    assert steps_of(tmp_path) == [2, 3]


def test_a_network_without_memory_is_filled(tmp_path: Path) -> None:
    networks = build_networks(steps=3)
    save(tmp_path, 3, networks)
    with torch.device("meta"):
        hollow = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    drawn = torch.get_rng_state()
    assert load_latest_module(tmp_path, "generator", hollow) is not None
    assert torch.equal(torch.get_rng_state(), drawn)
    for key, tensor in networks[0]["generator"].state_dict().items():
        filled = hollow.state_dict()[key]
        assert torch.equal(tensor, filled) and filled.dtype == tensor.dtype, key
    assert all(parameter.requires_grad for parameter in hollow.parameters())


def mapped(path: Path) -> list[str]:
    """The mappings of a file that this process holds."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell which files are mapped")
    return [line for line in maps.read_text().splitlines() if str(path) in line]


def _damaged_and_passed_over(run: Path) -> Path:
    """A newer checkpoint of another network, after a resume that had to look at its tensors."""
    newest = save(run, 4, build_networks(width=8))
    gc.collect()
    gc.disable()  # what waits for a collection is still mapped when the run writes again
    try:
        with pytest.warns(UserWarning, match="The one before it is used"):
            assert restore_latest(run, *build_networks(seed=3)) is not None
        return newest
    finally:
        gc.enable()


def test_no_file_stays_mapped(tmp_path: Path) -> None:
    """Windows neither replaces nor removes a file that is: the next checkpoint would fail."""
    folder = save(tmp_path, 3, build_networks(steps=3))
    networks, other = build_networks(seed=1), build_networks(seed=2)
    loaded, latest = load_checkpoint(folder), latest_checkpoint(tmp_path)
    restore(loaded, *networks)
    assert restore_latest(tmp_path, *other) is not None
    with torch.device("meta"):
        hollow = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    load_latest_module(tmp_path, "generator", hollow)
    with pytest.raises(CheckpointError):
        load_module(loaded, "generator", nn.Linear(3, 4))
    assert mapped(folder) == []
    assert mapped(_damaged_and_passed_over(tmp_path)) == []
    assert latest is not None and loaded.tensors.keys() == latest.tensors.keys()
