"""An exported network corrects as torch does, without torch; a file that is none is refused."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.photo_file import PhotoFile
from exposure_lab.inference.corrector import Corrector
from exposure_lab.inference.network import TorchNetwork
from exposure_lab.inference.onnx_export import export_network
from exposure_lab.inference.onnx_network import load_onnx
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.build import build_generator
from exposure_lab.profiles.load import load_profile

TOLERANCE = 1e-4


def trained(config: RunConfig, spread: float = 0.3) -> Corrector:
    """With a network as if it had been trained to something."""
    torch.manual_seed(0)
    network = build_generator(config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += spread * torch.randn_like(parameter)
    return Corrector(TorchNetwork(network, torch.device("cpu")), config.data)


def settings_of(kind: str, short_side: int) -> RunConfig:
    changes = ["data.image_size=16", f"data.short_side={short_side}"]
    if kind == "bilateral-grid":
        changes += ["generator.kind=bilateral-grid", "generator.width=4"]
    else:
        changes += ["generator.width=4"]
    return load_profile("smoke", changes)


@pytest.fixture(scope="module", params=["bilateral-grid 0", "bilateral-grid 24", "unet 24"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Corrector, Corrector]:
    """A network that torch runs, and the same exported."""
    kind, short_side = request.param.split()
    config = settings_of(kind, int(short_side))
    own = trained(config, 0.3 if kind == "bilateral-grid" else 0.0)
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    assert isinstance(own.network, TorchNetwork)
    export_network(own.network.generator, config, path)
    return own, Corrector.load(path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grid's network, exported."""
    config = settings_of("bilateral-grid", 0)
    own = trained(config)
    path = tmp_path_factory.mktemp("one") / "network.onnx"
    assert isinstance(own.network, TorchNetwork)
    export_network(own.network.generator, config, path)
    return path


@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_agrees_with_torch_at_any_size(
    both: tuple[Corrector, Corrector], height: int, width: int, seed: int
) -> None:
    own, exported = both
    image = np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)
    corrected = exported(image)
    assert np.abs(corrected - own(image)).max() < TOLERANCE
    assert corrected.shape == image.shape and np.isfinite(corrected).all()


def test_draws_at_its_own_scale_as_torch_does(both: tuple[Corrector, Corrector]) -> None:
    small = np.random.default_rng(1).random((16, 16, 3)).astype(np.float32)
    own, exported = (one.run(small) for one in both)
    assert np.abs(own - exported).max() < TOLERANCE


def test_agrees_on_whole_photos(both: tuple[Corrector, Corrector], photo: Array) -> None:
    pixels = PhotoFile((photo * 65535).astype(np.uint16))
    for strength in (0.5, 1.0, 2.0):
        a, b = (one.correct_photo(pixels, strength).pixels.astype(float) for one in both)
        assert np.abs(a - b).max() <= 65535 * TOLERANCE


def test_another_program_applies_the_grid_with_the_file_alone(exported: Path, photo: Array) -> None:
    """As the file says of itself: first a grid of the thumbnail, then that to the picture."""
    session = load_onnx(exported)[0].session
    thumbnail = np.random.default_rng(1).random((1, 3, 16, 16)).astype(np.float32)
    picture = photo.transpose(2, 0, 1)[None].copy()
    rows = ((np.arange(len(photo)) + 0.5) / len(photo)).astype(np.float32)
    nothing = {"grid": np.zeros((1, 12, 8, 8, 8), np.float32), "picture": picture, "rows": rows}
    (grid,) = session.run(["predicted_grid"], {"thumbnail": thumbnail} | nothing)
    (corrected,) = session.run(["corrected"], {"thumbnail": thumbnail} | nothing | {"grid": grid})
    network = trained(settings_of("bilateral-grid", 0)).network
    assert isinstance(network, TorchNetwork) and isinstance(network.generator, BilateralGridNet)
    expected = network.predict_grid(thumbnail[0].transpose(1, 2, 0))
    assert expected is not None
    assert np.abs(grid[0] - expected.cells).max() < TOLERANCE
    own = network.grid_correction(expected, None, 1.0).apply(photo)
    assert np.abs(corrected[0].transpose(1, 2, 0) - own).max() < TOLERANCE


@pytest.mark.parametrize("tone", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (40, 30)])
def test_a_picture_of_one_colour_is_a_sane_one(
    exported: Path, tone: float, size: tuple[int, int]
) -> None:
    image = np.full((*size, 3), tone, np.float32)
    image[..., 1] *= 0.5
    corrected = Corrector.load(exported)(image)
    assert np.ptp(corrected, axis=(0, 1)).max() < 1e-5
    assert corrected.min() >= 0 and corrected.max() <= 1


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def replace_text(path: Path) -> None:
    path.write_text("no model")


def rename(key: str, value: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        model = onnx.load(path)
        (entry,) = (one for one in model.metadata_props if one.key == key)
        entry.value = value
        onnx.save(model, path)

    return change


def drop_facts(path: Path) -> None:
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)


def rename_output(path: Path) -> None:
    text = path.read_bytes()
    path.write_bytes(text.replace(b"guide_knots", b"guide_knopf"))


def with_nan(path: Path) -> None:
    model = onnx.load(path)
    for one in model.graph.initializer:
        values = onnx.numpy_helper.to_array(one).copy()
        if values.dtype == np.float32 and values.ndim == 4:
            values[:] = np.nan
            one.CopyFrom(onnx.numpy_helper.from_array(values, one.name))
    onnx.save(model, path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (truncate, "Expected a network in .*, but it cannot be read .*: check the path"),
        (replace_text, "Expected a network in .*, but it cannot be read .*: check the path"),
        (drop_facts, "another ONNX model: export one, or choose another file"),
        (rename("format", "exposure-lab 99"), "of the version 'exposure-lab 1' in .*'exposure-lab"),
        (rename("config", "{}"), "it is none .*: export it again"),
        (rename("config", "not JSON"), "it is none .*: export it again"),
        (rename_output, "its inputs and outputs are other ones"),
        (with_nan, "it predicts numbers that are not finite: export it again"),
    ],
)
def test_a_file_that_is_no_corrector_is_refused(
    exported: Path, tmp_path: Path, photo: Array, damage: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(exported.read_bytes())
    damage(path)
    with pytest.raises(CheckpointError, match=sentence):
        Corrector.load(path)(photo)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"Expected a network in .*none\.onnx, but it cannot"):
        Corrector.load(tmp_path / "none.onnx")


def test_without_onnxruntime_the_extra_is_named(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "exposure_lab.inference.onnx_network.find_spec",
        lambda name: None if name == "onnxruntime" else find(name),
    )
    with pytest.raises(
        ConfigError, match=r'lacks onnxruntime: run `pip install "exposure-lab\[onn'
    ):
        Corrector.load(exported)


def test_a_network_that_is_not_exported_is_refused_for_onnxruntime(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Expected an exported network for onnxruntime, but"):
        Corrector.load(tmp_path, runtime="onnxruntime")


@pytest.mark.slow
def test_correct_imports_no_torch(exported: Path, photo: Array, tmp_path: Path) -> None:
    write_image(tmp_path / "a.jpg", photo)
    program = (
        "import sys\n"
        "from exposure_lab.cli.main import app\n"
        f"arguments = ['correct', 'a.jpg', '--model', {str(exported)!r}, '--report', 'a.csv']\n"
        "app(arguments, standalone_mode=False)\n"
        "assert not {'torch', 'torchvision', 'onnx'} & set(sys.modules), 'torch was imported'\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert read_image(tmp_path / "a_corrected.jpg").shape == photo.shape
