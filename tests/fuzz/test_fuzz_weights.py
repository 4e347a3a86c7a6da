"""Any file of weights gives a network whose numbers are some, or one printable line."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from memory import within
from stored_files import join, split, stored

from exposure_lab.config import RunConfig
from exposure_lab.errors import CheckpointError, ExposureLabError
from exposure_lab.inference.corrector import Corrector
from exposure_lab.networks.unet import UNet
from exposure_lab.profiles.load import load_profile
from exposure_lab.weights import shipped


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return load_profile("smoke", ["data.image_size=8", "data.short_side=8", "generator.width=2"])


@pytest.fixture(scope="module")
def file(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    report = {"scores": {"models": [{"model": "tiny", "mean": {"psnr": 20.5}}]}}
    shipped.save_weights(path, UNet(8, **config.generator.model_dump()), config, report)
    return path


def check(path: Path) -> str:
    """The error message, or an empty one where the weights load."""
    try:
        generator, config = shipped.load_weights(path)
        shipped.read_report(path)
    except ExposureLabError as error:
        message = str(error)
        assert message.startswith("Expected ") and message.endswith(".") and message.isprintable()
        assert str(path) in message and len(message) < 1500
        return message
    with torch.inference_mode():
        side = config.data.image_size
        assert generator(torch.zeros(1, 3, side, side)).isfinite().all()
    assert not any(tensor.is_meta for tensor in generator.state_dict().values())
    return ""


@pytest.mark.slow
def test_fuzz(file: Path, tmp_path: Path) -> None:
    messages: list[str] = []
    path = tmp_path / "any.safetensors"

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(stored(file.read_bytes()))
    def run(content: bytes) -> None:
        path.write_bytes(content)
        messages.append(check(path))

    with within(300):
        run()
    assert messages.count("") >= 10  # it is no fuzzer that never hits


def test_a_small_file_takes_little_memory(file: Path, tmp_path: Path) -> None:
    """Its settings ask for eight gigabytes of weights, which it does not have."""
    header, data = split(file.read_bytes())
    large = load_profile("smoke", ["generator.width=512"])
    header["__metadata__"]["config"] = large.model_dump_json()
    path = tmp_path / "small.safetensors"
    path.write_bytes(join(json.dumps(header).encode(), data))
    assert path.stat().st_size < 50_000
    with within(100), pytest.raises(CheckpointError, match=r"size mismatch for stem\.0\.weight"):
        Corrector.load(path)


@pytest.mark.parametrize("length", [0, 5, 10**6 + 1, 2**62, 2**64 - 1])
def test_a_header_that_is_not_there(tmp_path: Path, length: int) -> None:
    path = tmp_path / "lie.safetensors"
    path.write_bytes(join(b"", b"", length))
    with within(100), pytest.raises(CheckpointError, match=r"lie.*, but it cannot be read \("):
        shipped.load_weights(path)


def test_a_gigabyte_that_a_file_only_claims(file: Path, tmp_path: Path) -> None:
    """A tensor of another shape, in a file with room for it on a disk that stores no zeros."""
    header, _ = split(file.read_bytes())
    size = 1 << 30
    claim = {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}
    path = tmp_path / "large.safetensors"
    kept = {"__metadata__": header["__metadata__"], "stem.0.weight": claim}
    content = join(json.dumps(kept).encode(), b"")
    path.write_bytes(content)
    with path.open("r+b") as opened:
        opened.truncate(len(content) + size)
    with within(100), pytest.raises(CheckpointError, match=r"size mismatch for stem.* \(268435456"):
        Corrector.load(path)
