"""Any pack gives photos of the size that it tells, or one printable line says why not."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import within
from mutations import changed, changed_json, spliced

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.gpu_resident import ResidentPhotos
from exposure_lab.data.loading.packed import PackedPairs, damaged_photos, pack_fingerprint
from exposure_lab.data.packing import pack
from exposure_lab.errors import ExposureLabError
from exposure_lab.files.checksum import sha256
from exposure_lab.profiles.load import load_profile

NUMBERS = st.sampled_from([-1, 0, 1, 7, 8, 9, 192, 2**16, 2**31 - 1, -(2**31)])
OFFSETS = NUMBERS | st.sampled_from([2**62, 2**63 - 1, -(2**63)])
EVS = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.5, 1e30])
HEADERS = st.sampled_from(
    [b"(" * 4000, b"{'descr': '\\d'}", b"[i for i in ()]", b"{'descr': '|O'}", b"-" * 9000, b"\xff"]
)


@pytest.fixture(scope="module")
def config() -> DataConfig:
    return load_profile("smoke", ["data.image_size=8", "data.short_side=8"]).data


@pytest.fixture(scope="module")
def packed(small_set: Path, config: DataConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(small_set, tmp_path_factory.mktemp("packed") / "set.pack", config)


@st.composite
def tables(draw: st.DrawFn, file: Path) -> bytes:
    """A table with cells, header or bytes changed."""
    whole = file.read_bytes()
    kind = draw(st.sampled_from(["cells", "cells", "cells", "bytes", "header", "shape"]))
    if kind == "bytes":
        return draw(spliced(whole))
    if kind == "header":
        text = draw(HEADERS | st.binary(max_size=40))
        return whole[:8] + len(text).to_bytes(2, "little") + text + whole[128:]
    if kind == "shape":
        shape = draw(st.sampled_from([b"(0,)", b"(-1,)", b"(%d,)" % 2**64, b"()", b"(2, 3)"]))
        start = whole.index(b"'shape': (") + 9
        end = whole.index(b")", start) + 1
        return whole[:start] + shape.ljust(end - start) + whole[end:]
    table = np.load(file)
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, len(table) - 1))
        key = draw(st.sampled_from(table.dtype.names))
        odd = {"ev": EVS, "offset": OFFSETS, "crc": st.just(0)}.get(key, NUMBERS)
        table[key][row] = draw(odd | st.sampled_from(sorted(set(table[key].tolist()))))
    copy = file.with_name("changed")
    with copy.open("wb") as opened:
        np.save(opened, table)
    return copy.read_bytes()


@st.composite
def pixels(draw: st.DrawFn, file: Path) -> bytes:
    """Other pixels, as many or some less."""
    whole = file.read_bytes()
    other = draw(spliced(whole))
    as_long = other[: len(whole)].ljust(len(whole))
    return draw(st.sampled_from([as_long, as_long, other]))


@st.composite
def damaged(draw: st.DrawFn, packed: Path) -> dict[str, bytes]:
    """Some files of a pack anew, with an index that may be true to them."""
    index: dict[str, Any] = json.loads((packed / "index.json").read_text())
    names = draw(st.sets(st.sampled_from(["pixels.bin", "training.npy", "photos.npy"]), max_size=2))
    files = {
        name: draw(tables(packed / name) if name.endswith("y") else pixels(packed / name))
        for name in sorted(names)
    }
    for name, content in files.items():
        (packed / "changed").write_bytes(content)
        if name == "pixels.bin":
            index["pixels"] = len(content)
        else:
            index["tables"][name.removesuffix(".npy")] = sha256(packed / "changed")
    kinds = ["true", "true", "true", "changed", "odd"] if names else ["odd"]
    kind = draw(st.sampled_from(kinds))
    if kind == "odd":
        return files | {"index.json": draw(changed_json(index))}
    if kind == "changed":
        index = draw(changed(index))
    return files | {"index.json": json.dumps(index).encode("utf-8", "surrogatepass")}


def check(folder: Path, config: DataConfig) -> str:
    """The error message, or an empty one where all photos can be read."""
    try:
        pack_fingerprint(folder)
        damaged_photos(folder)
        for split in ("training", "validation"):
            photos = PackedPairs(folder, split, config)
            for number in range(len(photos)):
                real_input, real_target = photos[number]
                assert real_input.shape == real_target.shape and min(real_input.shape[1:]) == 8
                assert np.isfinite(photos.ev(number))
                assert real_input.sum() >= 0 and real_target.sum() >= 0
            ResidentPhotos(photos, torch.device("cpu"))
    except ExposureLabError as error:
        message = str(error)
        assert message.startswith("Expected ") and message.endswith(".") and message.isprintable()
        assert str(folder) in message and len(message) < 1500
        return message
    return ""


@pytest.mark.slow
def test_fuzz(packed: Path, config: DataConfig, tmp_path: Path) -> None:
    messages: list[str] = []

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(damaged(packed))
    def run(files: dict[str, bytes]) -> None:
        folder = shutil.copytree(packed, tmp_path / "any.pack")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        messages.append(check(folder, config))
        shutil.rmtree(folder)

    with within(300):
        run()
    assert messages.count("") >= 10  # it is no fuzzer that never hits
