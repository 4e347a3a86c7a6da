"""A photo of any size keeps its size and its detail."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure_lab.baselines import BASELINES
from exposure_lab.config import RunConfig
from exposure_lab.data.synthesis import apply_ev
from exposure_lab.errors import CheckpointError, ConfigError, ImageError
from exposure_lab.image import Array, check_image, resize
from exposure_lab.inference import Corrector, carry, load_generator, network_view, resolve
from exposure_lab.metrics import psnr
from exposure_lab.networks.unet import UNet
from exposure_lab.profiles import load_profile
from exposure_lab.training.trainer import train


@pytest.fixture(scope="module")
def run(small_set: Path, tiny: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run."""
    out = tmp_path_factory.mktemp("runs") / "run"
    train(tiny, small_set, out, quiet=True)
    return out


@pytest.fixture(scope="module")
def corrector(run: Path) -> Corrector:
    return Corrector.from_run(run)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70))
def test_any_size_keeps_its_size(corrector: Corrector, height: int, width: int) -> None:
    image = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
    corrected = corrector(image)
    check_image(corrected)
    assert corrected.shape == image.shape


def test_correction_is_deterministic_and_leaves_the_photo_alone(
    corrector: Corrector, photo: Array
) -> None:
    before = photo.copy()
    assert np.array_equal(corrector(photo), corrector(photo))
    assert np.array_equal(photo, before)


def test_what_is_no_image_is_refused(corrector: Corrector) -> None:
    with pytest.raises(ImageError, match="divide by 255"):
        corrector(np.zeros((8, 8, 3), np.uint8))


@pytest.mark.parametrize("short_side", [0, 24])
def test_network_sees_what_it_was_trained_on(
    tiny: RunConfig, photo: Array, short_side: int
) -> None:
    data = tiny.data.model_copy(update={"short_side": short_side})
    height, width = network_view(photo, data).shape[:2]
    assert min(height, width) == 16
    assert (height == width) == (short_side == 0)


def test_unchanged_copy_leaves_the_photo_unchanged(photo: Array) -> None:
    small = resize(photo, 24, 36)
    assert psnr(carry(photo, small, small), photo) > 35


@pytest.mark.parametrize(("gain", "shift"), [(0.5, 0.1), (1.0, -0.05), (-0.5, 0.8)])
def test_line_is_carried_exactly_to_every_pixel(photo: Array, gain: float, shift: float) -> None:
    small = resize(photo, 24, 36)
    carried = carry(photo, small, gain * small + shift)
    assert np.abs(carried - np.clip(gain * photo + shift, 0, 1)).mean() < 0.01


def test_change_of_exposure_is_carried_better_than_enlarged(photo: Array) -> None:
    dark = apply_ev(photo, -1.5)
    small = resize(dark, 24, 36)
    good = resize(photo, 24, 36)
    height, width = photo.shape[:2]
    carried = psnr(carry(dark, small, good), photo)
    assert carried > psnr(resize(good, height, width), photo) + 3
    assert carried > psnr(dark, photo) + 10


def test_generator_comes_back_with_its_weights(run: Path, tiny: RunConfig) -> None:
    generator, config = load_generator(run)
    assert config == tiny
    assert not generator.training
    again, _ = load_generator(run)
    for a, b in zip(generator.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    new = UNet(16, 4).state_dict()
    assert not torch.equal(new["stem.0.weight"], generator.state_dict()["stem.0.weight"])


def test_resolve_takes_baselines_and_runs(run: Path, photo: Array, corrector: Corrector) -> None:
    for name, baseline in BASELINES.items():
        assert resolve(name) is baseline
    assert np.array_equal(resolve(str(run))(photo), corrector(photo))


def test_resolve_refuses_other_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a run folder or one of identity, .* but got 'auto'"):
        resolve("auto")
    with pytest.raises(CheckpointError, match=r"Expected a run with a checkpoint .*train one"):
        resolve(str(tmp_path))


def test_run_without_its_settings(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "checkpoints", tmp_path / "run" / "checkpoints")
    with pytest.raises(CheckpointError, match="Expected a run with a checkpoint"):
        load_generator(tmp_path / "run")


def test_checkpoint_of_another_network(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    other = load_profile("smoke", ["generator.width=8", "data.image_size=16"])
    (tmp_path / "run" / "config.json").write_text(other.model_dump_json())
    with pytest.raises(CheckpointError, match="Expected a generator with the layers of this run"):
        load_generator(tmp_path / "run")
