"""Whatever is wrong with a checkpoint, nothing is filled from it and the one before is taken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_networks import NetworksAndOptimizers, build_networks, save
from torch import Tensor

from exposure_lab.checkpoints.checkpoint import Checkpoint, load_checkpoint, restore, restore_latest
from exposure_lab.checkpoints.checks import check_scaler
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.errors import CheckpointError


def damaged_state(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        state = json.loads((folder / "state.json").read_text())
        (folder / "state.json").write_text(json.dumps(change(state)))

    return damage


def damaged_tensors(change: Callable[[dict[str, Tensor]], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / "tensors.safetensors")
        kept = {key: tensor.clone() for key, tensor in tensors.items()}
        change(kept)
        save_file(kept, folder / "tensors.safetensors")

    return damage


def set_to(key: str, value: Tensor) -> Callable[[dict[str, Tensor]], object]:
    return lambda tensors: tensors.__setitem__(key, value)


MOMENT = "generator_optimizer/0.exp_avg"
FAULTS = {
    "a list": (damaged_state(lambda state: [state]), r"a JSON object in .* holds \[\{"),
    "a number": (damaged_state(lambda state: 3), "a JSON object in .* holds 3"),
    "a deep nest": (
        lambda folder: (folder / "state.json").write_text("[" * 50_000),
        "it is nested too deeply",
    ),
    "no step": (damaged_state(lambda state: {"format": 1}), "does not tell its format and step"),
    "a step in words": (damaged_state(lambda state: state | {"step": "two"}), "format and step"),
    "a true step": (damaged_state(lambda state: state | {"step": True}), "format and step"),
    "a format in words": (damaged_state(lambda state: state | {"format": "1"}), "format and step"),
    "another step": (damaged_state(lambda state: state | {"step": 1}), "state.json is of step 1"),
    "no random state": (damaged_tensors(lambda t: t.pop("rng/cpu")), "no random state for cpu"),
    "a random state that is none": (
        damaged_tensors(set_to("rng/cpu", torch.zeros(5056, dtype=torch.uint8))),
        "no random state for cpu",
    ),
    "a short random state": (
        damaged_tensors(set_to("rng/cpu", torch.zeros(3, dtype=torch.uint8))),
        "no random state for cpu",
    ),
    "a random state of floats": (
        damaged_tensors(set_to("rng/cpu", torch.zeros(5056))),
        "no random state for cpu",
    ),
    "a weight missing": (damaged_tensors(lambda t: t.pop("generator/0.weight")), "0.weight is mis"),
    "a weight too many": (
        damaged_tensors(set_to("generator/9.we\nird" + "x" * 500, torch.zeros(2))),
        r"9\.we\\nir.*x' belongs to no layer",
    ),
    "another shape": (
        damaged_tensors(set_to("generator/0.weight", torch.zeros(3, 4))),
        r"size mismatch for 0\.weight: \(3, 4\) there, \(4, 3\) expected",
    ),
    "whole numbers": (
        damaged_tensors(set_to("generator/0.weight", torch.ones(4, 3, dtype=torch.int32))),
        r"0\.weight holds torch\.int32 in place of torch\.float32",
    ),
    "a counter of floats": (
        damaged_tensors(set_to("generator/1.num_batches_tracked", torch.tensor(3.0))),
        "num_batches_tracked holds torch.float32 in place of torch.int64",
    ),
    "a weight that is no number": (
        damaged_tensors(set_to("generator/0.bias", torch.tensor([1, 2, float("nan"), 3]))),
        r"generator: 0\.bias holds numbers that are not finite",
    ),
    "an endless weight": (
        damaged_tensors(set_to("generator/0.bias", torch.tensor([1, 2, float("-inf"), 3]))),
        r"generator: 0\.bias holds numbers that are not finite",
    ),
    "a variance below zero": (
        damaged_tensors(set_to("generator/1.running_var", -torch.ones(4))),
        r"generator: 1\.running_var holds a variance below zero",
    ),
    "a moment missing": (damaged_tensors(lambda t: t.pop(MOMENT)), r"0\.exp_avg is missing"),
    "another parameter's moment": (
        damaged_tensors(set_to(MOMENT, torch.zeros(4))),
        r"size mismatch for 0\.exp_avg: \(4,\) there, \(4, 3\) expected",
    ),
    "a moment that is no number": (
        damaged_tensors(set_to(MOMENT, torch.full((4, 3), float("nan")))),
        r"generator_optimizer: 0\.exp_avg holds numbers that are not finite",
    ),
    "a moment of nothing": (
        damaged_tensors(set_to("generator_optimizer/x.y", torch.zeros(1))),
        r"'x\.y' belongs to no layer",
    ),
}


def everything(networks: NetworksAndOptimizers) -> dict[str, Tensor]:
    """Copies of all that a restore may change."""
    (network,), (adam,) = (list(part.values()) for part in networks)
    moments = {
        f"{index}.{key}": value
        for index, kept in adam.state_dict()["state"].items()
        for key, value in kept.items()
    }
    state = network.state_dict() | moments | {"rng": torch.get_rng_state()}
    return {key: tensor.clone() for key, tensor in state.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, fault: str) -> None:
    damage, problem = FAULTS[fault]
    save(tmp_path, 1, build_networks(seed=1, steps=1))
    damage(save(tmp_path, 2, build_networks(seed=2, steps=2)))
    networks = build_networks(seed=9)
    with pytest.warns(UserWarning, match=problem) as caught:
        checkpoint = restore_latest(tmp_path, *networks)
    (warning,) = [str(entry.message) for entry in caught]
    assert str(tmp_path / "checkpoints" / "00000002") in warning and warning.isprintable()
    assert warning.endswith(" The one before it is used.")
    assert checkpoint is not None and (checkpoint.state["step"], checkpoint.tensors) == (1, {})
    expected = build_networks(seed=8)
    restore(load_checkpoint(checkpoint_folders(tmp_path)[0]), *expected)
    original, after = everything(expected), everything(networks)
    assert original.keys() == after.keys()
    assert all(torch.equal(original[key], after[key]) for key in original)


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_filled_from_a_damaged_checkpoint(tmp_path: Path, fault: str) -> None:
    damage, problem = FAULTS[fault]
    damage(save(tmp_path, 2, build_networks(seed=2, steps=2)))
    networks = build_networks(seed=9, steps=1)
    original = everything(networks)
    with pytest.raises(CheckpointError, match=problem) as caught:
        restore_latest(tmp_path, *networks)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 900
    after = everything(networks)
    assert all(torch.equal(original[key], after[key]) for key in original)


def test_where_none_fits_the_newest_is_named(tmp_path: Path) -> None:
    for number in (1, 2):
        save(tmp_path, number, build_networks(width=4))
    with pytest.raises(CheckpointError, match=r"layers of this run in .*00000002, but they differ"):
        restore_latest(tmp_path, *build_networks(width=8))
    assert restore_latest(tmp_path / "nowhere", *build_networks()) is None


def test_newer_format_is_not_passed_over_by_a_restore(tmp_path: Path) -> None:
    save(tmp_path, 1, build_networks())
    damaged_state(lambda state: state | {"format": 2})(save(tmp_path, 2, build_networks()))
    with pytest.raises(CheckpointError, match=r"in .*00000002, but got 2: update exposure-lab"):
        restore_latest(tmp_path, *build_networks())


def test_moments_that_somebody_left_out_start_anew(tmp_path: Path) -> None:
    """Chapter 06 shows what that costs: without any of them it is a checkpoint before a step."""
    folder = save(tmp_path, 2, build_networks(steps=2))
    kept = {k: t for k, t in load_checkpoint(folder).tensors.items() if "optimizer" not in k}
    save_file(kept, folder / "tensors.safetensors")
    networks = build_networks(seed=3)
    assert restore_latest(tmp_path, *networks) is not None
    assert networks[1]["generator_optimizer"].state_dict()["state"] == {}


def test_a_claim_of_much_memory_takes_none(tmp_path: Path) -> None:
    """A gigabyte on a disk that stores no zeros."""
    folder = save(tmp_path, 1, build_networks())
    size = 1 << 30
    entry = {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}
    header = json.dumps({"generator/0.weight": entry}).encode()
    with (folder / "tensors.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)
    with pytest.raises(CheckpointError, match=r"size mismatch for 0\.weight: \(268435456,\)"):
        restore_latest(tmp_path, *build_networks())


def test_a_checkpoint_that_is_refused_fills_nothing(tmp_path: Path) -> None:
    """A caller may know more of what it can use than the files tell."""
    for number in (1, 2):
        save(tmp_path, number, build_networks(seed=number, steps=number))

    def only_the_first(checkpoint: Checkpoint) -> None:
        if checkpoint.state["step"] > 1:
            raise CheckpointError("Expected the first one, but this is another.")

    networks = build_networks(seed=9)
    with pytest.warns(UserWarning, match=r"^Expected the first .* The one before it is used\.$"):
        checkpoint = restore_latest(tmp_path, *networks, check=only_the_first)
    assert checkpoint is not None and checkpoint.state["step"] == 1
    expected = build_networks(seed=8)
    restore(load_checkpoint(checkpoint_folders(tmp_path)[0]), *expected)
    original, after = everything(expected), everything(networks)
    assert all(torch.equal(original[key], after[key]) for key in original)


SCALER = torch.amp.GradScaler("cpu").state_dict()


@pytest.mark.parametrize(
    "scaler",
    [
        {},
        SCALER,
        SCALER | {"scale": 2.0**-20},
        SCALER | {"scale": 2.0**127, "_growth_tracker": 1999},
        SCALER | {"of a later version": True},
    ],
    ids=repr,
)
def test_a_scale_of_losses(scaler: dict[str, Any]) -> None:
    check_scaler(Path("run"), scaler)
    if scaler:
        torch.amp.GradScaler("cpu").load_state_dict(scaler)


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key in SCALER for value in (None, "2", True, [], -1, -1.0, 10**400)]
    + [(key, 0) for key in SCALER if key != "_growth_tracker"]
    + [("scale", 1e39), ("scale", 1e-50), ("growth_factor", 1.0), ("backoff_factor", 1.0)]
    + [("growth_interval", 1.5), ("growth_interval", 2**31), ("_growth_tracker", 0.5)],
    ids=lambda value: repr(value)[:20],
)
def test_a_made_up_scale_of_losses(key: str, value: object) -> None:
    without = {name: kept for name, kept in SCALER.items() if name != key}
    for made_up in (without, without | {key: value}):
        with pytest.raises(CheckpointError, match=r"scaler in state\.json is \{") as caught:
            check_scaler(Path("run"), made_up)
        assert str(caught.value).isprintable() and len(str(caught.value)) < 900
