"""exposure-lab weights: what ships, and how it is made anew."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from exposure_lab.cli import main as cli
from exposure_lab.config import RunConfig
from exposure_lab.data.sources import bsds500_pairs
from exposure_lab.training import release_weights
from exposure_lab.weights import shipped
from exposure_lab.weights.shipped import Recipe


@pytest.mark.parametrize("command", ["weights list", "weights build"])
def test_help_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"Example: exposure-lab {command}" in result.output


def test_list_names_score_and_card(call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("weights", "list") == 0
    output = capsys.readouterr().out
    for name in shipped.weight_names():
        report = shipped.read_report(shipped.weights_path(name))
        psnr = report["scores"]["models"][0]["mean_wrong"]["psnr"]
        assert f"{psnr:.1f} dB" in output
        assert f"Model card of {name}: {shipped.weights_path(name).with_suffix('.md')}" in output


@pytest.mark.slow
def test_build_takes_a_set_or_the_berkeley_photos(
    call,
    capsys: pytest.CaptureFixture[str],
    small_set: Path,
    tiny: RunConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = dict.fromkeys(("network", "data", "licence", "limits"), "Text.")
    recipe = Recipe("unet-16", tiny, [], card)
    monkeypatch.setattr(release_weights, "load_recipe", lambda name: recipe)
    monkeypatch.setattr(bsds500_pairs, "berkeley_set", lambda say, rendering=None: small_set)
    for out, options in [("named", ("--data", small_set)), ("fetched", ())]:
        assert call("weights", "build", "unet-16", "--out", tmp_path / out, *options) == 0
        assert f"Card:    {tmp_path / out / 'unet-16.md'}" in capsys.readouterr().out
    named, fetched = (tmp_path / out / "unet-16.safetensors" for out in ("named", "fetched"))
    a, b = (shipped.load_weights(path)[0].state_dict() for path in (named, fetched))
    assert all((a[key] == b[key]).all() for key in a)


@pytest.mark.parametrize("text", ["kodak", "=runs/kodak:test", "Kodak=runs/kodak", "Kodak=:test"])
def test_sets_to_score_that_are_none(
    call, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    assert call("weights", "build", "unet-16", "--out", tmp_path / "out", "--score", text) == 2
    sentence = f"LABEL=FOLDER:SPLIT, such as Kodak=runs/kodak:test, but got {text!r}"
    assert sentence in capsys.readouterr().err


def test_unknown_name(call, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call("weights", "build", "unet", "--out", tmp_path / "out") == 2
    assert "Expected weights, one of grid-s, unet-16, but got 'unet'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
