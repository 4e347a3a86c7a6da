"""A folder is done to its end by `correct` and by `data synthesize`, whatever lies in it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import odd_folders as odd
import pytest

from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image

Runner = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not odd.OBEYS, reason="root needs setpriv to obey permissions"),
]


@pytest.fixture(scope="module")
def folder(photo: Array, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """See `odd_folders`."""
    root = tmp_path_factory.mktemp("odd") / "in"
    odd.make_odd_folder(root, photo)
    yield root
    odd.unlock(root)


@pytest.fixture(scope="module")
def run(command_line) -> Runner:
    """Runs a command in a process that permissions hold for."""

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        command = [*odd.AS_ORDINARY_USER, *command_line.program, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    return run


def contents(root: Path) -> dict[bytes, bytes]:
    """Every file below a folder, by its name as the disk has it."""
    return {
        os.fsencode(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".exposure-lab.lock"
    }


def check_sentences(folder: Path, stderr: str, start: str) -> None:
    """One sentence for each thing that was not done, with its name and its cause."""
    lines = [line for line in stderr.splitlines() if line.startswith(start)]
    causes = odd.FAILING | odd.LOCKED | {odd.LINKED: "is a link to one, which is not followed"}
    assert len(lines) == len(causes), stderr
    for name, cause in causes.items():
        (line,) = [line for line in lines if f"{folder / name} " in f"{line} ".replace(",", " ")]
        assert cause.format(path=folder / name) in line


def test_correct(run: Runner, folder: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        done = run("correct", folder, "--out", out, "--model", "auto-gamma", "--jobs", jobs)
        assert done.returncode == 1
        check_sentences(folder, done.stderr, "Error: ")
        assert done.stdout.splitlines() == [
            "Corrected 8 of 15 photos; 7 failed, named above; folders not looked into: 2, "
            "named above."
        ]
    expected = {os.fsencode(name) for name in odd.GOOD} | {odd.LATIN}
    assert contents(tmp_path / "1").keys() == expected
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    alone = run(
        "correct", folder / "a.jpg", "--out", tmp_path / "alone.jpg", "--model", "auto-gamma"
    )
    assert alone.returncode == 0
    assert (tmp_path / "alone.jpg").read_bytes() == contents(tmp_path / "2")[b"a.jpg"]


@pytest.mark.parametrize("command", ["correct", "synthesize"])
def test_a_photo_that_is_too_large_can_be_asked_for(
    run: Runner, photo: Array, tmp_path: Path, command: str
) -> None:
    write_image(tmp_path / "in" / "large.png", photo)
    write_image(tmp_path / "in" / "small.png", photo[:8, :8])
    start = {
        "correct": ("correct", tmp_path / "in", "--model", "identity", "--resume", "--out"),
        "synthesize": ("data", "synthesize", tmp_path / "in", "--ev", 0, "--val", 0),
    }[command]
    refused = run(*start, tmp_path / "out", "--max-megapixels", 0.001)
    assert refused.returncode == 1
    assert refused.stderr.count("Expected at most 0.001 megapixels in ") == 1
    assert f"{tmp_path / 'in' / 'large.png'}, but it states" in refused.stderr
    done = run(*start, tmp_path / "out", "--max-megapixels", 0.01)
    assert done.returncode == 0, done.stderr


def test_synthesize(run: Runner, folder: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        done = run("data", "synthesize", folder, out, "--ev", 0, "--val", 0, "--jobs", jobs)
        assert done.returncode == 1
        check_sentences(folder, done.stderr, "Skipped: ")
        assert "Wrote 8 training photos" in done.stdout
        assert f"No photos by their suffix: {folder / 'notes.txt'}." in done.stderr
    assert len(list((tmp_path / "1" / "training" / "GT_IMAGES").glob("[!.]*"))) == 8
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
