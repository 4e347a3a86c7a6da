"""A photo of any size keeps its size and its detail."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from exposure_lab.checkpoints.checkpoint import load_checkpoint
from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, ConfigError, ImageError
from exposure_lab.images.array import Array, check_image, to_uint8
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.inference.corrector import Corrector, FunctionCorrector, PhotoCorrector, view_size
from exposure_lab.inference.load import load_generator
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.inference.resolve import LazyModel, load_model, resolve
from exposure_lab.networks.unet import UNet
from exposure_lab.profiles.load import load_profile
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


@pytest.mark.slow
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
    original = photo.copy()
    assert np.array_equal(corrector(photo), corrector(photo))
    assert np.array_equal(photo, original)


@pytest.mark.parametrize("tone", [0, 255])
def test_nothing_is_made_of_a_black_or_a_white_photo(corrector: Corrector, tone: int) -> None:
    photo = PhotoFile(np.full((40, 30, 3), tone, np.uint8))
    assert corrector.correct_photo(photo) is photo


def test_what_is_no_image_is_refused(corrector: Corrector) -> None:
    with pytest.raises(ImageError, match="divide by 255"):
        corrector(np.zeros((8, 8, 3), np.uint8))


@pytest.mark.parametrize(
    ("short_side", "size", "seen"),
    [
        (0, (48, 72), (16, 16)),  # the whole photo, stretched
        (24, (48, 72), (16, 24)),  # 24 px hold one square of 16
        (40, (48, 72), (32, 48)),  # and 40 px hold two
        (24, (72, 48), (24, 16)),
        (24, (1, 50), (16, 800)),
    ],
)
def test_network_sees_what_it_was_trained_on(
    tiny: RunConfig, short_side: int, size: tuple[int, int], seen: tuple[int, int]
) -> None:
    data = tiny.data.model_copy(update={"short_side": short_side})
    assert view_size(*size, data) == seen


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
        assert resolve(name) == FunctionCorrector(baseline)
    assert np.array_equal(resolve(str(run))(photo), corrector(photo))


def test_resolve_refuses_other_names(tmp_path: Path) -> None:
    expected = r"a run folder, a file of weights \(\.safetensors or \.onnx\) or one of .*identity, "
    with pytest.raises(ConfigError, match=expected + ".*but got 'auto': check the path"):
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


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[]", r"it holds \[\]"),
        ("3", "it holds 3"),
        ("{", "it does not parse"),
        ("[" * 50_000, "it is nested too deeply"),
        ("{}", "'profile'"),
        ('{"generator": {"width": 1e99}}', "'profile'"),
    ],
)
def test_settings_of_a_run_that_are_none(
    run: Path, tmp_path: Path, content: str, problem: str
) -> None:
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=rf"config\.json, but they .*{problem}") as caught:
        resolve(str(tmp_path / "run"))
    assert str(caught.value).isprintable()


def test_a_run_whose_last_weights_are_no_numbers(
    run: Path, tmp_path: Path, tiny: RunConfig
) -> None:
    """The generator of the checkpoint before it is taken; what else it lacks doesn't matter."""
    shutil.copytree(run, tmp_path / "run")
    previous, last = checkpoint_folders(tmp_path / "run")[-2:]
    for folder, key in (
        (last, "generator/stem.0.weight"),
        (previous, "discriminator/layers.0.bias"),
    ):
        tensors = load_checkpoint(folder).tensors
        tensors[key].view(-1)[0] = float("nan")
        save_file(tensors, folder / "tensors.safetensors")
    with pytest.warns(UserWarning, match=r"generator: stem\.0\.weight holds .* one before it is"):
        generator, config = load_generator(tmp_path / "run")
    assert config == tiny
    expected = load_checkpoint(previous).tensors
    assert torch.equal(generator.state_dict()["stem.0.weight"], expected["generator/stem.0.weight"])


def test_a_thread_of_pixels_is_seen_shortened() -> None:
    data = load_profile("smoke").data
    short = view_size(600, 600, data)[0]
    assert view_size(600, 900, data) == (short, short * 3 // 2)
    assert view_size(10, 160, data) == (short, 16 * short)
    assert view_size(10, 650, data) == (short, 64 * short)
    assert view_size(1, 65_535, data) == (short, 64 * short)
    assert view_size(65_535, 1, data) == (64 * short, short)


class Recorder(nn.Module):
    """Returns its input, and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[torch.Tensor] = []

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Keep the batch (N, 3, H, W)."""
        self.inputs.append(image)
        return image


@pytest.mark.parametrize(
    ("size", "padded"), [((48, 96), (16, 32)), ((96, 48), (32, 16)), ((50, 60), (16, 32))]
)
def test_generator_receives_the_photo_upright(
    tiny: RunConfig, size: tuple[int, int], padded: tuple[int, int]
) -> None:
    """Rows stay rows: a ramp down the photo is a ramp down what the generator gets."""
    assert (tiny.data.short_side, tiny.data.image_size) == (24, 16)
    height, width = size
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    recorder = Recorder()
    corrector = Corrector(TorchNetwork(recorder, torch.device("cpu")), tiny.data)
    corrected = corrector(np.broadcast_to(ramp, (height, width, 3)).copy())
    (batch,) = recorder.inputs
    assert batch.shape == (1, 3, *padded)
    assert float(batch[0].std(dim=2).max()) < 1e-3  # along a row nothing changes
    assert (batch[0, :, :15].diff(dim=1) > 0).all()  # down a column it grows
    assert np.abs(corrected - ramp).mean() < 0.02


def test_network_and_function_correct_photos_alike(photo: Array, tiny: RunConfig) -> None:
    """Both kinds of corrector give a file of the same depth and keep the rest of it."""
    pixels = to_uint8(photo)
    file = PhotoFile(pixels, alpha=pixels[..., 0], extras={"dpi": (300, 300)})
    network = Corrector(TorchNetwork(Recorder(), torch.device("cpu")), tiny.data)
    correctors: list[PhotoCorrector] = [network, FunctionCorrector(lambda image: image)]
    for corrector in correctors:
        corrected = corrector.correct_photo(file, strength=0.5)
        assert corrected.pixels.dtype == np.uint8 and corrected.pixels.shape == pixels.shape
        assert corrected.alpha is file.alpha and corrected.extras == file.extras
        assert np.abs(corrector(photo) - photo).mean() < 0.05
    assert np.array_equal(corrected.pixels, pixels)


def test_a_model_is_loaded_once_by_its_name(run: Path) -> None:
    assert load_model(str(run)) is load_model(str(run))
    assert load_model("clahe") is load_model("clahe")
    assert LazyModel(str(run)).load() is load_model(str(run))
    assert resolve(str(run)) is not load_model(str(run))  # a run that trains on is read anew
