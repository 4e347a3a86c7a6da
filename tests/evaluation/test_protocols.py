"""Each protocol scores as the code that it is named after, and finds the expert that it wants."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from published_scorers import GOLDEN, HEIGHT, WIDTH, golden_pair, write_golden_pair
from torch.nn.functional import interpolate

from exposure_lab.data.experts import expert_targets
from exposure_lab.data.pairs import Pair, find_pairs
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.errors import ConfigError, DataError
from exposure_lab.evaluation import protocols
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.evaluation.protocols import PROTOCOLS, find_protocol, resize_bilinear
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.resize import resize
from exposure_lab.metrics.pixel import psnr

LETTERS = "abcde"


def unchanged(image: Array) -> Array:
    """An image function whose output is its input."""
    return image


def write_scene(
    root: Path, image: Array, experts: Mapping[str, Array], scene: str = "scene", token: str = "N1"
) -> None:
    """A scene of a test set without loss: an input and a target by each expert."""
    folder = root / "testing"
    write_image(folder / "INPUT_IMAGES" / f"{scene}_{token}.png", image)
    for letter, target in experts.items():
        write_image(folder / f"expert_{letter}_testing_set" / f"{scene}.png", target)


def psnr_of(root: Path, protocol: str, model=unchanged) -> float:
    (scored,) = evaluate({"model": model}, find_pairs(root, "test"), protocol).models
    return scored.mean.psnr


@pytest.fixture
def small_iat(monkeypatch: pytest.MonkeyPatch) -> None:
    """IAT's stretched pictures at a tenth of their sides: soon scored."""
    monkeypatch.setattr(protocols, "IAT_SIZE", (90, 120))


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden pair as a test set in which experts C and E agree."""
    root = tmp_path_factory.mktemp("golden")
    for letter in "ce":
        folder = root / "testing" / f"expert_{letter}_testing_set"
        folder.mkdir(parents=True)
        (root / "testing" / "INPUT_IMAGES").mkdir(exist_ok=True)
        write_golden_pair(root / "testing" / "INPUT_IMAGES" / "scene_N1.png", folder / "scene.png")
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(PROTOCOLS) - {"report-256"}))
def test_scores_are_those_of_the_published_libraries(
    golden: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "iat-1200x900":  # one of its five experts; the others would score the same
        monkeypatch.setitem(PROTOCOLS, name, replace(PROTOCOLS[name], experts="c"))
    expected = json.loads(GOLDEN.read_text())["scores"][name]
    report = evaluate({"model": unchanged}, find_pairs(golden, "test"), name)
    scored = report.models[0].mean
    # OpenCV stretches 8-bit pictures with whole numbers: one level in eight comes out one lower.
    stretched = name in ("iat-1200x900", "fecnet-grey-ssim")
    assert scored.psnr == pytest.approx(expected["psnr"], abs=0.02 if stretched else 1e-4)
    assert scored.ssim == pytest.approx(expected["ssim"], abs=5e-4 if stretched else 1e-5)


def test_golden_scores_tell_the_protocols_apart() -> None:
    scores = json.loads(GOLDEN.read_text())["scores"]
    ssims = sorted(score["ssim"] for score in scores.values())
    assert set(scores) == set(PROTOCOLS) - {"report-256"}
    assert min(np.diff(ssims)) > 1e-3  # ten times what the comparison above lets pass


def test_report_256_is_pillow_s_square(golden: Path) -> None:
    small = [
        np.asarray(Image.fromarray(pixels).resize((256, 256), Image.Resampling.BICUBIC), np.float64)
        for pixels in golden_pair()
    ]
    error = np.mean((small[0] - small[1]) ** 2)
    expected = 10 * np.log10(255**2 / error)
    # Pillow rounds after each of its two passes, and we once.
    assert psnr_of(golden, "report-256") == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("lab", (HEIGHT, WIDTH)),
        ("report-256", (256, 256)),
        ("native-expert-c", (HEIGHT, WIDTH)),
        ("iat-1200x900", (900, 1200)),
        ("fecnet-grey-ssim", (452, 392)),
        ("psenet-expert-e", (HEIGHT, WIDTH)),
    ],
)
def test_size_at_which_it_is_seen_and_scored(name: str, shape: tuple[int, int]) -> None:
    image, target = (picture.astype(np.float32) / 255 for picture in golden_pair())
    for picture in (image, target):
        assert find_protocol(name).resize(picture, (HEIGHT, WIDTH)).shape == (*shape, 3)


@pytest.mark.usefixtures("small_iat")
@pytest.mark.parametrize(("name", "side"), [("report-256", 256), ("iat-1200x900", 90)])
def test_model_sees_it_once_at_the_scored_size(
    tmp_path: Path, photo: Array, name: str, side: int
) -> None:
    seen: list[tuple[int, ...]] = []

    def look(image: Array) -> Array:
        seen.append(image.shape)
        return image

    write_scene(tmp_path, photo, dict.fromkeys(LETTERS, photo))
    evaluate({"look": look}, find_pairs(tmp_path, "test"), name)
    assert [shape[0] for shape in seen] == [side]  # whatever the number of experts


@pytest.mark.parametrize(
    ("name", "letter"),
    [("lab", "c"), ("native-expert-c", "c"), ("fecnet-grey-ssim", "c"), ("psenet-expert-e", "e")],
)
def test_right_expert_is_the_target(tmp_path: Path, photo: Array, name: str, letter: str) -> None:
    experts = {letter: np.clip(photo * (0.5 + 0.1 * i), 0, 1) for i, letter in enumerate(LETTERS)}
    write_scene(tmp_path, experts[letter], experts)
    assert psnr_of(tmp_path, name) == 60
    write_scene(tmp_path, experts["a"], experts)
    assert psnr_of(tmp_path, name) < 40


@pytest.mark.usefixtures("small_iat")
def test_iat_scores_each_expert_and_their_mean(tmp_path: Path, photo: Array) -> None:
    bright = 0.3 + 0.7 * photo  # stays above black when it gets darker
    experts = {letter: bright - np.float32(0.05 * i) for i, letter in enumerate(LETTERS)}
    write_scene(tmp_path, bright, experts)
    report = evaluate({"model": unchanged}, find_pairs(tmp_path, "test"), "iat-1200x900")
    (scored,) = report.models
    each = {letter: score.psnr for letter, score in scored.experts.items()}
    assert list(each) == list(LETTERS)
    assert each["a"] == 60
    # The shift is what is left of two inner pictures: -20 log10(0.05), and 0.1.
    assert each["b"] == pytest.approx(26.02, abs=0.1)
    assert each["c"] == pytest.approx(20.00, abs=0.1)
    assert sorted(each.values(), reverse=True) == list(each.values())
    assert scored.mean.psnr == pytest.approx(np.mean(list(each.values())))
    assert scored.mean.n == scored.experts["e"].n == 1


@pytest.mark.usefixtures("small_iat")
def test_iat_turns_upright_and_square_pictures(tmp_path: Path) -> None:
    seen: list[Array] = []

    def look(image: Array) -> Array:
        seen.append(image)
        return image

    ramp = np.linspace(0, 1, 60, dtype=np.float32)[:, None, None] * np.ones((1, 1, 3), np.float32)
    upright, square, flat = (
        np.repeat(ramp, 45, axis=1),
        np.repeat(ramp, 60, axis=1),
        np.repeat(ramp[:45], 60, axis=1),
    )
    for i, picture in enumerate((upright, square, flat)):
        write_scene(tmp_path / str(i), picture, dict.fromkeys(LETTERS, picture))
        pairs = find_pairs(tmp_path / str(i), "test")
        report = evaluate({"look": look}, pairs, "iat-1200x900")
        assert report.models[0].mean.psnr == 60  # the targets were turned as well
    across = [np.ptp(picture[45, :, 0]) > 0.5 for picture in seen]
    assert across == [True, True, False]


def test_fecnet_enlarges_only_what_four_does_not_divide(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    for i, shape in enumerate([(20, 24), (21, 24), (20, 27), (17, 18)]):
        picture = draw.random((*shape, 3), dtype=np.float32)
        write_scene(tmp_path / str(i), picture, {"c": picture})
        seen: list[Array] = []

        def look(image: Array, seen: list[Array] = seen) -> Array:
            seen.append(image)
            return image

        (scored,) = evaluate(
            {"look": look}, find_pairs(tmp_path / str(i), "test"), "fecnet-grey-ssim"
        ).models
        assert scored.mean.psnr == 60
        expected = tuple(int(np.ceil(side / 4)) * 4 for side in shape)
        assert seen[0].shape[:2] == expected
        stored = read_image(tmp_path / str(i) / "testing" / "INPUT_IMAGES" / "scene_N1.png")
        assert (seen[0].shape == stored.shape) == (i == 0)


@pytest.mark.slow
@pytest.mark.usefixtures("small_iat")
def test_what_stays_unrounded(tmp_path: Path, photo: Array) -> None:
    less = np.float32(0.4 / 255)  # vanishes when rounded to 8 bit; 56.1 dB where it is not
    write_scene(tmp_path, photo, dict.fromkeys(LETTERS, photo))

    def near(image: Array) -> Array:
        return np.maximum(image - less, 0)

    psnrs = {name: psnr_of(tmp_path, name, near) for name in PROTOCOLS}
    rounded = {name for name, value in psnrs.items() if value == 60}
    # Stretched values lie between levels, where 0.4 tips two in five of them over.
    assert rounded == {"lab", "native-expert-c", "fecnet-grey-ssim"}
    assert psnrs["report-256"] == pytest.approx(-10 * np.log10(0.4 / 255**2), abs=0.2)
    for name in ("iat-1200x900", "psenet-expert-e"):
        assert psnrs[name] == pytest.approx(-20 * np.log10(0.4 / 255), abs=0.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_stretching_is_bilinear_without_antialiasing(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    picture = np.random.default_rng(height * 41 + width).random((height, width, 3), np.float32)
    batch = torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float64))[None]
    theirs = interpolate(batch, (new_height, new_width), mode="bilinear", align_corners=False)
    ours = resize_bilinear(picture, new_height, new_width)
    assert ours.dtype == np.float32
    assert np.allclose(ours, theirs[0].numpy().transpose(1, 2, 0), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 30), (29, 3), (7, 7), (13, 26)])
def test_any_size_comes_to_the_size_of_its_target(name: str, height: int, width: int) -> None:
    picture = np.random.default_rng(height).random((height, width, 3), np.float32)
    protocol = PROTOCOLS[name]
    image, target = (protocol.resize(side, (height, width)) for side in (picture, 1 - picture))
    assert image.shape == target.shape
    assert np.array_equal(
        protocol.quantize(image), protocol.quantize(protocol.resize(picture, (height, width)))
    )
    assert psnr(protocol.quantize(image), protocol.quantize(image)) == 60


def test_unknown_protocol() -> None:
    assert find_protocol("lab") is PROTOCOLS["lab"]
    with pytest.raises(ConfigError, match=r"Expected a protocol, one of lab, .* but got 'paper'"):
        find_protocol("paper")


def test_each_says_what_it_does_and_where_it_is_from() -> None:
    for name, protocol in PROTOCOLS.items():
        assert protocol.name == name
        assert len(protocol.summary) > 40
        assert (protocol.source == "") == (name == "lab")


def test_missing_expert_is_told_in_a_sentence(tmp_path: Path, photo: Array) -> None:
    write_scene(tmp_path, apply_ev(photo, -1), {"c": photo})
    pairs = find_pairs(tmp_path, "test")
    with pytest.raises(
        DataError,
        match=r"Expected targets by expert e for the protocol psenet-expert-e, but in .*testing "
        r"there is none of scene by e: take the testing part of MSEC, which has all five, or "
        r"another protocol\.",
    ):
        evaluate({"model": unchanged}, pairs, "psenet-expert-e")
    with pytest.raises(DataError, match="none of scene by a, b, d, e: take"):
        evaluate({"model": unchanged}, pairs, "iat-1200x900")


def test_one_missing_file_is_named(tmp_path: Path, photo: Array) -> None:
    for scene in ("one", "two"):
        write_scene(tmp_path, photo, dict.fromkeys("ce", photo), scene)
    (tmp_path / "testing" / "expert_e_testing_set" / "two.png").unlink()
    with pytest.raises(DataError, match="none of two by e"):
        evaluate({"model": unchanged}, find_pairs(tmp_path, "test"), "psenet-expert-e")


def test_experts_are_found_by_stem(tmp_path: Path, photo: Array) -> None:
    write_scene(tmp_path, photo, dict.fromkeys("cd", photo))
    folder = tmp_path / "testing"
    write_image(folder / "expert_a_testing_set" / "scene.jpg", photo)
    (pair,) = find_pairs(tmp_path, "test")
    assert expert_targets(pair) == {
        "a": folder / "expert_a_testing_set" / "scene.jpg",
        "c": folder / "expert_c_testing_set" / "scene.png",
        "d": folder / "expert_d_testing_set" / "scene.png",
    }


def test_targets_of_other_splits_are_expert_c_s(small_set: Path) -> None:
    pair: Pair = find_pairs(small_set, "validation")[0]
    assert expert_targets(pair) == {"c": pair.target_path}
    report = evaluate({"model": unchanged}, [pair], "native-expert-c")
    assert report.models[0].experts.keys() == {"c"}
    assert report.ceiling is None


def test_report_square_is_what_its_profile_trains_on(photo: Array) -> None:
    square = PROTOCOLS["report-256"].resize(photo, photo.shape[:2])
    assert np.array_equal(square, resize(photo, 256, 256))


@pytest.mark.parametrize("name", ["psenet-expert-e", "iat-1200x900"])
def test_a_set_without_the_expert_is_refused(small_set: Path, name: str) -> None:
    """Validation targets are expert C's; nobody else's picture may stand in for it."""
    pair = find_pairs(small_set, "validation")[0]
    with pytest.raises(DataError, match=rf"{name}, but .* by .*e: take the testing part of MSEC"):
        PROTOCOLS[name].targets(pair)
    assert PROTOCOLS["native-expert-c"].targets(pair) == {"c": pair.target_path}
