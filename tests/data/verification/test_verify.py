"""Everything that is wrong with a set is named, with its path, and nothing else is."""

import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from faulty_sets import PHOTO, TOKENS, damage, jpeg, write_set, write_split
from PIL import Image

from exposure_lab.data.layout import EXPERTS
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS, msec_scenes
from exposure_lab.data.verification.decodable import decode
from exposure_lab.data.verification.verify import verify
from exposure_lab.errors import DataError


def found(root: Path, **options: bool | int) -> dict[str, str]:
    """Path below the root -> what is wrong there."""
    problems = verify(root, **options).problems
    paths = [path.relative_to(root).as_posix() for path, _ in problems]
    assert len(set(paths)) == len(paths), "a path is named twice"
    return {path: problem for path, (_, problem) in zip(paths, problems, strict=True)}


@pytest.mark.slow
def test_healthy_sets_have_no_fault(sample: Path, small_set: Path, tmp_path: Path) -> None:
    for root in (sample, small_set, write_set(tmp_path)):
        assert verify(root).problems == []


def test_counts(tmp_path: Path) -> None:
    assert verify(write_set(tmp_path)).counts == [
        ("training", 500, 100, 100),
        ("validation", 100, 20, 20),
        ("testing", 160, 32, 32),
    ]


@pytest.mark.slow
def test_each_of_many_faults_in_a_thousand_files_is_named(tmp_path: Path) -> None:
    root = write_set(tmp_path)
    expected = damage(root)
    problems = found(root)
    assert problems.keys() == expected.keys()
    wrong = {path: problems[path] for path, said in expected.items() if said not in problems[path]}
    assert wrong == {}
    assert found(root, jobs=2) == problems


def test_two_roots_of_one_split(tmp_path: Path) -> None:
    write_split(tmp_path / "training", ["a"])
    write_split(tmp_path / "train", ["b"])
    write_split(tmp_path / "Validation", ["c"])
    (tmp_path / "test").mkdir()
    assert found(tmp_path) == {
        "train": "is not read, since training is there",
        "Validation": "is not read: expected one of test, testing, train, training, val, "
        "validation",
        "test": "has no folder INPUT_IMAGES",
    }


@pytest.mark.parametrize("split", ["training", "train", "validation", "val", "testing", "test"])
def test_one_split_alone_is_fine(tmp_path: Path, split: str) -> None:
    target = "expert_c_testing_set" if split.startswith("test") else "GT_IMAGES"
    write_split(tmp_path / split, ["a1379-_DSC5348-(original)"], (target,))
    assert found(tmp_path) == {}


def test_two_targets_for_one_test_photo(tmp_path: Path) -> None:
    write_split(tmp_path / "testing", ["a"], ("GT_IMAGES", "expert_c_testing_set"))
    assert found(tmp_path) == {
        "testing/GT_IMAGES/a.jpg": "is not read, since expert_c_testing_set has it as well"
    }
    (pair, *_) = find_pairs(tmp_path, "test")
    assert pair.target_path.parent.name == "expert_c_testing_set"


def test_no_set_at_all(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DataError, match="Expected a folder training, validation or testing"):
            verify(root)


def test_empty_split(tmp_path: Path) -> None:
    write_split(tmp_path / "training", [])
    assert found(tmp_path) == {"training/INPUT_IMAGES": "holds no input"}


def test_what_verifies_is_found_by_training(tmp_path: Path) -> None:
    """No fault here means that `find_pairs` takes every input."""
    root = write_set(tmp_path)
    counts = {count.split: count.inputs for count in verify(root, decoding=False).counts}
    assert len(find_pairs(root, "training")) == counts["training"]
    assert len(find_pairs(root, "test")) == counts["testing"]


def test_pictures_lying_on_their_side(tmp_path: Path) -> None:
    """An input that is stored on its side, as its EXIF says, has the size of an upright target."""
    write_split(tmp_path / "training", ["a"])
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = jpeg(32, 48, exif=exif.tobytes())
    (tmp_path / "training/INPUT_IMAGES/a_0.JPG").write_bytes(lying)
    assert found(tmp_path) == {}


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_no_rubbish_raises(tmp_path: Path, suffix: str) -> None:
    """Cut anywhere or overwritten, a file is whole, or a fault, or decodes to rubbish."""
    random = np.random.default_rng(0)
    Image.open(io.BytesIO(PHOTO)).save(tmp_path / f"whole{suffix}")
    whole = (tmp_path / f"whole{suffix}").read_bytes()
    results: Counter[bool] = Counter()
    for trial in range(150):
        damaged = bytearray(whole)
        if trial % 2:
            del damaged[random.integers(len(whole)) :]
        for position in random.integers(0, max(1, len(damaged)), 20 * (1 - trial % 2)):
            damaged[position] = random.integers(256)
        (tmp_path / f"damaged{suffix}").write_bytes(damaged)
        result = decode(tmp_path / f"damaged{suffix}")
        assert bool(result.problem) == (result.size is None)
        assert "\n" not in result.problem
        results[bool(result.problem)] += 1
    assert results[True] > 70  # cut files do not decode


@pytest.fixture(scope="module")
def msec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every name of MSEC; the files are empty."""
    root = tmp_path_factory.mktemp("msec")
    for split, scenes in msec_scenes().items():
        targets = EXPERTS if split == "testing" else ("GT_IMAGES",)
        for folder in ("INPUT_IMAGES", *targets):
            (root / split / folder).mkdir(parents=True)
        for scene in scenes:
            files = [f"INPUT_IMAGES/{scene}_{token}.JPG" for token in TOKENS]
            files += [f"{folder}/{scene}.jpg" for folder in targets]
            for file in files:
                os.close(os.open(root / split / file, os.O_CREAT))
    return root


@pytest.mark.slow
def test_msec_is_whole(msec: Path) -> None:
    counts, problems = verify(msec, msec=True, decoding=False)
    assert problems == []
    assert {count.split: count.inputs for count in counts} == MSEC_COUNTS
    assert [count.scenes for count in counts] == [3535, 150, 1181]


@pytest.mark.slow
def test_msec_with_faults(msec: Path, tmp_path: Path) -> None:
    """A scene of the test set in training, as in lists that are about; and what else can be."""
    testing, training = (sorted(msec_scenes()[split]) for split in ("testing", "training"))
    leaked, last = testing[0], training[-1]
    assert leaked == "a0016-jmac_MG_0795"
    (tmp_path / "val").symlink_to(msec / "validation")
    write_split(tmp_path / "train", training[:-1])
    write_split(tmp_path / "test", testing[1:], EXPERTS[:4])
    for scene in (leaked, "a9999-me"):
        for token in TOKENS:
            (tmp_path / "train/INPUT_IMAGES" / f"{scene}_{token}.JPG").touch()
        (tmp_path / "train/GT_IMAGES" / f"{scene}.jpg").touch()
    os.remove(tmp_path / "test/INPUT_IMAGES" / f"{testing[1]}_0.JPG")
    (tmp_path / "test/INPUT_IMAGES" / f"{testing[2]}_P2.JPG").touch()
    assert found(tmp_path, msec=True, decoding=False) == {
        f"train/INPUT_IMAGES/{leaked}_0.JPG": "is of a scene that MSEC has in testing",
        "train/INPUT_IMAGES/a9999-me_0.JPG": "is of a scene unknown to MSEC",
        f"train/INPUT_IMAGES/{last}_*.JPG": "are missing, and so is their target",
        f"test/INPUT_IMAGES/{leaked}_*.JPG": "are missing, and so is their target",
        f"test/INPUT_IMAGES/{testing[1]}_0.JPG": "is missing",
        f"test/INPUT_IMAGES/{testing[2]}_P2.JPG": "has an exposure that MSEC has not",
        "test/expert_e_testing_set": "is missing",
    }
