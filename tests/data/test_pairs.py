"""Inputs find their targets by name, and every pass sees every picture once."""

from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.loading.loader import BatchPlan
from exposure_lab.data.pairs import decode_photo, find_pairs, splits_in
from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS
from exposure_lab.errors import DataError, ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.profiles.load import load_profile

GREY = np.full((4, 6, 3), 0.5, np.float32)


def write_set(root: Path, inputs: list[str], targets: list[str], split: str = "training") -> Path:
    """A set of grey pictures under given names."""
    folder = "expert_c_testing_set" if split in ("testing", "test") else "GT_IMAGES"
    (root / split / "INPUT_IMAGES").mkdir(parents=True)
    for name in inputs:
        write_image(root / split / "INPUT_IMAGES" / name, GREY)
    for name in targets:
        write_image(root / split / folder / name, GREY)
    return root


@pytest.mark.parametrize(
    "scene",
    ["a0001", "a0001-jmac_DSC1459", "a__b", "_a", "IMG (2)", "a_N1", "a.b", "été", "x_0_P1.5"],
)
def test_scene_names_hold_what_they_like(tmp_path: Path, scene: str) -> None:
    tokens = {"N1.5": -1.5, "N1": -1, "0": 0, "P1": 1, "P1.5": 1.5}
    write_set(tmp_path, [f"{scene}_{token}.JPG" for token in tokens], [f"{scene}.jpg"])
    pairs = find_pairs(tmp_path, "training")
    assert {pair.ev for pair in pairs} == set(tokens.values())
    for pair in pairs:
        assert pair.scene == scene
        assert pair.target_path == tmp_path / "training" / "GT_IMAGES" / f"{scene}.jpg"
        assert tokens[pair.input_path.stem.removeprefix(f"{scene}_")] == pair.ev


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("training", "training"),
        ("train", "training"),
        ("validation", "validation"),
        ("val", "validation"),
        ("testing", "test"),
        ("test", "test"),
    ],
)
def test_both_names_of_each_split(tmp_path: Path, folder: str, split: str) -> None:
    write_set(tmp_path, ["a_P1.png"], ["a.png"], folder)
    assert splits_in(tmp_path) == [split]
    assert len(find_pairs(tmp_path, split)) == 1
    with pytest.raises(DataError, match="but there is no folder"):
        find_pairs(tmp_path, "validation" if split != "validation" else "training")


@pytest.mark.slow
def test_sample_is_paired(sample: Path) -> None:
    counts = Counter(SAMPLE_SPLITS.values())
    assert splits_in(sample) == ["training", "validation"]
    for split in ("training", "validation"):
        pairs = find_pairs(sample, split)
        assert len(pairs) == 5 * counts[split]
        assert {pair.scene for pair in pairs} == {n for n, s in SAMPLE_SPLITS.items() if s == split}


def test_missing_targets_are_named(tmp_path: Path) -> None:
    names = [f"{letter}_0.png" for letter in "abcde"]
    write_set(tmp_path, [*names, "f_0.png"], ["f.png"])
    with pytest.raises(DataError, match=r"none for a_0\.png, b_0\.png, c_0\.png and 2 more: add"):
        find_pairs(tmp_path, "training")


def test_name_without_exposure(tmp_path: Path) -> None:
    write_set(tmp_path, ["holiday.png"], ["holiday.png"])
    with pytest.raises(DataError, match=r"Expected an exposure such as N1\.5.*'holiday'"):
        find_pairs(tmp_path, "training")


def test_empty_and_missing_sets(tmp_path: Path) -> None:
    write_set(tmp_path, [], [])
    with pytest.raises(DataError, match=r"Expected pictures in .*INPUT_IMAGES, but it is empty"):
        find_pairs(tmp_path, "training")
    with pytest.raises(DataError, match="no folder validation or val with INPUT_IMAGES"):
        find_pairs(tmp_path, "validation")
    assert splits_in(tmp_path / "nowhere") == []


def test_hidden_files_and_texts_are_no_pictures(tmp_path: Path) -> None:
    root = write_set(tmp_path, ["a_0.png"], ["a.png"])
    folder = root / "training" / "INPUT_IMAGES"
    (folder / "._a_0.png").touch()
    (folder / "Thumbs.db").touch()
    assert len(find_pairs(root, "training")) == 1


def test_two_shapes_are_refused(tmp_path: Path, tiny: RunConfig, photo: Array) -> None:
    root = write_set(tmp_path, ["a_0.png"], [])
    write_image(root / "training" / "GT_IMAGES" / "a.png", photo[:, :48])
    dataset = PairedImages(find_pairs(root, "training"), tiny.data, 0)
    with pytest.raises(DataError, match=r"a_0\.png and a\.png to have one shape, but they have"):
        dataset[0, 0]


@pytest.mark.parametrize("short_side", [0, 16, 24])
def test_items_are_training_squares(small_set: Path, short_side: int) -> None:
    overrides = ["data.image_size=16", f"data.short_side={short_side}"]
    dataset = PairedImages(
        find_pairs(small_set, "training"), load_profile("smoke", overrides).data, 0
    )
    assert len(dataset) == 20
    for tensor in (*dataset[0, 3], *dataset.center(3)):
        assert tensor.shape == (3, 16, 16)
        assert tensor.dtype == torch.float32
        assert -1 <= tensor.min() <= tensor.max() <= 1


def test_center_is_as_large_as_the_scale_allows(small_set: Path) -> None:
    config = load_profile("smoke", ["data.image_size=8", "data.short_side=22"]).data
    dataset = PairedImages(find_pairs(small_set, "validation"), config, 0)
    assert dataset.center(0)[0].shape == (3, 16, 16)


def test_item_is_the_same_whenever_it_is_asked_for(small_set: Path, tiny: RunConfig) -> None:
    pairs = find_pairs(small_set, "training")
    one, other = (PairedImages(pairs, tiny.data, 5) for _ in range(2))
    one[0, 2]  # read before, so that this one comes from memory
    assert all(torch.equal(a, b) for a, b in zip(one[3, 2], other[3, 2], strict=True))
    assert not torch.equal(one[3, 2][0], one[4, 2][0])


PLANS = st.tuples(st.integers(1, 60), st.integers(1, 20), st.integers(0, 1000))


@given(PLANS)
def test_every_epoch_uses_every_picture_once(numbers: tuple[int, int, int]) -> None:
    size, batch_size, seed = numbers
    plan = BatchPlan(size, batch_size, seed)
    for epoch in range(3):
        steps = range(epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch)
        batches = [plan.batch(step) for step in steps]
        assert sorted(chain(*batches)) == [(epoch, index) for index in range(size)]
        assert all(len(batch) == batch_size for batch in batches[:-1])
        assert len(batches[-1]) == (size - 1) % batch_size + 1


@given(PLANS, st.integers(1, 9))
def test_passes_follow_each_other_without_a_seam(
    numbers: tuple[int, int, int], steps_per_epoch: int
) -> None:
    size, batch_size, seed = numbers
    plan = BatchPlan(size, batch_size, seed, steps_per_epoch)
    assert plan.steps_per_epoch == steps_per_epoch
    batches = [plan.batch(step) for step in range(-(-2 * size // batch_size))]
    assert all(len(batch) == batch_size for batch in batches)
    items = list(chain(*batches))[: 2 * size]
    assert sorted(items) == [(turn, index) for turn in range(2) for index in range(size)]


def test_steps_of_the_report() -> None:
    # 17,675 = 276 * 64 + 11
    plan = BatchPlan(17_675, 64, 2022)
    assert plan.steps_per_epoch == 277
    assert [len(plan.batch(step)) for step in (0, 275, 276, 277)] == [64, 64, 11, 64]


def test_order_changes_with_pass_and_seed() -> None:
    plan = BatchPlan(50, 50, 1)
    orders = [[index for _, index in plan.batch(step)] for step in (0, 1)]
    orders.append([index for _, index in BatchPlan(50, 50, 2).batch(0)])
    assert len({tuple(order) for order in orders}) == 3
    assert plan.batch(1) == BatchPlan(50, 50, 1).batch(1)  # no state: any step at any time


def test_a_thread_of_pixels_is_refused(tmp_path: Path, tiny: RunConfig) -> None:
    """Shrunk with its shape kept, this file of 300 bytes would fill gigabytes."""
    Image.fromarray(np.zeros((1, 65_000, 3), np.uint8)).save(tmp_path / "thread.png")
    with pytest.raises(ImageError, match=r"at most 64 times as long as wide in .*thread\.png"):
        decode_photo(tmp_path / "thread.png", tiny.data)
