"""A bundle for a machine without network: its packages, its photos, and its own script."""

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
    assert bundle.build_bundle(tmp_path, None, [], "3.12") == 2
    assert (tmp_path / "own.txt").exists()


@pytest.mark.posix("a script of sh")
def test_a_bundle_runs_from_its_own_folder(bundle: ModuleType, tmp_path: Path) -> None:
    """With programs in place of the real ones, which say what they were given."""
    folder = tmp_path / "a bundle"
    folder.mkdir()
    (tmp_path / "gpu_day.py").write_text(
        "import os, site_says, sys\nprint(site_says.word, *sys.argv[1:], sep='|')\n"
    )
    (tmp_path / "site_says.py").write_text("word = 'ours'\n")
    for archive, file, name in (
        ("project", "gpu_day.py", "benchmarks/gpu_day.py"),
        ("site", "site_says.py", "site_says.py"),
    ):
        bundle.write_archive(folder / f"{archive}.tar.xz", iter([(tmp_path / file, name)]))
        with tarfile.open(folder / f"{archive}.tar.xz") as written:
            assert written.getnames() == [name]
    script = folder / "run.sh"
    script.write_text(bundle.RUN.replace("PHOTOS", '--photos "$here/photos"'))
    environment = os.environ | {"PYTHON": sys.executable}
    for given, expected in (
        ([], "ours|--minutes|9|--out|gpu-day|--photos|{}"),
        (["my out", "3", "--rehearse"], "ours|--minutes|3|--out|my out|--photos|{}|--rehearse"),
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
