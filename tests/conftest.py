"""Fixtures that several test files share: a small config, small sets, a photo, a tiny disk."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import torch
from chromium import CHROMIUM
from tiny_run import TINY

from exposure_lab.config import RunConfig
from exposure_lab.data.loading.loader import Batch
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, sample_photo, write_sample
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.images.array import Array
from exposure_lab.images.resize import shrink
from exposure_lab.profiles.load import load_profile
from exposure_lab.runtime import Runtime

os.environ.setdefault("MPLBACKEND", "Agg")
torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on Windows what is marked `posix`, and name the mark's reason."""
    for item in items if os.name == "nt" else ():
        if mark := item.get_closest_marker("posix"):
            item.add_marker(pytest.mark.skip(reason=f"not on Windows: {mark.args[0]}"))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache; matplotlib's font list is only read from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", matplotlib.get_cachedir())
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv("EXPOSURE_LAB_DATA", raising=False)
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium for which no host exists."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        # As root, as in a container, Chromium starts only without its own sandbox.
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--no-sandbox"]
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set that ships with the package, rendered at its own size."""
    return write_sample(tmp_path_factory.mktemp("sample") / "set")


@pytest.fixture(scope="session")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same photos at 24 px: read in an instant."""
    root = tmp_path_factory.mktemp("small")
    for name, split in SAMPLE_SPLITS.items():
        write_pairs(shrink(sample_photo(name), 24), name, root, split)
    return root


@pytest.fixture(scope="session")
def photo() -> Array:
    """A real photo, (48, W, 3), that nobody may change in place."""
    pixels = shrink(sample_photo("coffee"), 48)
    pixels.flags.writeable = False
    return pixels


@pytest.fixture
def noise() -> Array:
    """Random pixels (32, 40, 3): every value of [0, 1] about as often."""
    return np.random.default_rng(0).random((32, 40, 3), dtype=np.float32)


@pytest.fixture(scope="session")
def tiny() -> RunConfig:
    """A run of twelve steps at 16 px."""
    return load_profile("smoke", TINY)


@pytest.fixture(scope="session")
def cpu() -> Runtime:
    """The processor, in full precision."""
    return Runtime(torch.device("cpu"), "fp32")


@pytest.fixture(scope="session")
def batch(small_set: Path) -> Batch:
    """Four training pairs, each side (4, 3, 16, 16), in [-1, 1]."""
    from exposure_lab.data.loading.dataset import PairedImages

    dataset = PairedImages(find_pairs(small_set, "training"), load_profile("smoke", TINY).data, 0)
    inputs, targets = zip(*(dataset[0, index] for index in (0, 5, 10, 15)), strict=True)
    return Batch(torch.stack(inputs), torch.stack(targets))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system with room for 64 KiB."""
    yield from _disk(tmp_path / "disk", "64k")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One with room for two checkpoints of `tiny`, which take 330 KiB each."""
    yield from _disk(tmp_path / "disk", "900k")


def _disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    refusals = []
    for mount in (_mount_as_root, _mount_in_namespace, _mount_on_a_ci_server):
        try:
            with mount(folder, size) as disk:
                yield disk
            return
        except MountError as error:
            refusals.append(str(error))
    pytest.skip(f"a full disk cannot be made here: {'; '.join(refusals)}")


class MountError(Exception):
    """A file system that this user may not mount in this way."""


@contextmanager
def _mount_as_root(folder: Path, size: str, prefix: Sequence[str] = ()) -> Iterator[Path]:
    options = f"size={size},mode=777"
    _mount([*prefix, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)])
    try:
        yield folder
    finally:
        subprocess.run([*prefix, "umount", str(folder)], check=True)


@contextmanager
def _mount_on_a_ci_server(folder: Path, size: str) -> Iterator[Path]:
    """There namespaces may be forbidden, while sudo asks for no password; tried nowhere else."""
    if "CI" not in os.environ:
        raise MountError("sudo is used on a CI server only")
    with _mount_as_root(folder, size, ["sudo", "-n"]) as disk:
        yield disk


@contextmanager
def _mount_in_namespace(folder: Path, size: str) -> Iterator[Path]:
    """A mount that an ordinary user may make, in a namespace that a process of ours keeps alive.

    Only that process has the mount in its tree; from outside, the way there is through /proc.
    """
    script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", size, folder]
    try:
        keeper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise MountError(str(error)) from error
    with keeper:  # its end of input ends it
        if keeper.stdout.readline() != b"mounted\n":
            raise MountError(keeper.stderr.read().decode().strip())
        yield Path(f"/proc/{keeper.pid}/root{folder}")


def _mount(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise MountError(str(error)) from error
    if done.returncode:
        raise MountError(done.stderr.strip())


class CommandLine:
    """Runs `exposure-lab` in a process of its own."""

    program: Sequence[str] = (
        sys.executable,
        "-c",
        "from exposure_lab.cli.main import main; main()",
    )

    def __call__(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run to the end."""
        command = [*self.program, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """Start and go on."""
        command = [*self.program, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="session")
def command_line() -> CommandLine:
    """See `CommandLine`."""
    return CommandLine()


@pytest.fixture(scope="session")
def tiny_overrides() -> Sequence[str]:
    """What turns the smoke profile into `tiny`, for the command line."""
    return TINY
