"""The command line: exit codes, one-sentence errors, files as the contract fixes them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from exposure_lab.cli import main as cli
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image

Cli = Callable[..., int]
COMMANDS = ["data sample", "data synthesize", "train", "summary", "evaluate", "correct", "doctor"]
COURSE = [f"course {name}" for name in ("release", "check", "grade", "replay", "calibrate")]


def error(capsys: pytest.CaptureFixture[str]) -> str:
    """The message on the error stream: one sentence on one line."""
    message = capsys.readouterr().err.strip()
    assert message.startswith(("Error: Expected ", "Error: Unknown "))
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "command", [*COMMANDS, *COURSE, "chapters run", "chapters check", "book build"]
)
def test_help_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert f"Example: exposure-lab {command}" in result.output


def test_wrong_usage_exits_with_2(call: Cli, tmp_path: Path) -> None:
    assert call("no-such-command") == 2
    assert call("train", "--data", tmp_path) == 2
    assert call("evaluate") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lr=1"], "did you mean 'optimizer.lr'?"),
        (["--profile", "smok"], "did you mean 'smoke'?"),
        (["training.epochs=0"], "'training.epochs', but got 0"),
    ],
)
def test_wrong_setting_exits_with_2(
    call: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments, sentence: str
) -> None:
    assert call("train", "--data", tmp_path, "--out", tmp_path / "run", *arguments) == 2
    assert sentence in error(capsys)
    assert not (tmp_path / "run").exists()


def test_failed_work_exits_with_1(
    call: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call("summary", tmp_path) == 1
    assert "holds no history.jsonl" in error(capsys)
    assert call("evaluate", "identity", "--data", tmp_path) == 1
    assert "no folder validation or val" in error(capsys)
    assert call("evaluate", "identity", "--data", tmp_path, "--split", "all") == 1
    assert "Expected at least one pair" in error(capsys)
    assert call("data", "synthesize", tmp_path, tmp_path / "out") == 1
    assert "found none" in error(capsys)


@pytest.mark.slow
def test_train_and_summary(
    call: Cli,
    capsys: pytest.CaptureFixture[str],
    small_set: Path,
    tiny_overrides,
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    arguments = ["train", "--data", small_set, "--out", out, *tiny_overrides, "seed=11"]
    assert call(*arguments) == 0
    assert json.loads((out / "summary.json").read_text())["provenance"]["seed"] == 11
    assert "val PSNR" in capsys.readouterr().out
    assert call(*arguments) == 1
    assert "holds a run: go on with --resume" in error(capsys)
    assert call(*arguments, "--resume") == 0
    (out / "curves.png").unlink()
    assert call("summary", out) == 0
    assert read_image(out / "curves.png").size > 0


@pytest.mark.slow
def test_evaluate_writes_strict_json(
    call: Cli, capsys: pytest.CaptureFixture[str], run: Path, small_set: Path, tmp_path: Path
) -> None:
    file = tmp_path / "scores.json"
    arguments = [run, "identity", "identity", "--data", small_set, "--json", file]
    assert call("evaluate", *arguments) == 0
    report = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert [model["model"] for model in report["models"]] == [str(run), "identity"]
    assert report["models"][0]["mean"]["n"] == 10
    output = capsys.readouterr().out
    assert "validation pairs" in output
    assert "60 dB" in output  # the table says that PSNR is capped


@pytest.mark.parametrize(("split", "count"), [("training", 20), ("validation", 10), ("all", 30)])
def test_evaluate_takes_the_split(
    call: Cli, small_set: Path, tmp_path: Path, split: str, count: int
) -> None:
    file = tmp_path / "scores.json"
    arguments = ["identity", "--data", small_set, "--split", split, "--json", file]
    assert call("evaluate", *arguments) == 0
    assert json.loads(file.read_text())["models"][0]["mean"]["n"] == count


def test_evaluate_refuses_unknown_names(
    call: Cli, capsys: pytest.CaptureFixture[str], small_set: Path
) -> None:
    for arguments, sentence in [
        (
            ["nobody"],
            "a run folder, a file of weights (.safetensors or .onnx) or one of",
        ),
        (["identity", "--split", "half"], "a split, one of training, validation, test or all"),
        (["identity", "--protocol", "paper"], "a protocol, one of lab"),
    ]:
        assert call("evaluate", *arguments, "--data", small_set) == 2
        assert sentence in error(capsys)


def test_synthesize_names_what_it_skipped(
    call: Cli, capsys: pytest.CaptureFixture[str], photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "in" / "a.png", photo)
    assert (
        call("data", "synthesize", tmp_path / "in", tmp_path / "out", "--ev", -1, "--val", 0) == 0
    )
    assert "Wrote 1 training photos" in capsys.readouterr().out
    for number in range(25):
        (tmp_path / "in" / f"note{number:02}.txt").touch()
    assert call("data", "synthesize", tmp_path / "in", tmp_path / "notes", "--val", 0) == 0
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and message.count(".txt") == 20
    assert message.startswith("No photos by their suffix: ") and message.endswith(" 5 more.\n")
    for name in ("b.png", "c.jpg"):
        (tmp_path / "in" / name).touch()
    assert call("data", "synthesize", tmp_path / "in", tmp_path / "other", "--val", 0) == 1
    captured = capsys.readouterr()
    assert captured.err.count("Skipped: ") == 2
    assert "b.png" in captured.err and "c.jpg" in captured.err
    assert "Wrote 1 training photos" in captured.out


@pytest.mark.parametrize("options", [["--seed", -1], ["--ev", "nan"], ["--val", 1], ["--jobs", 0]])
def test_synthesize_refuses_what_cannot_be(
    call: Cli, photo: Array, tmp_path: Path, options: list
) -> None:
    write_image(tmp_path / "in" / "a.png", photo)
    assert call("data", "synthesize", tmp_path / "in", tmp_path / "out", *options) == 2
    assert not (tmp_path / "out").exists()


def test_synthesize_knows_its_curves(
    call: Cli, capsys: pytest.CaptureFixture[str], photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "in" / "a.png", photo)
    command = ["data", "synthesize", tmp_path / "in", tmp_path / "out", "--val", 0]
    assert call(*command, "--curve", "bent") == 2
    assert "one of random, camera, filmic, plain, but got 'bent'" in capsys.readouterr().err
    assert call(*command, "--curve", "filmic", "--noise", 0.5) == 0
    assert '"curve": "filmic"' in (tmp_path / "out" / "rendering.json").read_text()


def test_pack_for_a_profile(
    call: Cli, capsys: pytest.CaptureFixture[str], small_set: Path, tmp_path: Path
) -> None:
    command = ["data", "pack", small_set, tmp_path / "set.pack", "--profile", "report"]
    assert call(*command) == 0
    assert "36 photos, as 256 px squares" in capsys.readouterr().out
    assert call(*command) == 1
    assert "Expected no folder at" in capsys.readouterr().err


def test_pack_lists_what_is_wrong(
    call: Cli, capsys: pytest.CaptureFixture[str], photo: Array, tmp_path: Path
) -> None:
    for name in ("INPUT_IMAGES/a_0.jpg", "INPUT_IMAGES/b_0.jpg", "GT_IMAGES/a.jpg"):
        write_image(tmp_path / "set" / "training" / name, photo)
    (tmp_path / "set" / "training" / "INPUT_IMAGES" / "a_P1.jpg").touch()
    assert call("data", "pack", tmp_path / "set", tmp_path / "set.pack") == 1
    first, *lines = capsys.readouterr().err.splitlines()
    assert first.startswith("Error: Expected a set without faults in ") and "it has 2" in first
    assert [line.rpartition("/")[2] for line in lines] == [
        "a_P1.jpg is empty",
        "b_0.jpg has no target b.jpg in GT_IMAGES",
    ]
    assert not (tmp_path / "set.pack").exists()


@pytest.mark.slow
def test_data_sample(call: Cli, sample: Path, tmp_path: Path) -> None:
    assert call("data", "sample", tmp_path / "set") == 0
    for path in sample.rglob("*.*"):
        assert (tmp_path / "set" / path.relative_to(sample)).read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_doctor(call: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("doctor") == 0
    output = capsys.readouterr().out
    for word in ("exposure-lab", "torch", "device", "precision", "Sandbox", "'training': 20"):
        assert word in output


@pytest.mark.slow
def test_in_a_process_of_its_own(command_line, small_set: Path, tmp_path: Path) -> None:
    good = command_line("evaluate", "identity", "--data", small_set)
    assert (good.returncode, good.stderr) == (0, "")  # quiet where nobody watches
    failed = command_line("evaluate", "identity", "--data", tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "")
    wrong = command_line("evaluate", "nobody", "--data", small_set)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    for done in (failed, wrong):
        assert done.stderr.startswith("Error: Expected ")
        assert done.stderr.count("\n") == 1


def test_help_needs_no_torch() -> None:
    command = (
        "import sys; sys.argv = ['exposure-lab', 'train', '--help']\n"
        "from exposure_lab.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print('torch' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False False", done.stderr


def test_no_help_has_brackets_that_would_not_be_shown() -> None:
    """Words in brackets are taken for a style and left out of a terminal: `show_default` is not."""

    def options(command: Any) -> Iterator[tuple[str, str]]:
        yield from ((one.name, one.help) for one in command.params if getattr(one, "help", None))
        for sub in getattr(command, "commands", {}).values():
            yield from options(sub)

    found = list(options(typer.main.get_command(cli.app)))
    assert len(found) > 50
    assert not [(name, text) for name, text in found if "[" in text]
