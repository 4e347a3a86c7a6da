"""A bundle for a machine without network: its packages, its photos, and its own script."""

import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import imagecodecs
import pytest
from benchmark_modules import import_benchmark

from exposure_lab.data.sample.sample_set import sample_photo
from exposure_lab.images.io import read_image, write_image

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def bundle() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_bundle")


@pytest.fixture(scope="module")
def wheels() -> Iterator[ModuleType]:
    yield from import_benchmark("gpu_day_wheels")


def test_a_bundle_takes_what_is_not_there(wheels: ModuleType) -> None:
    all_of_it = wheels.needed(("exposure-lab", "pytest"), "3.12")
    there = wheels.needed(("torch", "torchvision"), "3.12")
    assert {"scipy", "scikit-image", "matplotlib", "ipython", "pytest"} <= all_of_it - there
    assert {"torch", "numpy", "pillow", "sympy"} <= there
    assert not all_of_it & set(wheels.LEFT_OUT)
    assert "scipy" in wheels.needed(("torch", "scipy", "a-package-of-theirs"), "3.12")
    assert all_of_it - there - {"exposure-lab"} <= wheels.pins("3.12").keys()


def test_wheels_are_unpacked_without_their_tests(bundle: ModuleType, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1-py3-none-any.whl", "w") as wheel:
        for name in ("x/__init__.py", "x/tests/test_x.py", "x/x.pyi", "x-1.dist-info/METADATA"):
            wheel.writestr(name, "")
        wheel.writestr("x-1.data/purelib/y.py", "")
        wheel.writestr("x-1.data/scripts/x", "")
        wheel.writestr("exposure_lab/notebook/assets/play.js", "")
        wheel.writestr("exposure_lab/weights/unet.safetensors", "")
        wheel.writestr("fontTools/agl.so", "")
        wheel.writestr("skimage/__init__.pyi", "")
    bundle.unpack_wheels(tmp_path, tmp_path / "site")
    site = tmp_path / "site"
    found = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    own = "exposure_lab/notebook/assets/play.js"
    assert found == {"x/__init__.py", "x-1.dist-info/METADATA", "y.py", "skimage/__init__.pyi", own}


@pytest.mark.posix("libraries of Linux")
def test_what_a_bundle_has_of_the_codecs_reads_a_panorama(
    wheels: ModuleType, tmp_path: Path
) -> None:
    installed = Path(imagecodecs.__file__).parent.parent
    for folder in ("imagecodecs", "imagecodecs.libs"):
        if not (installed / folder).is_dir():
            pytest.skip("imagecodecs was not installed from a wheel of Linux")
        for path in (installed / folder).iterdir():
            if path.is_file() and wheels.is_run((folder, path.name)):
                (tmp_path / folder).mkdir(exist_ok=True)
                shutil.copy(path, tmp_path / folder)
    code = (
        "import imagecodecs, sys; assert imagecodecs.__file__.startswith(sys.argv[1]);"
        "from exposure_lab.notebook import read_panorama; print(read_panorama('city').shape)"
    )
    path = os.pathsep.join(
        [str(tmp_path), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "(512, 1024, 3)"


@pytest.mark.slow
def test_as_many_photos_as_there_is_room_for(bundle: ModuleType, tmp_path: Path) -> None:
    for split in ("training", "validation", "test"):
        (tmp_path / "in" / split).mkdir(parents=True)
    for split, count in (("training", 5), ("validation", 1), ("test", 1)):
        for i in range(count):
            write_image(tmp_path / "in" / split / f"{split}{i}.png", sample_photo("coffee"))
    bundle.write_photos(tmp_path / "in", tmp_path / "all", 10_000_000)
    sizes = {p: p.stat().st_size for p in (tmp_path / "all").rglob("*.jpg")}
    assert len(sizes) == 7
    bundle.write_photos(tmp_path / "in", tmp_path / "some", sum(sizes.values()) - 1)
    kept = sorted(path.parent.name for path in (tmp_path / "some").rglob("*.jpg"))
    assert kept == ["test", *["training"] * 4, "validation"]
    assert min(read_image(next(iter(sizes))).shape[:2]) == 288


def test_a_bundle_refuses_a_folder_that_is_there(bundle: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "own.txt").touch()
    assert bundle.build_bundle(tmp_path, None, [], "3.12", False) == 2
    assert (tmp_path / "own.txt").exists()


def write_wheel(folder: Path) -> None:
    """A package of one line."""
    about = "Metadata-Version: 2.1\nName: small\nVersion: 1\n"
    built = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "small-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("small.py", "word = 'ours'\n")
        wheel.writestr("small-1.dist-info/METADATA", about)
        wheel.writestr("small-1.dist-info/WHEEL", built)
        wheel.writestr("small-1.dist-info/RECORD", "")


@pytest.fixture
def from_small_wheel(
    bundle: ModuleType, wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One small package is missing there, and pip finds it here, in a folder and nowhere else."""
    write_wheel(tmp_path / "here")
    monkeypatch.setattr(
        bundle, "needed", lambda names, python: {"small"} if "pytest" in names else set()
    )
    monkeypatch.setattr(wheels, "pins", lambda python: {"small": "==1"})
    monkeypatch.setattr(bundle, "FILTERS", [{"id": lzma.FILTER_LZMA2, "preset": 0}])
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "here"))


def test_a_bundle_fits_beside_the_checkout(
    bundle: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """64 MiB travel: of a checkout of 100 bytes 10 too few are left, and alone there are enough."""

    def fetch(names: object, python: str, folder: Path) -> None:
        write_wheel(folder)
        with zipfile.ZipFile(folder / "exposure_lab-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("exposure_lab/__init__.py", "")

    monkeypatch.setattr(bundle, "fetch_wheels", fetch)
    monkeypatch.setattr(bundle, "known_files", lambda patterns: [ROOT / "LICENSE"])
    assert bundle.build_bundle(tmp_path / "first", None, [], "3.12", False) == 0
    sizes = [path.stat().st_size for path in (tmp_path / "first").iterdir()]
    assert {path.name for path in (tmp_path / "first").iterdir()} == {
        "project.tar.xz",
        "run.sh",
        "site.tar.xz",
        "weights.tar.xz",
    }
    capsys.readouterr()
    checkout = (ROOT / "LICENSE").stat().st_size
    monkeypatch.setattr(bundle, "TRAVELS", checkout + 100)
    assert bundle.build_bundle(tmp_path / "second", None, [], "3.12", False) == 1
    said = capsys.readouterr().out
    assert "files of weights, for want of room; chapter 11" in said
    assert "Expected at most 100 bytes" in said and "--has" in said
    monkeypatch.setattr(bundle, "TRAVELS", sum(sizes))
    assert bundle.build_bundle(tmp_path / "third", None, [], "3.12", True) == 0


def without_network() -> list[str]:
    """What a command begins with that shall reach nothing; empty where one may not ask for that."""
    command = ["unshare", "--map-root-user", "--net"]
    try:
        return command if subprocess.run([*command, "true"]).returncode == 0 else []
    except OSError:
        return []


@pytest.mark.slow
@pytest.mark.posix("a script of sh")
@pytest.mark.usefixtures("from_small_wheel")
def test_a_bundle_brings_all_that_its_tests_need(
    bundle: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With torch and the others from here: what is ours comes from the bundle, its commit too."""
    folder = tmp_path / "bundle"
    monkeypatch.setattr(bundle, "commit", lambda: "0123456789-dirty")  # not that of the checkout
    assert bundle.build_bundle(folder, None, [], "3.12", True) == 0
    out = tmp_path / "out"
    command = ["sh", folder / "run.sh", out, "20", "--rehearse", "--parts", "data,tests"]
    environment = os.environ | {"PYTHON": sys.executable, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [*without_network(), *map(str, command)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    parts = json.loads((out / "gpu_day.json").read_text(encoding="utf-8"))
    assert parts["day"]["skipped"] == []
    assert parts["tests"]["figures"]["failed"] == 0
    assert all(bar["held"] for bar in parts["tests"]["bars"])
    assert {part["provenance"]["commit"] for part in parts.values()} == {"0123456789-dirty"}
    with tarfile.open(folder / "site.tar.xz") as written:
        assert {"site/small.py", "site/exposure_lab/COMMIT"} <= set(written.getnames())


PROGRAM = "import one, sys, two; print(one.word, two.word, *sys.argv[1:], sep='|')"


@pytest.mark.posix("a script of sh")
def test_a_bundle_runs_from_its_own_folder(bundle: ModuleType, tmp_path: Path) -> None:
    """With programs in place of the real ones, which say what they were given."""
    folder = tmp_path / "a bundle"
    folder.mkdir()
    for archive, where, name, text in (
        ("project", "project", "benchmarks/gpu_day.py", PROGRAM),
        ("site", "site", "one.py", "word = 'ours'"),
        ("weights", "site", "two.py", "word = 'all of it'"),
    ):
        path = tmp_path / archive / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        target = folder / f"{archive}.tar.xz"
        bundle.write_archive(target, where, tmp_path / archive, [path])
        with tarfile.open(target) as written:
            assert written.getnames() == [f"{where}/{name}"]
    script = folder / "run.sh"
    script.write_text(bundle.RUN.replace("PHOTOS", '--photos "$here/photos"'))
    environment = os.environ | {"PYTHON": sys.executable}
    for given, expected in (
        ([], "ours|all of it|--minutes|9|--out|gpu-day|--photos|{}"),
        (["my out", "3", "-x"], "ours|all of it|--minutes|3|--out|my out|--photos|{}|-x"),
    ):
        done = subprocess.run(
            ["sh", script, *given],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == expected.format(folder / "photos")
