"""exposure-lab data download-msec, download-bsds500, verify, and the scripts that do the same."""

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exposure_lab.cli import main as cli
from exposure_lab.data.download.remote_archive import RemoteArchive
from exposure_lab.data.loading.packed import PackedPairs
from exposure_lab.data.sources import msec
from exposure_lab.data.sources.msec_scenes import msec_scenes
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.profiles.load import load_profile

SCRIPTS = Path(__file__).resolve().parents[2] / "data_scripts"
Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `exposure-lab data ...`: exit code, output, and error output."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["exposure-lab", "data", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return run


@pytest.mark.parametrize("command", ["download-msec", "download-bsds500", "verify"])
def test_help_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(cli.app, ["data", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: exposure-lab data {command}" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["download-bsds500"],
        ["download-msec", "out", "--part", "all"],
        ["verify", "x", "--jobs", "0"],
    ],
)
def test_wrong_usage_exits_with_2(call: Cli, arguments: list[str]) -> None:
    assert call(*arguments)[0] == 2


def test_licence_is_shown_and_must_be_accepted(call: Cli, tmp_path: Path) -> None:
    code, shown, error = call("download-msec", tmp_path / "msec")
    assert code == 2
    assert shown.startswith(msec.LICENCE)
    assert all(address in shown for address in msec.BY_HAND.values())
    assert "no commercial use" in shown
    assert error.startswith("Error: Expected you to accept the licence of MSEC, but you have not")
    assert not (tmp_path / "msec").exists()


def part_zip(path: Path, scenes: list[str]) -> Path:
    """The names of a part of MSEC, around nothing."""
    with zipfile.ZipFile(path, "w") as archive:
        for scene in scenes:
            archive.writestr(f"validation/GT_IMAGES/{scene}.jpg", "")
            for token in ("N1.5", "N1", "0", "P1", "P1.5"):
                archive.writestr(f"validation/INPUT_IMAGES/{scene}_{token}.JPG", "")
    return path


def test_part_that_the_reader_has(call: Cli, tmp_path: Path) -> None:
    scenes = sorted(msec_scenes()["validation"])
    archive = part_zip(tmp_path / "whole.zip", scenes)
    code, output, _ = call("download-msec", tmp_path / "a", "--from", archive, "--accept-license")
    assert code == 0
    assert "validation: 750 of 750 inputs are there." in output
    archive = part_zip(tmp_path / "half.zip", scenes[:75])
    code, output, error = call(
        "download-msec", tmp_path / "b", "--from", archive, "--accept-license"
    )
    assert code == 1
    assert "validation: 375 of 750 inputs are there." in output
    assert f"differ from MSEC in 75 places, such as {tmp_path / 'b'}" in error


def test_server_that_is_not_there(
    call: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RemoteArchive("testing.zip", "http://127.0.0.1:9/testing.zip", 1000)
    monkeypatch.setitem(msec.ARCHIVES, "testing", source)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    code, _, error = call("download-msec", tmp_path, "--part", "testing", "--accept-license")
    assert code == 1
    last = error.strip().splitlines()[-1]
    assert last.startswith("Error: Expected the file at http://127.0.0.1:9/testing.zip, but the ")
    assert "browser from https://ln2.sync.com/dl/098a6c5e0/" in last


def test_bsds500_from_something_else(call: Cli, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "other.tgz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("readme.txt"))
    code, _, error = call("download-bsds500", tmp_path / "out", "--from", tmp_path / "other.tgz")
    assert code == 1
    assert "found 0 train, 0 val, 0 test" in error


def test_verify(call: Cli, small_set: Path, tmp_path: Path) -> None:
    code, output, _ = call("verify", small_set)
    assert code == 0
    assert output.splitlines() == [
        "training: 20 inputs of 4 scenes, 4 targets.",
        "validation: 10 inputs of 2 scenes, 2 targets.",
        "No fault.",
    ]
    bad = small_set / "training" / "INPUT_IMAGES" / "note.txt"
    bad.touch()
    try:
        code, output, _ = call("verify", small_set)
    finally:
        bad.unlink()
    assert code == 1
    assert output.splitlines()[-2].startswith(f"{bad} is not read")
    assert output.splitlines()[-1] == "Faults: 1."
    code, _, error = call("verify", tmp_path)
    assert code == 1
    assert error.startswith("Error: Expected a folder training, validation or testing in ")


def test_verify_against_msec(call: Cli, small_set: Path) -> None:
    code, output, _ = call("verify", small_set, "--msec")
    assert code == 1
    assert "training: 20 of 17675 inputs of 4 scenes, 4 targets." in output
    assert "is of a scene unknown to MSEC." in output


def script(name: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPTS / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_scripts(small_set: Path, tmp_path: Path) -> None:
    whole = script("verify.py", small_set)
    assert (whole.returncode, whole.stdout.count("inputs of")) == (0, 2), whole.stderr
    nothing = script("verify.py", tmp_path)
    assert nothing.returncode == 1 and nothing.stderr.startswith("Error: Expected a folder")
    refused = script("download_msec.py", tmp_path / "msec")
    assert refused.returncode == 1 and "run again with --accept-license" in refused.stderr
    (tmp_path / "train").touch()
    blocked = script("download_bsds500.py", tmp_path / "train")
    assert blocked.returncode == 1 and "a file is in the way" in blocked.stderr
    nobody = script("pack.py", tmp_path / "msec", tmp_path / "set.pack")
    assert nobody.returncode == 1 and nobody.stderr.startswith("Error: Expected a set in MSEC")


@pytest.mark.slow
def test_scripts_from_photos_to_a_pack(tmp_path: Path, photo: Array) -> None:
    for name in "abcdef":
        write_image(tmp_path / "photos" / f"{name}.png", photo)
    (tmp_path / "photos" / "g.png").touch()
    result = script("synthesize.py", tmp_path / "photos", tmp_path / "set")
    assert (
        result.returncode == 1
        and result.stderr.count("Skipped: ") == 1
        and "g.png" in result.stderr
    )
    whole = script("verify.py", tmp_path / "set")
    assert (whole.returncode, whole.stdout.count("inputs of")) == (0, 3), whole.stderr
    packed = script("pack.py", tmp_path / "set", tmp_path / "set.pack")
    assert packed.returncode == 0, packed.stderr
    assert len(PackedPairs(tmp_path / "set.pack", "training", load_profile("report").data)) == 20


@pytest.mark.parametrize(
    "name", ["download_msec", "download_bsds500", "verify", "synthesize", "pack"]
)
def test_a_script_without_arguments_says_how_it_is_called(name: str) -> None:
    done = script(f"{name}.py")
    assert done.returncode == 1
    assert f"python data_scripts/{name}.py " in done.stderr and "Traceback" not in done.stderr


def test_the_list_of_scenes_is_what_its_script_writes(tmp_path: Path) -> None:
    table = Path(__file__).resolve().parents[3] / "shared" / "data" / "msec_scenes.csv"
    if not table.exists():
        pytest.skip(f"the table is not at {table}")
    target = SCRIPTS.parent / "exposure_lab" / "data" / "sources" / "msec_scenes.txt"
    code = (SCRIPTS / "list_msec_scenes.py").read_text(encoding="utf-8")
    (tmp_path / "data_scripts").mkdir()
    (tmp_path / "exposure_lab" / "data" / "sources").mkdir(parents=True)
    (tmp_path / "data_scripts" / "copy.py").write_text(code, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "data_scripts" / "copy.py"), str(table)]
    subprocess.run(command, check=True)
    written = tmp_path / "exposure_lab" / "data" / "sources" / "msec_scenes.txt"
    assert written.read_bytes() == target.read_bytes()
