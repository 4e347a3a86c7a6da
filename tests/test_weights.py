"""Weights come back from their file, half precision is not seen, bad files are named."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from exposure_lab import weights
from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.image import Array, to_uint8
from exposure_lab.inference import Corrector
from exposure_lab.networks.unet import UNet
from exposure_lab.profiles import load_profile


@pytest.fixture
def generator(tiny: RunConfig) -> UNet:
    torch.manual_seed(0)
    return UNet(tiny.data.image_size, **tiny.generator.model_dump()).eval()


@pytest.fixture
def file(tmp_path: Path, generator: UNet, tiny: RunConfig) -> Path:
    path = tmp_path / "tiny.safetensors"
    weights.save_weights(path, generator, tiny, {"made": "by a test"})
    return path


def test_network_comes_back_in_half_precision(file: Path, generator: UNet, tiny: RunConfig) -> None:
    loaded, config = weights.load_weights(file)
    assert config == tiny
    assert not loaded.training
    assert weights.read_report(file) == {"made": "by a test"}
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
    whole = Corrector(generator, tiny.data, torch.device("cpu"))(photo)
    halved = Corrector.load(file)(photo)
    assert np.abs(to_uint8(whole).astype(int) - to_uint8(halved)).max() <= 1


def test_files_that_are_no_weights(file: Path, tmp_path: Path, tiny: RunConfig) -> None:
    for name, content in [("cut", file.read_bytes()[:-100]), ("text", b"no weights")]:
        (tmp_path / f"{name}.safetensors").write_bytes(content)
        with pytest.raises(CheckpointError, match=rf"a weights file at .*{name}.*cannot be read"):
            weights.load_weights(tmp_path / f"{name}.safetensors")
    with pytest.raises(CheckpointError, match=r"cannot be read .*check the path, or build it"):
        weights.load_weights(tmp_path / "missing.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match=r"its header names no settings: build them with"):
        weights.load_weights(tmp_path / "other.safetensors")


def test_weights_of_another_network(tmp_path: Path, generator: UNet) -> None:
    other = load_profile("smoke", ["generator.width=8", "data.image_size=16"])
    weights.save_weights(tmp_path / "odd.safetensors", generator, other, {})
    with pytest.raises(CheckpointError, match=r"weights of a generator in .*but they do not load"):
        weights.load_weights(tmp_path / "odd.safetensors")


def test_recipes_give_a_reason_for_each_departure() -> None:
    assert weights.DEFAULT in weights.weight_names()
    for name in weights.weight_names():
        recipe = weights.load_recipe(name)
        assert recipe.config.profile == name
        assert [one.key for one in recipe.departures if not one.why] == []
    with pytest.raises(ConfigError, match=r"Expected weights, one of unet-16, but got 'unet'"):
        weights.load_recipe("unet")


def test_unet_16_is_the_reports_design() -> None:
    """Width, training length and what a short run needs differ; the design does not."""
    own, report = weights.load_recipe("unet-16").config, load_profile("report")
    assert own.generator.width == 16
    same = {"width": report.generator.width, "dropout": report.generator.dropout}
    assert own.generator.model_copy(update=same) == report.generator
    assert own.loss == report.loss
    assert (own.data.image_size, own.data.short_side) == (256, 0)
