"""Weights come back from their file, half precision is not seen, bad files are named."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.networks.unet import UNet
from exposure_lab.profiles.load import load_profile
from exposure_lab.weights import shipped


@pytest.fixture
def generator(tiny: RunConfig) -> UNet:
    torch.manual_seed(0)
    return UNet(tiny.data.image_size, **tiny.generator.model_dump()).eval()


@pytest.fixture
def file(tmp_path: Path, generator: UNet, tiny: RunConfig) -> Path:
    path = tmp_path / "tiny.safetensors"
    shipped.save_weights(path, generator, tiny, {"made": "by a test"})
    return path


def test_network_comes_back_in_half_precision(file: Path, generator: UNet, tiny: RunConfig) -> None:
    loaded, config = shipped.load_weights(file)
    assert config == tiny
    assert not loaded.training
    assert shipped.read_report(file) == {"made": "by a test"}
    before, after = generator.state_dict(), loaded.state_dict()
    for key, tensor in before.items():
        # Half precision has 11 significant bits; what BatchNorm has counted keeps all of its own.
        rounded = tensor if "running_" in key or not tensor.is_floating_point() else tensor.half()
        assert torch.equal(after[key], rounded.to(tensor.dtype)), key
    stored = load_file(file)
    halves = sum(t.numel() for t in stored.values() if t.dtype == torch.float16)
    assert halves == sum(p.numel() for p in generator.parameters())


def test_everybody_may_read_the_file(file: Path) -> None:
    (file.parent / "ordinary").touch()
    assert file.stat().st_mode == (file.parent / "ordinary").stat().st_mode


def test_half_precision_is_not_seen(file: Path, generator: UNet, tiny: RunConfig, photo: Array):
    whole = Corrector(TorchNetwork(generator, torch.device("cpu")), tiny.data)(photo)
    halved = Corrector.load(file)(photo)
    assert np.abs(to_uint8(whole).astype(int) - to_uint8(halved)).max() <= 1


def test_files_that_are_no_weights(file: Path, tmp_path: Path, tiny: RunConfig) -> None:
    for name, content in [("cut", file.read_bytes()[:-100]), ("text", b"no weights")]:
        (tmp_path / f"{name}.safetensors").write_bytes(content)
        with pytest.raises(CheckpointError, match=rf"a weights file at .*{name}.*cannot be read"):
            shipped.load_weights(tmp_path / f"{name}.safetensors")
    with pytest.raises(CheckpointError, match=r"cannot be read .*check the path, or build it"):
        shipped.load_weights(tmp_path / "missing.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match=r"its header names no settings: build them with"):
        shipped.load_weights(tmp_path / "other.safetensors")


def test_weights_of_another_network(tmp_path: Path, generator: UNet) -> None:
    other = load_profile("smoke", ["generator.width=8", "data.image_size=16"])
    shipped.save_weights(tmp_path / "odd.safetensors", generator, other, {})
    with pytest.raises(CheckpointError, match=r"weights of a generator in .*but they do not load"):
        shipped.load_weights(tmp_path / "odd.safetensors")


def rewritten(
    file: Path,
    tensors: Callable[[dict[str, Tensor]], object] = lambda tensors: None,
    header: Callable[[dict[str, str]], object] = lambda header: None,
) -> Path:
    """The same weights with something changed, beside the file."""
    kept = {key: tensor.clone() for key, tensor in load_file(file).items()}
    with safe_open(file, framework="numpy") as opened:
        notes = dict(opened.metadata())
    tensors(kept)
    header(notes)
    path = file.with_name("changed.safetensors")
    save_file(kept, path, notes)
    return path


def settings(**changes: object) -> Callable[[dict[str, str]], object]:
    """Change settings in the header, by dotted keys with two underscores for the dot."""

    def change(notes: dict[str, str]) -> None:
        config = json.loads(notes["config"])
        for dotted, value in changes.items():
            part, _, key = dotted.partition("__")
            config[part][key] = value
        notes["config"] = json.dumps(config)

    return change


NAN = float("nan")
STEM = "stem.0.weight"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t[STEM].view(-1)[7:8].fill_(NAN), f"{STEM} holds numbers that are not finite"),
        (lambda t: t[STEM].view(-1)[:1].fill_(-float("inf")), "holds numbers that are not finite"),
        (lambda t: t["downs.0.layers.1.running_var"].fill_(-1), "holds a variance below zero"),
        (lambda t: t.update({STEM: t[STEM].int()}), f"{STEM} holds torch.int32 in place of"),
        (lambda t: t.update({STEM: t[STEM].to(torch.float8_e5m2)}), "holds torch.float8_e5m2 in"),
        (lambda t: t.pop(STEM), f"{STEM} is missing"),
        (lambda t: t.update(more=t[STEM].clone()), "'more' belongs to no layer"),
        (
            lambda t: t.update({STEM: t[STEM].reshape(3, 4, 4, 4).clone()}),
            rf"size mismatch for {STEM}: \(3, 4, 4, 4\) there, \(4, 3, 4, 4\) expected",
        ),
    ],
)
def test_weights_that_no_training_leaves(
    file: Path, change: Callable[[dict[str, Tensor]], object], problem: str
) -> None:
    """A number that is none made a black picture, without a word."""
    with pytest.raises(CheckpointError, match=rf"a generator in .*not load \(.*{problem}"):
        Corrector.load(rewritten(file, change))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (settings(generator__width=100_000), r"'generator\.width', but got 100000: .* 1024"),
        (settings(data__image_size=1 << 20), r"'data\.image_size', but got 1048576: .* 2048"),
        (settings(data__short_side=1 << 30), r"'data\.short_side', but got 1073741824"),
        (lambda notes: notes.update(config="[1]"), "under config in .* it is no object"),
        (lambda notes: notes.update(config="[" * 9999), "under config in .* nested too deeply"),
        (lambda notes: notes.update(config='{"a": NaN}'), "'NaN' is no finite number"),
        (lambda notes: notes.update(config='{"a": 1, "a": 1}'), "a key is there twice"),
        (lambda notes: notes.update(config="9" * 5000), r"Exceeds the limit \(4300 digits\)"),
        (lambda notes: notes.update(config="{}"), "settings of a run in the header .* 'profile'"),
    ],
)
def test_settings_that_nobody_trains(
    file: Path, change: Callable[[dict[str, str]], object], problem: str
) -> None:
    path = rewritten(file, header=change)
    with pytest.raises(CheckpointError, match=problem) as caught:
        Corrector.load(path)
    assert str(path) in str(caught.value) and str(caught.value).isprintable()


@pytest.mark.parametrize("report", ["[]", "3", "{", "[" * 9999])
def test_a_report_of_another_shape(file: Path, report: str) -> None:
    path = rewritten(file, header=lambda notes: notes.update(report=report))
    with pytest.raises(CheckpointError, match=r"a JSON object under report in .*but"):
        shipped.read_report(path)


def test_what_a_header_says_obeys_no_terminal(tmp_path: Path) -> None:
    header = b'{"a": {"dtype": "F32\\u001b[2J\\n", "shape": [1], "data_offsets": [0, 4]}}'
    path = tmp_path / "odd.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(CheckpointError, match="unknown variant") as caught:
        shipped.load_weights(path)
    assert str(caught.value).isprintable()


@pytest.mark.posix("pipes among files")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    for path in (tmp_path / "pipe.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match=r"cannot be read \(it is no file\)"):
            shipped.load_weights(path)


def test_counts_are_kept_and_no_number_is_drawn(file: Path, generator: UNet) -> None:
    path = rewritten(file, lambda t: t["downs.0.layers.1.num_batches_tracked"].fill_(2**24 + 1))
    drawn = torch.get_rng_state()
    loaded, _ = shipped.load_weights(path)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert int(loaded.downs[0].layers[1].num_batches_tracked) == 2**24 + 1
    before, after = generator.state_dict(), loaded.state_dict()
    assert [t.dtype for t in after.values()] == [t.dtype for t in before.values()]
    assert all(parameter.requires_grad for parameter in loaded.parameters())


def test_the_file_can_be_replaced_at_once(file: Path) -> None:
    """Windows refuses it while anything of the file is mapped."""
    loaded, _ = shipped.load_weights(file)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell which files are mapped")
    assert str(file) not in maps.read_text()
    assert not loaded.training


def test_recipes_give_a_reason_for_each_departure() -> None:
    assert shipped.DEFAULT in shipped.weight_names()
    for name in shipped.weight_names():
        recipe = shipped.load_recipe(name)
        assert recipe.config.profile == name
        assert [departure.key for departure in recipe.departures if not departure.why] == []
    with pytest.raises(ConfigError, match=r"one of grid-s, unet-16, but got 'unet'"):
        shipped.load_recipe("unet")


def test_unet_16_is_the_reports_design() -> None:
    """Width, training length and what a short run needs differ; the design does not."""
    own, report = shipped.load_recipe("unet-16").config, load_profile("report")
    assert own.generator.width == 16
    same = {"width": report.generator.width, "dropout": report.generator.dropout}
    assert own.generator.model_copy(update=same) == report.generator
    assert own.loss == report.loss
    assert (own.data.image_size, own.data.short_side) == (256, 0)
