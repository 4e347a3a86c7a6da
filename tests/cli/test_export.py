"""exposure-lab export: a network as an ONNX file, and what it refuses."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from exposure_lab.cli import extras
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image


def test_an_exported_run_corrects_as_the_run_does(
    call: Callable[..., int], run: Path, photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "a.png", photo)
    assert call("export", run, tmp_path / "run.onnx") == 0
    outputs = []
    for name, model in (("own", run), ("exported", tmp_path / "run.onnx")):
        out = tmp_path / f"{name}.png"
        assert call("correct", tmp_path / "a.png", "--out", out, "--model", model) == 0
        outputs.append(read_image(out))
    assert np.abs(outputs[0] - outputs[1]).max() <= 1.5 / 255


def test_a_file_that_is_there_is_not_replaced(
    call: Callable[..., int], run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run.onnx"
    out.write_text("mine")
    assert call("export", run, out) == 2
    assert "exists: choose another name, or replace it with --overwrite" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert call("export", run, out, "--overwrite") == 0
    assert out.read_bytes() != b"mine"


def test_what_cannot_be_exported(
    call: Callable[..., int],
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert call("export", run, tmp_path / "run.pt") == 2
    assert "Expected a file name that ends in .onnx, but got" in capsys.readouterr().err
    assert call("export", "clahe", tmp_path / "a.onnx") == 2
    assert "Expected a run folder, a file of weights" in capsys.readouterr().err
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert call("export", run, tmp_path / "a.onnx") == 2
    assert 'run `pip install "exposure-lab[onnx]"`' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
