"""exposure-lab data synthesize: a varied training set, with panoramas or of them alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from exposure_lab.data.pairs import find_pairs
from exposure_lab.files.json_files import read_json
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image

VARIED = ("--ev-range", -3, 3, "--per-photo", 2, "--curve", "camera", "--noise", 0.2)


def test_panoramas_by_one_word(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set"
    jitter = ("--white-balance-jitter", 0.1, "--tone-jitter", 0.5, "--identity-share", 1)
    views = ("--panorama-views", 8)
    assert call("data", "synthesize", "panoramas", out, *VARIED, *jitter, *views) == 0
    assert capsys.readouterr().out == f"Wrote 7 training, 1 validation photos to {out}.\n"
    settings = read_json(out / "rendering.json")
    assert isinstance(settings, dict)
    assert settings["ev_range"] == [-3, 3]
    assert (settings["per_photo"], settings["identity_share"]) == (2, 1)
    assert (settings["white_balance_jitter"], settings["tone_jitter"]) == (0.1, 0.5)
    pairs = find_pairs(out, "training")
    assert len(pairs) == 7 * 3
    assert sum(pair.ev == 0 for pair in pairs) == 7
    assert call("data", "verify", out) == 0


def test_panoramas_beside_photos(call: Callable[..., int], tmp_path: Path, photo: Array) -> None:
    write_image(tmp_path / "in" / "a.png", photo)
    out = tmp_path / "set"
    command = ("data", "synthesize", tmp_path / "in", out, *VARIED, "--val", 0)
    assert call(*command, "--panorama-views", 2) == 0
    found = {pair.scene for pair in find_pairs(out, "training")}
    assert found == {"a", "city-panorama-0000", "courtyard-panorama-0000"}


def test_a_folder_of_that_name(
    call: Callable[..., int],
    tmp_path: Path,
    photo: Array,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_image(tmp_path / "panoramas" / "a.png", photo)
    monkeypatch.chdir(tmp_path)
    assert call("data", "synthesize", "panoramas", "out") == 2
    assert "write ./panoramas for the folder, or work elsewhere" in capsys.readouterr().err
    assert call("data", "synthesize", "./panoramas", "out", "--val", 0, "--ev", 1) == 0
    assert [pair.scene for pair in find_pairs("out", "training")] == ["a"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ev-range", 3, -3), "the lower end first, within -16 and 16, but got 3 and -3"),
        (("--ev-range", "nan", 3), "but got nan and 3"),
        (("--ev-range", -3, 3, "--ev", 1), "as a list or as a range, but got both"),
        (("--per-photo", 3), "Expected --ev-range beside --per-photo 3"),
        (("--identity-share", 1), "leave 0 out, or draw the exposures from a range"),
        (("--tone-jitter", -1), "Expected tone_jitter in stops, from 0 to 4, but got -1.0"),
        (("--panorama-views", 0), "but got neither"),
    ],
)
def test_what_cannot_be(
    call: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[object, ...],
    sentence: str,
) -> None:
    assert call("data", "synthesize", "panoramas", tmp_path / "out", *options) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert not (tmp_path / "out").exists()
