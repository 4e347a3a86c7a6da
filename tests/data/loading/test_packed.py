"""A packed set gives the same pixels as the photos, with no copy, and notices any damage."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.packed import PackedPairs, damaged_photos
from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import decode_photo, find_pairs
from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.errors import DataError, FilesError
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.images.resize import shrink
from exposure_lab.profiles.load import load_profile


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir()}


@pytest.mark.parametrize("split", ["training", "validation"])
def test_the_same_pixels_as_the_photos(
    packed: Path, small_set: Path, config: DataConfig, split: str
) -> None:
    pairs = find_pairs(small_set, split)
    photos = PackedPairs(packed, split, config)
    assert len(photos) == len(pairs)
    for i, pair in enumerate(pairs):
        for found, path in zip(photos[i], pair[:2], strict=True):
            assert np.array_equal(found, decode_photo(path, config))
        assert photos.ev(i) == pair.ev


def test_an_item_is_a_view_that_nobody_can_write_to(packed: Path, config: DataConfig) -> None:
    photos = PackedPairs(packed, "training", config)
    real_input, real_target = photos[3]
    assert np.shares_memory(real_input, photos.pixels)
    assert np.shares_memory(real_target, photos.pixels)
    assert not real_input.flags.writeable


def test_a_target_that_inputs_share_is_there_once(packed: Path, config: DataConfig) -> None:
    photos = PackedPairs(packed, "training", config)
    assert len(np.unique(photos.table["target"])) == 4
    assert len(photos.photos) == 6 * (5 + 1)


def test_a_loaders_process_opens_it_again(packed: Path, config: DataConfig) -> None:
    photos = PackedPairs(packed, "training", config)
    sent = pickle.dumps(photos)
    assert len(sent) < 2000
    assert np.array_equal(pickle.loads(sent)[7][0], photos[7][0])


@pytest.mark.slow
def test_two_processes_pack_the_same_bytes(
    packed: Path, small_set: Path, config: DataConfig, tmp_path: Path
) -> None:
    again = pack(small_set, tmp_path / "again.pack", config, jobs=2)
    assert contents(again) == contents(packed)


def test_squares_of_the_report(small_set: Path, config: DataConfig, tmp_path: Path) -> None:
    squares = config.model_copy(update={"short_side": 0})
    photos = PackedPairs(pack(small_set, tmp_path / "s.pack", squares), "training", squares)
    assert photos[0][0].shape == (3, 16, 16)


def test_another_scale_is_refused(packed: Path, config: DataConfig) -> None:
    other = config.model_copy(update={"short_side": 32})
    with pytest.raises(
        DataError, match=r"short sides of 32 px, as .* short sides of 24 px: pack the set again"
    ):
        PackedPairs(packed, "training", other)


def test_a_split_that_is_not_there(packed: Path, config: DataConfig) -> None:
    with pytest.raises(DataError, match=r"Expected test pairs in .* packed without them"):
        PackedPairs(packed, "test", config)


@pytest.mark.parametrize("name", ["training.npy", "photos.npy", "pixels.bin", "index.json"])
def test_damage_is_noticed(small_set: Path, config: DataConfig, tmp_path: Path, name: str) -> None:
    folder = pack(small_set, tmp_path / "x.pack", config)
    file = folder / name
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(DataError, match="pack it again"):
        PackedPairs(folder, "training", config)
    file.unlink()
    with pytest.raises(DataError, match="pack it again"):
        PackedPairs(folder, "training", config)


def test_a_flipped_bit_has_its_photo(small_set: Path, config: DataConfig, tmp_path: Path) -> None:
    folder = pack(small_set, tmp_path / "x.pack", config)
    assert damaged_photos(folder) == []
    photos = PackedPairs(folder, "training", config).photos
    content = bytearray((folder / "pixels.bin").read_bytes())
    content[int(photos[5]["offset"]) + 10] ^= 1
    (folder / "pixels.bin").write_bytes(content)
    assert damaged_photos(folder) == [5]


def test_a_newer_pack(small_set: Path, config: DataConfig, tmp_path: Path) -> None:
    folder = pack(small_set, tmp_path / "x.pack", config)
    write_json(folder / "index.json", read_json(folder / "index.json") | {"format": 9})
    with pytest.raises(DataError, match=r"format 1 or older .* got 9: update exposure-lab"):
        PackedPairs(folder, "training", config)


def test_nothing_is_overwritten(small_set: Path, config: DataConfig, tmp_path: Path) -> None:
    folder = pack(small_set, tmp_path / "x.pack", config)
    before = contents(folder)
    with pytest.raises(FilesError, match="Expected no folder at"):
        pack(small_set, folder, config)
    assert contents(folder) == before


PACKING = """
import sys
from exposure_lab.data.packing import pack
from exposure_lab.errors import FilesError
from exposure_lab.profiles.load import load_profile
config = load_profile("report").data
print("ready", flush=True)
sys.stdin.readline()
try:
    pack("set", "x.pack", config)
except FilesError as error:
    sys.exit(str(error))
"""


def scenes(root: Path, count: int) -> Path:
    """A set of so many pairs, large enough that packing them takes a moment."""
    photo = shrink(sample_photo("china"), 300)
    for i in range(count):
        write_pairs(photo, f"scene_{i:02d}", root, "training", evs=(0,))
    return root


@pytest.mark.slow
def test_two_processes_pack_to_one_path(tmp_path: Path) -> None:
    scenes(tmp_path / "set", 12)
    command = [sys.executable, "-c", PACKING]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, cwd=tmp_path, text=True, **pipes) for _ in range(2)]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in both:  # both are at the line before `pack`
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert "".join(said).startswith("Expected ") and "".join(said).count("\n") == 1
    assert "another process is writing there" in "".join(said)
    config = load_profile("report").data
    assert contents(tmp_path / "x.pack") == contents(pack(tmp_path / "set", tmp_path / "y", config))
    assert damaged_photos(tmp_path / "x.pack") == []


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_kill_9_in_the_middle_then_again(config: DataConfig, tmp_path: Path) -> None:
    scenes(tmp_path / "set", 40)
    call = (
        "from exposure_lab.profiles.load import load_profile;"
        "from exposure_lab.data.packing import pack;"
        "pack('set', 'x.pack', load_profile('report').data)"
    )
    command = [sys.executable, "-c", call]
    process = subprocess.Popen(command, cwd=tmp_path)
    while not list(tmp_path.glob(".exposure-lab-*/pixels.bin")):
        time.sleep(0.005)
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "x.pack").exists()
    subprocess.run(command, cwd=tmp_path, check=True)
    assert not list(tmp_path.glob(".exposure-lab-*/pixels.bin"))  # what was left behind is gone
    subprocess.run(
        [sys.executable, "-c", call.replace("x.pack", "y.pack")], cwd=tmp_path, check=True
    )
    assert contents(tmp_path / "x.pack") == contents(tmp_path / "y.pack")
