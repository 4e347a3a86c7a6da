"""Packing asks for room first, and leaves alone what lies beside the pack."""

import os
import shutil
from pathlib import Path

import pytest

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.packed import damaged_photos
from exposure_lab.data.packing import pack
from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import atomic_folder
from exposure_lab.files.ownership import path_lock
from exposure_lab.profiles.load import load_profile


@pytest.fixture
def config() -> DataConfig:
    """The scale of the smallest pack."""
    return load_profile("smoke", ["data.image_size=16", "data.short_side=24"]).data


def test_neighbours_stay(small_set: Path, tmp_path: Path, config: DataConfig) -> None:
    """A user's hidden files of like names, and a pack that another process is making."""
    (tmp_path / ".msec.notes").mkdir()
    (tmp_path / ".msec.notes" / "one.txt").write_text("mine")
    (tmp_path / ".msec.pack.bak").write_text("mine")
    with path_lock(tmp_path / "msec.256"), atomic_folder(tmp_path / "msec.256") as running:
        (running / "pixels.bin").write_bytes(b"half")
        for name in ("msec", "msec.pack"):
            pack(small_set, tmp_path / name, config)
        assert (running / "pixels.bin").read_bytes() == b"half"
    assert (tmp_path / ".msec.notes" / "one.txt").read_text() == "mine"
    assert (tmp_path / ".msec.pack.bak").read_text() == "mine"
    assert damaged_photos(tmp_path / "msec.pack") == []


def test_a_folder_that_is_there_is_refused(
    small_set: Path, tmp_path: Path, config: DataConfig
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / ".env").write_text("mine")
    with pytest.raises(FilesError, match=r"Expected no folder at .*taken, but there is one"):
        pack(small_set, tmp_path / "taken", config)
    assert os.listdir(tmp_path / "taken") == [".env"]


@pytest.mark.parametrize(
    ("short_side", "expected"),
    [
        (24, 36 * 3 * 24 * 24 * 3 // 2),  # 36 files, each half as long again as wide
        (0, 36 * 3 * 16 * 16),  # stretched to squares of 16 px
    ],
)
def test_room_is_asked_for_first(
    small_set: Path,
    tmp_path: Path,
    config: DataConfig,
    monkeypatch: pytest.MonkeyPatch,
    short_side: int,
    expected: int,
) -> None:
    config = config.model_copy(update={"short_side": short_side})
    for free in (expected - 1, expected):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        if free < expected:
            with pytest.raises(FilesError, match="MB free"):
                pack(small_set, tmp_path / "set.pack", config)
            assert not (tmp_path / "set.pack").exists()
        else:
            assert pack(small_set, tmp_path / "set.pack", config).is_dir()
