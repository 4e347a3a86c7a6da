"""exposure-lab doctor: a report that is whole, whatever is broken, and tells nobody's name."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from exposure_lab.cli.doctor import _anonymize

Doctor = Callable[[], str]


@pytest.fixture
def doctor(call: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Run the command, which always succeeds, and give its output."""

    def run() -> str:
        assert call("doctor") == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, reached through a link as on some systems."""
    (tmp_path / "real" / "kim.example").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "real")
    folder = tmp_path / "home" / "kim.example"
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


def test_the_report(doctor: Doctor) -> None:
    report = doctor()
    for word in ("exposure-lab", "torch", "device cpu", "precision", "Sandbox: ", "'training': 20"):
        assert word in report


def test_home_is_a_tilde_in_paths_and_in_sentences(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = home / "photos" / "training" / "INPUT_IMAGES"
    inputs.mkdir(parents=True)
    for folder in (home, home.resolve()):
        monkeypatch.setenv("EXPOSURE_LAB_DATA", str(folder / "photos"))
        last = doctor().splitlines()[-1]
        assert last.startswith("data cannot be read: Expected pictures in ~/photos/tra")
        assert "kim" not in last


def test_a_folder_named_for_user_or_machine_is_not_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "desk7")
    for line, safe in [
        ("data /scratch/kim.example/set: 1", "data /scratch/.../set: 1"),
        ("data /net/desk7/set", "data /net/.../set"),
        ("data /net/desk77/kim.example2", "data /net/desk77/kim.example2"),
        (f"data {home}-old/x and {home}", f"data {home.parent}/kim.example-old/x and ~"),
    ]:
        assert _anonymize(line) == safe


@pytest.mark.parametrize("home", ["/", ""])
def test_a_home_that_is_none(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(platform, "node", lambda: "")
    assert _anonymize("data /mnt/set: 1") == "data /mnt/set: 1"


def test_what_cannot_be_read_or_used_is_one_line(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = tmp_path / "set" / "training" / "INPUT_IMAGES"
    inputs.mkdir(parents=True)
    (inputs / "a_0\x1b[2J.png").touch()
    monkeypatch.setenv("EXPOSURE_LAB_DATA", str(tmp_path / "set"))
    monkeypatch.setenv("EXPOSURE_LAB_PRECISION", "fp13")
    lines = doctor().splitlines()
    assert "\x1b" not in "".join(lines)
    assert lines[3].startswith("device cannot be used: Expected a precision, one of fp32")
    assert f"{os.cpu_count()} cores" in lines[3]
    assert lines[4].startswith("Sandbox: ")
    assert "'training': 20" in lines[-2]
    assert lines[-1].startswith("data cannot be read: Expected ")
    monkeypatch.setenv("EXPOSURE_LAB_DATA", str(tmp_path / "nowhere"))
    assert doctor().endswith("nowhere: no set in MSEC layout\n")
