"""Windows neither replaces nor removes what a program has open or mapped: commands let go first."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.training.trainer import train

Call = Callable[..., int]


def in_use() -> Iterator[Path]:
    """Files that this process has open or mapped."""
    for entry in Path("/proc/self/fd").iterdir():
        try:
            yield Path(os.readlink(entry))
        except OSError:
            continue  # the one by which the folder is read
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        if len(fields := line.split(maxsplit=5)) == 6:
            yield Path(fields[5])


@pytest.fixture(autouse=True)
def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that refuses to move, replace or remove a file that is open, or a folder of such."""
    if not Path("/proc/self/maps").exists():
        pytest.skip("this system does not tell which files are open")

    def refusing(act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            paths = [Path(os.path.abspath(one)) for one in arguments if isinstance(one, str | Path)]
            used = [file for file in in_use() if {file, *file.parents} & set(paths)]
            if used and "dir_fd" not in options:
                raise PermissionError(errno.EACCES, "in use by another process", str(used[0]))
            return act(*arguments, **options)

        return wrapped

    for name in ("replace", "rename", "unlink", "remove"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    monkeypatch.setattr(shutil, "rmtree", refusing(shutil.rmtree))


def test_the_system_refuses(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with (tmp_path / "folder" / "open").open("w"):
        for act in (os.unlink, os.remove):
            with pytest.raises(PermissionError):
                act(tmp_path / "folder" / "open")
        for act in (os.replace, os.rename):
            with pytest.raises(PermissionError):
                act(tmp_path / "folder", tmp_path / "other")
        with pytest.raises(PermissionError):
            shutil.rmtree(tmp_path / "folder")
    shutil.rmtree(tmp_path / "folder")


@pytest.mark.slow
def test_a_run_is_stopped_resumed_shown_and_scored(
    call: Call, tiny: RunConfig, small_set: Path, tmp_path: Path, tiny_overrides: list[str]
) -> None:
    run = tmp_path / "run"
    with pytest.raises(RunError, match="Stopped at step 5"):
        train(tiny, small_set, run, stop_after=5, quiet=True)
    arguments = ["--data", small_set, "--out", run, "--resume", *tiny_overrides]
    assert call("train", *arguments) == 0
    assert len(list((run / "checkpoints").iterdir())) == 2, "older ones could be removed"
    for _ in range(2):
        assert call("summary", run) == 0
        scores = ["--data", small_set, "--json", tmp_path / "scores.json"]
        assert call("evaluate", run, "identity", *scores) == 0


@pytest.mark.slow
def test_photos_are_corrected_and_replaced(
    call: Call, run: Path, photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "a.jpg", photo)
    write_image(tmp_path / "b.png", photo)
    for model in (run, "identity"):
        for _ in range(2):
            out = ["--out", tmp_path / "out", "--model", model, "--overwrite"]
            assert call("correct", tmp_path / "a.jpg", tmp_path / "b.png", *out) == 0


def test_sets_are_made_packed_and_made_again(call: Call, photo: Array, tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / "in" / f"{number}.png", photo)
    for _ in range(2):
        command = ["data", "synthesize", tmp_path / "in", tmp_path / "set", "--val", 0.4]
        assert call(*command) == 0
        assert call("data", "pack", tmp_path / "set", tmp_path / "set.pack") == 0
        assert call("data", "verify", tmp_path / "set") == 0
        shutil.rmtree(tmp_path / "set.pack")


@pytest.mark.slow
def test_a_release_takes_the_place_of_another(call: Call, tmp_path: Path) -> None:
    book = Path(__file__).resolve().parents[2] / "book"
    for seed in (1, 2):
        command = ["course", "release", tmp_path / "out", "--book", book, "--chapters", "01"]
        assert call(*command, "--seed", seed, "--overwrite") == 0
