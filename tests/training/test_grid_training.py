"""The grid's network trains, resumes, is kept and is used as the U-Net is."""

from copy import deepcopy
from functools import partialmethod
from pathlib import Path

import numpy as np
import pytest
import torch
from runs import assert_same_run, run_whole, stop
from tiny_run import TINY
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.loader import Batch
from exposure_lab.data.pairs import find_pairs
from exposure_lab.errors import CheckpointError
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference import corrector
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.load import load_network
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.inference.resolve import resolve
from exposure_lab.losses import adversarial_loss, l1_loss
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.grid_slicing import roughness
from exposure_lab.profiles.load import departures_of, load_profile
from exposure_lab.runtime import Runtime
from exposure_lab.training import release_weights
from exposure_lab.training.gan import GAN
from exposure_lab.training.microbatches import accumulated_step
from exposure_lab.weights import shipped

GRID = ("generator.kind=bilateral-grid", *TINY)


@pytest.fixture(scope="module")
def grid_config() -> RunConfig:
    return load_profile("smoke", GRID)


@pytest.fixture(scope="module")
def grid_run(
    small_set: Path, grid_config: RunConfig, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run of twelve steps that nobody interrupted."""
    out = tmp_path_factory.mktemp("runs") / "grid"
    run_whole(grid_config, small_set, out)
    return out


@pytest.fixture
def batch(small_set: Path, grid_config: RunConfig) -> Batch:
    """Four training pairs that need a correction, two dark and two bright."""
    dataset = PairedImages(find_pairs(small_set, "training"), grid_config.data, 0)
    chosen = [index for index in range(len(dataset)) if abs(dataset.photos.ev(index)) == 1][:4]
    inputs, targets = zip(*(dataset[0, index] for index in chosen), strict=True)
    return Batch(torch.stack(inputs), torch.stack(targets))


@pytest.fixture
def gan(grid_config: RunConfig, cpu: Runtime) -> GAN:
    """Both networks, before their first step."""
    torch.manual_seed(0)
    return GAN.build(grid_config, cpu)


def test_loss_holds_the_roughness_of_the_grid(gan: GAN, batch: Batch) -> None:
    gan.step(batch)
    generator = gan.generator
    assert isinstance(generator, BilateralGridNet)
    fake_target = generator(batch.real_input)
    loss = gan.generator_loss(batch, fake_target)
    rough = roughness(generator.grid(batch.real_input))
    logits = gan.discriminator(batch.real_input, fake_target)
    expected = (
        adversarial_loss(logits)
        + 100 * l1_loss(fake_target, batch.real_target)
        + generator.smoothness * rough
    )
    assert rough > 0
    assert torch.allclose(loss.total, expected)
    assert torch.allclose(loss.l1, l1_loss(fake_target, batch.real_target))


def test_every_weight_moves_in_two_steps(gan: GAN, batch: Batch) -> None:
    """In the first one only the last layers do, since the grid begins as zero."""
    before = {name: weight.detach().clone() for name, weight in gan.generator.named_parameters()}
    gan.step(batch)
    gan.step(batch)
    now = dict(gan.generator.named_parameters())
    assert [name for name, weight in before.items() if torch.equal(weight, now[name])] == []


def test_microbatches_add_up_to_the_batch(gan: GAN, batch: Batch) -> None:
    gan.loss = gan.loss.model_copy(update={"lambda_adversarial": 0.0})
    gan.step(batch)
    gan.generator_optimizer = torch.optim.SGD(gan.generator.parameters(), 1e-3)
    other = deepcopy(gan)
    losses = gan.step(batch), accumulated_step(other, batch, 2)
    assert torch.allclose(losses[0].l1, losses[1].l1)
    for own, accumulated in zip(
        gan.generator.parameters(), other.generator.parameters(), strict=True
    ):
        assert torch.allclose(own, accumulated, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch's own
@pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0:RuntimeWarning")
def test_compiled_grid_takes_the_same_steps(
    grid_config: RunConfig, batch: Batch, cpu: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traced and differentiated as always; no C++ is written, which takes minutes."""
    compiling = partialmethod(nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(nn.Module, "compile", compiling)
    losses = []
    for switch in ("off", "on"):
        training = grid_config.training.model_copy(update={"compile": switch})
        torch.manual_seed(0)
        gan = GAN.build(grid_config.model_copy(update={"training": training}), cpu)
        losses.append([torch.stack(gan.step(batch)) for _ in range(3)])
    assert torch.allclose(torch.stack(losses[0]), torch.stack(losses[1]), rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [(6,), (1, 5, 11)], ids=str)
def test_resumed_grid_run_is_bitwise_the_uninterrupted_one(
    grid_run: Path,
    small_set: Path,
    grid_config: RunConfig,
    tmp_path: Path,
    steps: tuple[int, ...],
) -> None:
    for step in steps:
        stop(grid_config, small_set, tmp_path, step, resume=step != steps[0])
        torch.rand(5)
    run_whole(grid_config, small_set, tmp_path, resume=True)
    assert_same_run(tmp_path, grid_run)


@pytest.mark.slow
@pytest.mark.parametrize("extra", ["loss.lambda_adversarial=0", "training.ema_decay=0.5"])
def test_trains_without_the_adversarial_term_and_with_an_average(
    small_set: Path, tmp_path: Path, extra: str
) -> None:
    summary = run_whole(load_profile("smoke", [*GRID, extra]), small_set, tmp_path)
    # An untouched picture is where the network begins, but for rounding to the [-1, 1] scale.
    assert summary["val_psnr_first"] == pytest.approx(summary["val_psnr_identity"], abs=1e-3)
    assert Corrector.from_run(tmp_path).network.generator.training is False


@pytest.mark.slow
def test_learns_a_correction_that_beats_doing_nothing(batch: Batch, cpu: Runtime) -> None:
    """Four pairs, 150 steps: with three seeds L1 fell to 0.12 or 0.13 of that of identity."""
    config = load_profile("smoke", [*GRID, "loss.lambda_adversarial=0"])
    torch.manual_seed(0)
    gan = GAN.build(config, cpu)
    for _ in range(150):
        gan.step(batch)
    with torch.no_grad():
        learned = l1_loss(gan.generator.eval()(batch.real_input), batch.real_target)
    assert learned < 0.25 * l1_loss(batch.real_input, batch.real_target)


def test_run_is_loaded_as_what_it_is(
    grid_run: Path, grid_config: RunConfig, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrector, "LEAST_CHANGE", 0)  # twelve steps learn less than that
    network, config = load_network(grid_run)
    assert isinstance(network, BilateralGridNet) and config == grid_config
    correct = resolve(str(grid_run))
    corrected = correct(photo)
    assert corrected.shape == photo.shape and not np.array_equal(corrected, photo)
    pixels = to_uint8(photo)
    assert correct.correct_photo(PhotoFile(pixels)).pixels.shape == pixels.shape


def test_weights_of_a_grid_come_back(grid_run: Path, tmp_path: Path, photo: Array) -> None:
    network, config = load_network(grid_run)
    path = tmp_path / "grid.safetensors"
    shipped.save_weights(path, network, config, {"made": "by a test"})
    loaded, settings = shipped.load_weights(path)
    assert isinstance(loaded, BilateralGridNet) and settings == config
    whole, halved = (
        Corrector(TorchNetwork(network, torch.device("cpu")), config.data),
        Corrector.load(path),
    )
    assert np.abs(to_uint8(whole(photo)).astype(int) - to_uint8(halved(photo))).max() <= 1


def test_checkpoint_of_the_other_kind_is_refused(
    grid_run: Path, small_set: Path, tiny: RunConfig, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="Expected a generator with the layers of this run"):
        run_whole(tiny, small_set, tmp_path, from_run=grid_run)
    network, _ = load_network(grid_run)
    shipped.save_weights(tmp_path / "odd.safetensors", network, tiny, {})
    with pytest.raises(CheckpointError, match=r"they do not load \(stem.* is missing"):
        Corrector.load(tmp_path / "odd.safetensors")


@pytest.mark.slow
def test_command_line_trains_evaluates_and_corrects(
    command_line, small_set: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    options = ["--profile", "smoke", "--data", small_set, "--out", run]
    done = command_line("train", *options, *GRID)
    assert done.returncode == 0, done.stderr
    done = command_line("evaluate", run, "--data", small_set)
    assert done.returncode == 0 and "dB" in done.stdout, done.stderr
    source = next((small_set / "validation" / "INPUT_IMAGES").iterdir())
    done = command_line("correct", source, "--model", run, "--out", tmp_path / "better.png")
    assert done.returncode == 0 and (tmp_path / "better.png").exists(), done.stderr


@pytest.mark.slow
def test_weights_and_card_of_a_grid(
    small_set: Path, tmp_path: Path, grid_config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"generator": {"kind": "bilateral-grid"}, "why": {"generator.kind": "it is small"}}
    text = {"network": "A grid.", "data": "Six photos.", "licence": "Free.", "limits": "Many."}
    recipe = shipped.Recipe("grid", grid_config, departures_of(own), text)
    monkeypatch.setattr(release_weights, "load_recipe", lambda name: recipe)
    built = release_weights.build_weights("grid", small_set, tmp_path)
    card = built.card.read_text(encoding="utf-8")
    assert "| `generator.kind` | unet | bilateral-grid | it is small |" in card
    assert isinstance(Corrector.load(built.weights).network.generator, BilateralGridNet)
