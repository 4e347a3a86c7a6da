"""Any folder of photos becomes a paired set, whatever happens on the way."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from raw_files import write_dng

from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.packing import pack
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo
from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.data.synthesis.splits import assign_splits, find_photos
from exposure_lab.data.synthesis.synthesize import SETTINGS_FILE, synthesize
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.data.verification.verify import verify
from exposure_lab.errors import ConfigError, DataError, FilesError
from exposure_lab.evaluation.evaluate import evaluate
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import LOCK, folder_lock
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.resize import shrink
from exposure_lab.images.srgb import linear_to_srgb
from exposure_lab.inference.baselines import BASELINES
from exposure_lab.profiles.load import load_profile

BSDS = Path(__file__).parents[4] / "shared" / "data" / "bsds500"


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != LOCK
    }


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
    assert written.photos == {"training": 6, "validation": 3, "test": 3}
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


@pytest.mark.slow
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
    assert written.photos == {"training": 3, "validation": 0, "test": 0}
    assert len(written.skipped) == 1
    assert str(tmp_path / "in" / "b.jpg") in written.skipped[0]
    assert scenes(tmp_path / "out")["training"] == ["a", "c", "d"]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """It was advised to change the permissions of what does not exist."""
    missing = tmp_path / "nowhere"
    with pytest.raises(DataError, match=r"Expected a folder of photos at .*nowhere, but there is"):
        synthesize(missing, tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_nothing_to_do_is_an_error(tmp_path: Path, photos: Path) -> None:
    with pytest.raises(DataError, match=r"Expected photos .* but found none: check the folder"):
        synthesize(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"val": 1.0}, "leave photos to train on"),
        ({"val": 0.5, "test": 0.5}, "leave photos to train on"),
        ({"val": -0.1}, "leave photos to train on"),
        ({"seed": -1}, "Expected a seed from 0 up, but got -1"),
        ({"evs": ()}, "but got none"),
        ({"evs": (1, 1.0)}, "each once, .* but got 1, 1.0"),
        ({"evs": (float("nan"),)}, "but got nan"),
        ({"evs": (float("-inf"),)}, "but got -inf"),
        ({"evs": (17,)}, "from -16 to 16 .* but got 17"),
        ({"evs": (1 / 3,)}, "at most four decimals, but got 0.333"),
        ({"curve": "bent"}, "one of random, camera, filmic, plain, but got 'bent'"),
        ({"noise": -1}, "noise"),
    ],
)
def test_settings_that_cannot_be_write_nothing(
    photos: Path, tmp_path: Path, options: dict, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        synthesize(photos, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["", "sub", "sub/../deep/er"])
def test_a_set_among_its_own_photos_is_refused(tmp_path: Path, photo: Array, place: str) -> None:
    write_image(tmp_path / "a.png", photo)
    with pytest.raises(ConfigError, match=r"Expected a folder outside of .*: choose another"):
        synthesize(tmp_path, tmp_path / place)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_exposures_are_read_back_from_the_names(photos: Path, tmp_path: Path) -> None:
    evs = (-16, -0.0001, 0, 1.25, 12.3456)
    synthesize(photos, tmp_path, evs=evs, val=0)
    pairs = find_pairs(tmp_path, "training")
    assert {pair.ev for pair in pairs} == set(evs) and len(pairs) == 12 * 5


def test_names_that_join_to_the_same(tmp_path: Path, photo: Array) -> None:
    names = ["a-b/c.png", "a/b-c.png", "a/b/c.png", "a/b/C.png", "d/a-b-c-png.png"]
    for i, name in enumerate(names):
        write_image(tmp_path / "in" / name, np.full_like(photo, i / 10))
    written = synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), val=0)
    assert written.photos["training"] == 5
    targets = list((tmp_path / "out" / "training" / "GT_IMAGES").iterdir())
    greys = sorted(round(float(read_image(path).mean()), 1) for path in targets)
    assert greys == [0, 0.1, 0.2, 0.3, 0.4]
    assert len({path.name.casefold() for path in targets}) == 5


def test_names_that_differ_by_the_form_of_an_accent(tmp_path: Path, photo: Array) -> None:
    for folder, name in (("a", "\u00e9"), ("b", "e\u0301")):
        write_image(tmp_path / "in" / folder / f"{name}.png", photo)
    synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), val=0)
    targets = (tmp_path / "out" / "training" / "GT_IMAGES").iterdir()
    assert sorted(path.name for path in targets) == ["a-\u00e9-png.jpg", "b-e\u0301-png.jpg"]


def test_a_set_says_how_it_was_made(photos: Path, tmp_path: Path) -> None:
    synthesize(photos, tmp_path, evs=(-1,), seed=4, curve="filmic", noise=0.5)
    settings = read_json(tmp_path / SETTINGS_FILE)
    assert (settings["curve"], settings["noise"], settings["seed"]) == ("filmic", 0.5, 4)
    assert settings["photos"]["count"] == 12
    assert re.fullmatch("[0-9a-f]{64}", settings["photos"]["sha256"])


def test_a_set_may_be_of_any_number_of_photos(photos: Path, tmp_path: Path) -> None:
    """Their list would outgrow what is read of a file; what is written does not grow."""
    synthesize(photos, tmp_path / "many", evs=(0,))
    synthesize(photos / "roll 0", tmp_path / "few", evs=(0,))
    many, few = ((tmp_path / name / SETTINGS_FILE).stat().st_size for name in ("many", "few"))
    assert abs(many - few) < 10


def test_a_set_that_lists_its_photos_is_the_same_set(photos: Path, tmp_path: Path) -> None:
    """As sets did that were made before their photos were told by a digest."""
    synthesize(photos, tmp_path, evs=(0,))
    dealt = assign_splits(find_photos(photos).found, photos, 0, 0.1, 0.0)
    listed = [f"{one.split}/{one.name}" for one in dealt]
    write_json(tmp_path / SETTINGS_FILE, read_json(tmp_path / SETTINGS_FILE) | {"photos": listed})
    before = contents(tmp_path)
    synthesize(photos, tmp_path, evs=(0,))
    assert contents(tmp_path) == before
    for other in (listed[1:], [[listed]], []):
        settings = read_json(tmp_path / SETTINGS_FILE)
        write_json(tmp_path / SETTINGS_FILE, settings | {"photos": other})
        with pytest.raises(DataError, match="other photos"):
            synthesize(photos, tmp_path, evs=(0,))


@pytest.mark.parametrize(
    ("change", "named"), [({"seed": 1}, "seed"), ({"evs": (2,)}, "evs"), ({"noise": 1}, "noise")]
)
def test_a_set_of_other_settings_is_left_alone(
    photos: Path, tmp_path: Path, change: dict, named: str
) -> None:
    synthesize(photos, tmp_path, evs=(-1,))
    before = contents(tmp_path)
    with pytest.raises(DataError, match=f"rendered with other {named}: choose another folder"):
        synthesize(photos, tmp_path, **{"evs": (-1,)} | change)
    assert contents(tmp_path) == before


def test_a_photo_more_is_another_set(photos: Path, tmp_path: Path, photo: Array) -> None:
    """Another deal of the photos could put a scene that was trained on among the held-out ones."""
    for name in "abc":
        write_image(tmp_path / "in" / f"{name}.png", photo)
    synthesize(tmp_path / "in", tmp_path / "out", evs=(0,))
    write_image(tmp_path / "in" / "d.png", photo)
    with pytest.raises(DataError, match="other photos"):
        synthesize(tmp_path / "in", tmp_path / "out", evs=(0,))


def test_what_is_there_is_not_rendered_again(photos: Path, tmp_path: Path) -> None:
    synthesize(photos, tmp_path, evs=(-1, 1))
    before = contents(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.JPG")}
    victim = sorted(tmp_path.glob("training/GT_IMAGES/*.jpg"))[2]
    victim.unlink()
    left = [
        folder / f".exposure-lab-new-{i:08x}-{0:016x}.jpg"
        for i, folder in enumerate((tmp_path, victim.parent, victim.parents[1] / "INPUT_IMAGES"))
    ]
    for path in left:
        path.write_bytes(b"half a picture")
    told: list[tuple[int, int]] = []
    synthesize(photos, tmp_path, evs=(-1, 1), on_photo=lambda *at: told.append(at))
    assert contents(tmp_path) == before
    changed = [path for path, then in times.items() if path.stat().st_mtime_ns != then]
    assert {path.stem.rpartition("_")[0] for path in changed} == {victim.stem}
    assert told == [(done, 12) for done in range(1, 13)]


VARIED = Variation((-3, 3), 3, identity_share=0.5, white_balance_jitter=0.1, tone_jitter=0.5)


@pytest.mark.slow
def test_drawn_exposures_from_photos_and_panoramas_to_scores(photos: Path, tmp_path: Path) -> None:
    for place, jobs in (("a", 1), ("b", 2)):
        written = synthesize(
            photos,
            tmp_path / place,
            variation=VARIED,
            panorama_views=9,
            curve="camera",
            noise=0.2,
            val=0.25,
            jobs=jobs,
        )
        # Three of the twelve photos, and two of the eight places: one may have the ninth view.
        assert written.photos["validation"] in (5, 6)
        assert sum(written.photos.values()) == 21
        assert written.skipped == []
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert verify(tmp_path / "a").problems == []
    pairs = find_pairs(tmp_path / "a", "training")
    assert all(-3 <= pair.ev <= 3 for pair in pairs)
    good = [pair for pair in pairs if pair.ev == 0]
    assert 0 < len(good) < 15
    for pair in good:  # the same picture twice
        assert pair.input_path.read_bytes() == pair.target_path.read_bytes()
    report = evaluate({"identity": BASELINES["identity"]}, pairs)
    assert report.ev_step == 0.5
    assert report.models[0].by_ev[0].n == len(good)
    assert report.models[0].by_ev[0].psnr == 60
    assert set(report.models[0].by_ev) <= {step / 2 for step in range(-6, 7)}
    config = load_profile("smoke").data
    packed = PackedPairs(pack(tmp_path / "a", tmp_path / "a.pack", config), "training", config)
    evs = {packed.ev(i) for i in range(len(pairs))}
    assert evs == {float(np.float32(pair.ev)) for pair in pairs}


def test_a_panorama_is_in_one_split(tmp_path: Path) -> None:
    written = synthesize(None, tmp_path, evs=(-1,), panorama_views=12, val=0.25, test=0.25)
    assert sum(written.photos.values()) == 12
    places = [{name.split("-")[0] for name in names} for names in scenes(tmp_path).values()]
    assert [len(one) for one in places] == [4, 2, 2]
    assert len(set().union(*places)) == 8


def test_highlights_of_a_panorama_come_back_in_a_darker_exposure(tmp_path: Path) -> None:
    synthesize(None, tmp_path, evs=(-2,), panorama_views=8, val=0, curve="plain")
    lost, kept = [], []
    for pair in find_pairs(tmp_path, "training"):
        target, darker = read_image(pair.target_path), read_image(pair.input_path)
        white = (target >= 254.5 / 255).all(axis=2)
        if white.sum() > 200:
            lost.append(apply_ev(target, -2)[white].std())
            kept.append(darker[white].std())
    assert len(kept) >= 3
    assert max(lost) < 0.01
    assert min(kept) > 0.03


def test_a_set_of_another_variation_is_another_set(photos: Path, tmp_path: Path) -> None:
    synthesize(photos, tmp_path, evs=(1,), variation=Variation(tone_jitter=0.5))
    before = contents(tmp_path)
    assert read_json(tmp_path / SETTINGS_FILE)["tone_jitter"] == 0.5  # type: ignore[index, call-overload]
    for variation in (Variation(), Variation(tone_jitter=0.5, white_balance_jitter=0.1)):
        with pytest.raises(DataError, match=r"rendered with other (tone|white_balance)_jitter"):
            synthesize(photos, tmp_path, evs=(1,), variation=variation)
    assert contents(tmp_path) == before


def test_settings_without_variation_are_what_they_were(photos: Path, tmp_path: Path) -> None:
    # The fingerprint of a set counts the size of this file, and results quote fingerprints.
    synthesize(photos, tmp_path)
    settings = read_json(tmp_path / SETTINGS_FILE)
    assert list(settings) == ["evs", "seed", "val", "test", "curve", "noise", "photos"]  # type: ignore[arg-type]


def test_a_photo_with_a_panoramas_name(tmp_path: Path, photo: Array) -> None:
    write_image(tmp_path / "in" / "City-panorama-0000.png", photo)
    with pytest.raises(DataError, match=r"other names than .* there is .*City-panorama-0000\.png"):
        synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), panorama_views=1)
    assert not (tmp_path / "out").exists()


def test_neither_photos_nor_panoramas(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="but got neither"):
        synthesize(None, tmp_path / "out")
    with pytest.raises(ConfigError, match="views from 0 up, but got -1"):
        synthesize(None, tmp_path / "out", panorama_views=-1)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_set_loses_nothing(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "w" / "api" / "app").mkdir(parents=True)
    for name in ("api/app/.env", "notes.txt"):
        (tmp_path / "w" / name).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(FilesError, match=r"empty folder or one with rendering\.json, but .* api"):
        synthesize(photos, tmp_path / "w", evs=(0,))
    assert contents(tmp_path) == before
    assert sorted(os.listdir(tmp_path / "w")) == ["api", "notes.txt"]


def test_hidden_files_in_a_set_stay(photos: Path, tmp_path: Path) -> None:
    synthesize(photos, tmp_path, evs=(0,))
    (tmp_path / "training" / "GT_IMAGES" / ".hidden.jpg").write_bytes(b"mine")
    (tmp_path / "training" / "api").mkdir()
    (tmp_path / "training" / "api" / ".env").write_text("mine")
    synthesize(photos, tmp_path, evs=(0,))
    assert (tmp_path / "training" / "GT_IMAGES" / ".hidden.jpg").read_bytes() == b"mine"
    assert (tmp_path / "training" / "api" / ".env").read_text() == "mine"


@pytest.mark.parametrize("content", ["[]", "3", "null", '{"evs": {}}'])
def test_settings_of_another_shape_are_another_set(
    photos: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / SETTINGS_FILE).write_text(content)
    with pytest.raises(DataError, match="rendered with other evs: choose another folder"):
        synthesize(photos, tmp_path, evs=(0,))
    assert (tmp_path / SETTINGS_FILE).read_text() == content


def test_a_set_that_its_authors_dealt(tmp_path: Path, photo: Array) -> None:
    for name in ("train/a", "train/b", "test/c", "val/d", "other/e"):
        write_image(tmp_path / "in" / f"{name}.png", photo)
    folders = {"train": "training", "test": "training", "val": "validation"}
    written = synthesize(tmp_path / "in", tmp_path / "out", evs=(0,), by_folder=folders)
    assert written.photos == {"training": 3, "validation": 1, "test": 0}
    found = scenes(tmp_path / "out")
    assert (found["training"], found["validation"]) == (["a", "b", "c"], ["d"])


def test_two_processes_in_one_folder(photos: Path, tmp_path: Path) -> None:
    with (
        folder_lock(tmp_path),
        pytest.raises(FilesError, match="another process is writing there"),
    ):
        synthesize(photos, tmp_path)


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_kill_9_in_the_middle_then_again(tmp_path: Path) -> None:
    for i in range(60):
        write_image(tmp_path / "in" / f"{i:02d}.png", shrink(sample_photo("china"), 100 + i))
    call = (
        "from exposure_lab.data.synthesis.synthesize import synthesize;"
        "synthesize('in', 'out', val=0.2)"
    )
    command = [sys.executable, "-c", call]
    process = subprocess.Popen(command, cwd=tmp_path)
    while len(list(tmp_path.glob("out/*/GT_IMAGES/*.jpg"))) < 10:
        time.sleep(0.01)
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list(tmp_path.glob("out/*/GT_IMAGES/*.jpg"))) < 60
    subprocess.run(command, cwd=tmp_path, check=True)
    synthesize(tmp_path / "in", tmp_path / "undisturbed", val=0.2)
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_a_raw_photo_keeps_what_its_own_picture_clips(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    light = np.linspace(0, 1, 96)[None, :].repeat(64, axis=0)
    (tmp_path / "in").mkdir()
    write_dng(tmp_path / "in" / "ramp.dng", light, neutral=(0.5, 1.0, 0.5))
    for name in ("a", "b"):
        write_image(tmp_path / "in" / f"{name}.png", np.full((64, 96, 3), 0.5, np.float32))
    synthesize(tmp_path / "in", tmp_path / "out", evs=(-1, 0), val=0, curve="plain")
    pairs = [pair for pair in find_pairs(tmp_path / "out", "training") if pair.scene == "ramp"]
    target = read_image(pairs[0].target_path)
    darker = read_image(next(pair.input_path for pair in pairs if pair.ev == -1))
    # White balance doubles red: the picture itself has it clipped from the middle on, where the
    # sensor has not; exposed one stop less it rises to the end, which the picture can't give back.
    assert target[32, 60:90, 0].min() > 0.98
    assert np.diff(darker[32, 8:88:8, 0]).min() > 0.02
    assert apply_ev(target, -1)[32, 60:90, 0].std() < 0.01
    assert darker[32, 24, 1] == pytest.approx(
        linear_to_srgb(np.float32(light[0, 24] / 2)), abs=0.03
    )


@pytest.mark.skipif(not BSDS.is_dir(), reason="the Berkeley photos are not here")
def test_real_photos(tmp_path: Path) -> None:
    import shutil

    (tmp_path / "in").mkdir()
    for path in sorted((BSDS / "val").glob("*.jpg"))[::10]:
        shutil.copy(path, tmp_path / "in")
    written = synthesize(tmp_path / "in", tmp_path / "out", val=0.2)
    assert written.skipped == []
    assert len(find_pairs(tmp_path / "out", "training")) == 8 * 5
