"""Exposure is changed in linear light, and sets are written the way MSEC is laid out."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exposure_lab.data.sample import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis import (
    EVS,
    apply_ev,
    clipped_share,
    ev_token,
    parse_ev_token,
    synthesize,
    write_pairs,
)
from exposure_lab.errors import DataError, ImageError
from exposure_lab.image import Array, read_image, shrink, srgb_to_linear, write_image

IMAGES = arrays.arrays(np.float32, (2, 3, 3), elements=st.floats(0, 1, width=32))
STOPS = st.floats(-4, 4).filter(bool)


def pixel(value: float) -> Array:
    """One grey pixel."""
    return np.full((1, 1, 3), value, np.float32)


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@given(IMAGES)
def test_ev_0_changes_nothing(image: Array) -> None:
    assert np.array_equal(apply_ev(image, 0), image)


@given(IMAGES)
def test_up_and_down_again_where_nothing_clipped(image: Array) -> None:
    back = apply_ev(apply_ev(image, 1), -1)
    kept = 2 * srgb_to_linear(image) <= 1
    assert np.allclose(back[kept], image[kept], atol=1e-5)
    assert (back <= image + 1e-5).all()  # what clipped comes back darker


@given(IMAGES, STOPS)
def test_down_and_up_again_loses_nothing(image: Array, ev: float) -> None:
    assert np.allclose(apply_ev(apply_ev(image, -abs(ev)), abs(ev)), image, atol=1e-4)


@given(IMAGES, STOPS, STOPS)
def test_more_light_is_never_darker(image: Array, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert (apply_ev(image, low) <= apply_ev(image, high) + 1e-6).all()


@given(IMAGES, STOPS)
def test_order_of_the_pixels_stays(image: Array, ev: float) -> None:
    order = np.argsort(image, axis=None)
    assert (np.diff(apply_ev(image, ev).ravel()[order]) >= -1e-6).all()


@given(IMAGES, STOPS)
def test_result_is_an_image(image: Array, ev: float) -> None:
    exposed = apply_ev(image, ev)
    assert exposed.dtype == np.float32
    assert 0 <= exposed.min() <= exposed.max() <= 1


def test_mid_grey_at_one_stop() -> None:
    # sRGB 0.5 is ((0.5 + 0.055) / 1.055) ** 2.4 = 0.21404 of the light; twice that is 0.42808,
    # which is shown as 1.055 * 0.42808 ** (1 / 2.4) - 0.055 = 0.68584.
    assert float(apply_ev(pixel(0.5), 1)[0, 0, 0]) == pytest.approx(0.68584, abs=1e-5)
    # Half of it is 0.10702: 1.055 * 0.10702 ** (1 / 2.4) - 0.055 = 0.36078.
    assert float(apply_ev(pixel(0.5), -1)[0, 0, 0]) == pytest.approx(0.36078, abs=1e-5)
    assert np.allclose(apply_ev(pixel(0.9), 1.5), 1, atol=1e-6)


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="channels last"):
        apply_ev(np.zeros((3, 4, 4), np.float32), 1)
    with pytest.raises(ImageError, match="clip or rescale"):
        apply_ev(pixel(2), 0)


def test_clipped_share_counts_pixels() -> None:
    image = np.zeros((2, 2, 3), np.float32)
    image[0, 0] = 1
    image[0, 1, 2] = 254.6 / 255  # one channel is enough, and so is what rounds to 255
    image[1, 0] = 254.4 / 255
    assert clipped_share(image) == 0.5


@pytest.mark.parametrize(
    ("ev", "token"), [(-1.5, "N1.5"), (-1, "N1"), (0, "0"), (1, "P1"), (1.5, "P1.5")]
)
def test_tokens_of_msec(ev: float, token: str) -> None:
    assert ev_token(ev) == token
    assert parse_ev_token(token) == ev


@given(st.integers(-4000, 4000).map(lambda n: n / 1000))
def test_token_round_trip(ev: float) -> None:
    assert parse_ev_token(ev_token(ev)) == ev


@pytest.mark.parametrize("token", ["", "N", "1.5", "X1", "Pone", "n1", "N-1", "Pnan", "Pinf", "P"])
def test_other_tokens_are_refused(token: str) -> None:
    with pytest.raises(DataError, match=r"Expected an exposure such as N1\.5, 0 or P1, but got"):
        parse_ev_token(token)


@pytest.mark.parametrize(
    ("split", "targets"),
    [
        ("training", "GT_IMAGES"),
        ("validation", "GT_IMAGES"),
        ("testing", "expert_c_testing_set"),
    ],
)
def test_layout_and_names(tmp_path: Path, photo: Array, split: str, targets: str) -> None:
    write_pairs(photo, "a_b", tmp_path, split)
    tokens = ("N1.5", "N1", "0", "P1", "P1.5")
    assert contents(tmp_path).keys() == {f"{split}/{targets}/a_b.jpg"} | {
        f"{split}/INPUT_IMAGES/a_b_{token}.JPG" for token in tokens
    }
    for token, ev in zip(tokens, EVS, strict=True):
        rendered = read_image(tmp_path / split / "INPUT_IMAGES" / f"a_b_{token}.JPG")
        assert np.abs(rendered - apply_ev(photo, ev)).mean() < 0.01


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve small photos in two folders; two share a name."""
    root = tmp_path_factory.mktemp("photos")
    for i, name in enumerate([*SAMPLE_SPLITS] * 2):
        pixels = apply_ev(shrink(sample_photo(name), 16), -i / 10)
        stem = "same" if name == "coffee" else f"{name}_{i}"
        write_image(root / f"roll {i // 6}" / f"{stem}.png", pixels)
    return root


def scenes(root: Path) -> dict[str, list[str]]:
    """Split to the scenes of its inputs."""
    return {
        split: sorted({path.stem.rpartition("_")[0] for path in (root / split).rglob("*.JPG")})
        for split in ("training", "validation", "testing")
    }


def test_no_photo_is_in_two_splits(photos: Path, tmp_path: Path) -> None:
    written = synthesize(photos, tmp_path, evs=(0, 1), val=0.25, test=0.25)
    assert written.photos == {"training": 6, "validation": 3, "testing": 3}
    assert written.skipped == []
    found = scenes(tmp_path)
    assert sum(map(len, found.values())) == len(set().union(*found.values())) == 12
    names = set().union(*found.values())
    assert {"roll 0-same-png", "roll 1-same-png"} <= names  # two photos of one name stay two
    assert len(list(tmp_path.rglob("*.JPG"))) == 24


def test_seed_decides_the_splits(photos: Path, tmp_path: Path) -> None:
    for place, seed in (("a", 0), ("b", 0), ("c", 1)):
        synthesize(photos, tmp_path / place, evs=(0,), seed=seed, val=0.5)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert scenes(tmp_path / "a") != scenes(tmp_path / "c")


def test_two_processes_write_the_same_bytes(photos: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        synthesize(photos, tmp_path / str(jobs), evs=(-1, 1), jobs=jobs)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


@pytest.mark.parametrize("jobs", [1, 2])
def test_broken_photo_is_named_and_the_rest_done(
    photos: Path, tmp_path: Path, photo: Array, jobs: int
) -> None:
    for name in ("a", "c", "d"):
        write_image(tmp_path / "in" / f"{name}.png", photo)
    (tmp_path / "in" / "b.jpg").write_text("no picture")
    written = synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), val=0, jobs=jobs)
    assert written.photos == {"training": 3, "validation": 0, "testing": 0}
    assert len(written.skipped) == 1
    assert str(tmp_path / "in" / "b.jpg") in written.skipped[0]
    assert scenes(tmp_path / "out")["training"] == ["a", "c", "d"]


def test_nothing_to_do_is_an_error(tmp_path: Path, photos: Path) -> None:
    with pytest.raises(DataError, match=r"Expected photos .* but found none: check the folder"):
        synthesize(tmp_path, tmp_path / "out")
    for shares in ({"val": 1.0}, {"val": 0.5, "test": 0.5}, {"val": -0.1}):
        with pytest.raises(DataError, match="leave photos to train on"):
            synthesize(photos, tmp_path / "out", **shares)
    assert not (tmp_path / "out").exists()
