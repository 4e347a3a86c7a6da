"""What is printed never ends the work: odd encodings, readers who leave, names from strangers."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from exposure_lab.cli import main as cli
from exposure_lab.cli.terminal import PLAIN, escape_controls, say
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image

PROGRAM = (sys.executable, "-c", "from exposure_lab.cli.main import main; main()")
SEVERAL = """
import json, sys
from exposure_lab.cli.main import main

codes = []
for command in json.loads(sys.argv[1]):
    sys.argv = ["exposure-lab", *command]
    try:
        main()
    except SystemExit as end:
        codes.append(end.code or 0)
print("codes", json.dumps(codes), file=sys.stderr)
"""
ESCAPE = "\x1b[2J\x1b]0;owned\x07"
"""Empties the screen and names the window."""


def run_in(encoding: str, *commands: Sequence[object]) -> tuple[list[int], bytes]:
    """Run commands in one process whose output is a pipe in this encoding: codes and output."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    arguments = json.dumps([[str(word) for word in command] for command in commands])
    command = [sys.executable, "-c", SEVERAL, arguments]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.rpartition(b"codes ")[2]), done.stdout + done.stderr


def run_shell(line: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash in which "$@" stands for a command, and give the command's own code."""
    command = ["bash", "-c", f'{line}; exit "${{PIPESTATUS[0]}}"', "-"]
    command += [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, photo: Array) -> Path:
    """A set whose every file has a name that no code page knows and no terminal should obey."""
    root = tmp_path_factory.mktemp("faulty")
    folder = root / "training" / "INPUT_IMAGES"
    for name in (f"{ESCAPE}_0", "[red]x[bold]_0", "\u2260\u03a9_0", "two\nlines_0"):
        write_image(folder / f"{name}.png", photo[:8, :8])
    write_image(folder / "latin_0.png", photo[:8, :8])
    os.rename(folder / "latin_0.png", os.fsencode(folder) + b"/caf\xe9_0.png")
    return root


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_finished_work_survives_an_encoding(
    encoding: str, run: Path, small_set: Path, faulty: Path, tmp_path: Path
) -> None:
    copy, scores = tmp_path / "run", tmp_path / "scores.json"
    shutil.copytree(run, copy)
    (copy / "curves.png").unlink(missing_ok=True)
    commands = {
        ("evaluate", copy, "identity", "--data", small_set, "--json", scores): 0,
        ("summary", copy): 0,
        ("weights", "list"): 0,
        ("data", "verify", faulty): 1,
        ("evaluate", "\u2260", "--data", small_set): 2,
        ("doctor",): 0,
        ("train", "--help"): 0,
    }
    codes, output = run_in(encoding, *commands)
    assert codes == list(commands.values())
    output.decode(encoding)
    assert b"Traceback" not in output and b"codec" not in output and b"\x1b" not in output
    assert [m["model"] for m in json.loads(scores.read_text("utf-8"))["models"]][1] == "identity"
    assert read_image(copy / "curves.png").size > 0


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "plus_minus"), [("ascii", "+-"), ("cp1252", "\u00b1")])
def test_signs_that_an_encoding_lacks_have_others(
    encoding: str, plus_minus: str, run: Path, small_set: Path
) -> None:
    evaluate = ("evaluate", "identity", "--data", small_set)
    codes, output = run_in(encoding, evaluate, ("summary", run))
    text = output.decode(encoding)
    assert codes == [0, 0]
    assert "EV != 0" in text and "dE" in text
    assert re.search(rf"\d {re.escape(plus_minus)}\d", text)
    (l1,) = [line for line in text.splitlines() if line.strip().startswith("l1 ")]
    assert "?" not in l1 and set(l1.split()[1]) <= set(PLAIN.values())


@pytest.mark.posix("lines of bash")
@pytest.mark.slow
@pytest.mark.parametrize("line", ['"$@" | true', '"$@" | head -n 1', '"$@" 2>&1 | true'])
def test_a_reader_who_leaves_changes_nothing(
    line: str, small_set: Path, faulty: Path, tmp_path: Path
) -> None:
    """The exit code is the work's own, every file is written, and nobody complains."""
    scores = tmp_path / "scores.json"
    done = run_shell(line, "evaluate", "baselines", "--data", small_set, "--json", scores)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(scores.read_text("utf-8"))["models"]) == 9
    done = run_shell(line, "data", "verify", faulty)
    assert (done.returncode, done.stderr) == (1, "")
    done = run_shell(line, "--help")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.posix("lines of bash")
@pytest.mark.slow
def test_closed_streams(small_set: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.json"
    arguments = ("evaluate", "identity", "--data", small_set, "--json", scores)
    for line in ('"$@" >&-', '"$@" 2>&-', '"$@" >&- 2>&-'):
        done = run_shell(line, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), line
        scores.unlink()


@pytest.mark.posix("lines of bash")
@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_output_on_a_full_disk_is_told_once(small_set: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.json"
    arguments = ("evaluate", "identity", "--data", small_set, "--json", scores)
    done = run_shell('"$@" >/dev/full', *arguments)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: Expected to go on, but the system refused it: No space left on device.\n"
    )
    assert scores.exists()


@pytest.mark.parametrize("command", ["evaluate", "summary"])
def test_a_file_that_cannot_be_written_does_not_take_the_table_with_it(
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    run: Path,
    small_set: Path,
    tmp_path: Path,
    command: str,
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    (copy / "curves.png").unlink(missing_ok=True)
    (copy / "curves.png").mkdir()
    (tmp_path / "blocked").touch()
    arguments: dict[str, Sequence[object]] = {
        "evaluate": ("identity", "--data", small_set, "--json", tmp_path / "blocked" / "s.json"),
        "summary": (copy,),
    }
    assert call(command, *arguments[command]) == 1
    captured = capsys.readouterr()
    assert "PSNR" in captured.out
    assert captured.err.startswith("Error: Expected ") and captured.err.count("\n") == 1


def test_no_terminal_obeys_a_name(
    call: Callable[..., int], capsys: pytest.CaptureFixture[str], faulty: Path, tmp_path: Path
) -> None:
    assert call("data", "verify", faulty) == 1
    output = capsys.readouterr().out
    assert r"\x1b[2J\x1b]0;owned\x07_0.png" in output and "\x1b" not in output
    assert "[red]x[bold]_0.png" in output
    assert r"caf\udce9_0.png" in output
    assert call("summary", tmp_path / ESCAPE) == 1
    assert r"\x1b[2J" in (message := capsys.readouterr().err) and "\x1b" not in message


@pytest.mark.slow
def test_names_are_no_markup(
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    run: Path,
    small_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = Path("[red]x[/red] :apple: \x1b[2J")
    shutil.copytree(run, tmp_path / copy)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    assert call("summary", copy) == 0
    assert call("evaluate", copy, "--data", small_set) == 0
    output = capsys.readouterr().out
    assert output.count(r"[red]x[/red] :apple: \x1b[2J") == 5  # two of the summary, three tables
    assert "\x1b" not in output


def test_what_is_shown() -> None:
    text = "a\tb\x00c\x7f \u202egpj.exe \u2028 \udce9 \u00e9 \u2581 two\nlines"
    assert escape_controls(text) == (
        r"a\tb\x00c\x7f \u202egpj.exe \u2028 \udce9 " + "\u00e9 \u2581 two\nlines"
    )


def test_warnings_are_shown_as_the_rest_is(capsys: pytest.CaptureFixture[str]) -> None:
    own = str(Path(cli.__file__).parent / "x.py")
    cli._warn(f"of {ESCAPE}", UserWarning, own, 1)
    cli._warn(f"of {ESCAPE}", UserWarning, "/elsewhere/y.py", 1)
    first, second = capsys.readouterr().err.splitlines()[:2]
    assert first == r"Warning: of \x1b[2J\x1b]0;owned\x07"
    assert second == r"/elsewhere/y.py:1: UserWarning: of \x1b[2J\x1b]0;owned\x07"
    say("no \x1b", err=True)
    assert capsys.readouterr().err == "no \\x1b\n"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left"), "Expected to go on, but the system refused it: No space"),
        (OSError(), "Expected to go on, but the system refused it: OSError."),
        (OSError("by hand."), "Expected to go on, but the system refused it: by hand.\n"),
        (PermissionError(13, "Denied", "a/b"), "Expected to use a/b, but the system refused it: D"),
    ],
)
def test_errors_of_the_system_read_as_a_sentence(
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    sentence: str,
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(cli, "app", refuse)
    assert call("doctor") == 1
    assert capsys.readouterr().err.startswith(f"Error: {sentence}")
