"""Crops, flips and jitter: what moves together, and what decides it."""

import numpy as np
import pytest
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from exposure_lab.config import DataConfig
from exposure_lab.data.loading.augment import Augment
from exposure_lab.profiles.load import load_profile

SIZE = 8
PHOTO = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE), dtype=np.uint8)
TARGET = 255 - PHOTO


def settings(*overrides: str) -> DataConfig:
    """No variation but what is asked for."""
    plain = [
        "data.image_size=8",
        "data.short_side=8",
        "data.flip=none",
        "data.jitter_probability=0",
    ]
    return load_profile("smoke", [*plain, *overrides]).data


def scaled(photo: np.ndarray) -> torch.Tensor:
    """What an item looks like when nothing varies it."""
    return torch.from_numpy(photo.copy()).float() / 127.5 - 1


def flips(config: DataConfig, count: int = 400) -> list[tuple[bool, bool]]:
    """Whether input and target came out mirrored, for many items."""
    augment = Augment(config, seed=3)
    pictures = [scaled(PHOTO), scaled(TARGET)]
    mirrored = [picture.flip(-1) for picture in pictures]
    found = []
    for index in range(count):
        pair = augment(PHOTO, TARGET, 0, index)
        for got, same, turned in zip(pair, pictures, mirrored, strict=True):
            assert torch.equal(got, same) or torch.equal(got, turned)
        found.append(tuple(torch.equal(g, t) for g, t in zip(pair, mirrored, strict=True)))
    return found


def test_nothing_varies_where_nothing_is_asked_for() -> None:
    assert set(flips(settings(), 20)) == {(False, False)}


def test_paired_flips_move_both_and_about_half() -> None:
    found = flips(settings("data.flip=paired"))
    assert all(on_input == on_target for on_input, on_target in found)
    assert 160 <= sum(on_input for on_input, _ in found) <= 240  # 200, four sigma either way


def test_reports_flips_move_the_input_alone_and_about_half() -> None:
    found = flips(settings("data.flip=report"))
    assert not any(on_target for _, on_target in found)
    assert 160 <= sum(on_input for on_input, _ in found) <= 240


def test_flip_probability_is_used() -> None:
    for mode in ("paired", "report"):
        always = flips(settings(f"data.flip={mode}", "data.flip_probability=1.0"), 20)
        assert all(on_input for on_input, _ in always)


def test_crops_move_both_together() -> None:
    augment = Augment(settings(), seed=3)
    photo = np.arange(20 * 30, dtype=np.int64).reshape(1, 20, 30).repeat(3, 0)
    low, high = (photo % 256).astype(np.uint8), (photo // 256).astype(np.uint8)
    corners = set()
    for index in range(60):
        pair = augment(low, high, 0, index)
        a, b = ((part + 1) * 127.5 for part in pair)
        place = (a + 256 * b).round().long()[0]
        row, column = divmod(int(place[0, 0]), 30)
        expected = photo[0, row : row + SIZE, column : column + SIZE]
        assert np.array_equal(place.numpy(), expected)
        corners.add((row, column))
    assert len(corners) > 40  # of 13 x 23
    assert max(row for row, _ in corners) <= 12


def test_jitter_leaves_the_target_alone() -> None:
    augment = Augment(settings("data.jitter_probability=1.0", "data.jitter=0.2"), seed=3)
    for index in range(20):
        real_input, real_target = augment(PHOTO, TARGET, 0, index)
        assert torch.equal(real_target, scaled(TARGET))
        assert not torch.equal(real_input, scaled(PHOTO))
        assert -1 <= real_input.min() <= real_input.max() <= 1


@pytest.mark.slow
def test_jitter_probability_is_used() -> None:
    augment = Augment(settings("data.jitter_probability=0.2", "data.jitter=0.2"), seed=3)
    same = [torch.equal(augment(PHOTO, TARGET, 0, i)[0], scaled(PHOTO)) for i in range(400)]
    assert 288 <= sum(same) <= 352  # 320, four sigma either way


@pytest.mark.parametrize("flip", ["none", "paired", "report"])
def test_pure_function_of_seed_epoch_and_index(flip: str) -> None:
    config = settings(f"data.flip={flip}", "data.jitter_probability=0.5")
    big = np.random.default_rng(1).integers(0, 256, (3, 30, 30), dtype=np.uint8)

    def item(seed: int, epoch: int, index: int) -> torch.Tensor:
        return torch.cat(Augment(config, seed)(big, big, epoch, index))

    first = item(1, 2, 3)
    torch.manual_seed(99)
    item(5, 5, 5)
    assert torch.equal(item(1, 2, 3), first)
    for other in ((2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 3, 2)):
        assert not torch.equal(item(*other), first)


def test_global_random_state_is_left_alone() -> None:
    augment = Augment(settings("data.flip=paired", "data.jitter_probability=1.0"), seed=3)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    augment(PHOTO, TARGET, 0, 0)
    assert torch.equal(torch.get_rng_state(), before)
    state = np.random.get_state()[1].copy()
    augment(PHOTO, TARGET, 0, 1)
    assert np.array_equal(np.random.get_state()[1], state)


def test_photos_in_memory_are_not_changed() -> None:
    photo = PHOTO.copy()
    real_input, _ = Augment(settings("data.jitter_probability=1.0"), 3)(photo, photo, 0, 0)
    real_input.zero_()
    assert np.array_equal(photo, PHOTO)


@pytest.mark.parametrize("flip", ["none", "paired", "report"])
def test_draws_are_those_of_torchvisions_transforms(flip: str) -> None:
    """Its crop, flip and jitter, in this order, on a pair that tv_tensors keep together."""
    overrides = [f"data.flip={flip}", "data.jitter_probability=0.5", "data.jitter=0.3"]
    config = settings(*overrides, "data.jitter_hue=0.2")
    draw = np.random.default_rng(1)
    photo, target = (draw.integers(0, 256, (3, 20, 30), dtype=np.uint8) for _ in range(2))
    mirror = v2.RandomHorizontalFlip(config.flip_probability)
    jitter = v2.ColorJitter(0.3, 0.3, 0.3, 0.2)
    to_float = v2.ToDtype(torch.float32, scale=True)
    crop = v2.RandomCrop(SIZE)
    for index in range(40):
        seed = int(np.random.SeedSequence([3, 1, index]).generate_state(1)[0])
        torch.manual_seed(seed)
        pair = crop(*(tv_tensors.Image(torch.from_numpy(one)) for one in (photo, target)))
        if flip == "paired":
            pair = mirror(*pair)
        if flip == "report":
            pair = mirror(pair[0]), pair[1]
        real_input = v2.RandomApply([jitter], 0.5)(to_float(pair[0]))
        ours = Augment(config, seed=3)(photo, target, 1, index)
        for one, theirs in zip(ours, (real_input, to_float(pair[1])), strict=True):
            assert torch.allclose(one, theirs.as_subclass(torch.Tensor) * 2 - 1, atol=1e-4)


def test_a_batch_is_varied_as_its_pairs_are() -> None:
    config = settings("data.flip=paired", "data.jitter_probability=0.5", "data.jitter_hue=0.2")
    augment = Augment(config, seed=3)
    pairs = [augment(PHOTO, TARGET, 0, index) for index in range(8)]
    drawn = [augment.draw(0, index, SIZE, SIZE) for index in range(8)]
    squares = [
        torch.from_numpy(np.stack([augment.crop(p, d) for d in drawn])) for p in (PHOTO, TARGET)
    ]
    batch = augment.apply(*squares, torch.stack([one.tensor() for one in drawn]))
    for together, alone in zip(batch, zip(*pairs, strict=True), strict=True):
        assert torch.equal(together, torch.stack(alone))
