"""Start of a chapter: profile, data and device, chosen and said."""

import json
from pathlib import Path

import pytest
import torch
from parsed_html import elements, parse, text

from exposure_lab.errors import ConfigError, DataError, DownloadError
from exposure_lab.notebook import session as module
from exposure_lab.notebook.session import Stamp, is_headless, start

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROFILE", "DATA", "HEADLESS"):
        monkeypatch.delenv(f"EXPOSURE_LAB_{name}", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_gpu_it_is_smoke_on_the_built_in_photos(capsys: pytest.CaptureFixture[str]) -> None:
    session = start("01_exposure")
    assert session.profile == session.config.profile == "smoke"
    assert session.device == torch.device("cpu")
    assert (session.data / "validation" / "INPUT_IMAGES").is_dir()
    printed = capsys.readouterr().out
    assert "Chapter 01_exposure at profile smoke (chosen because there is no GPU)" in printed


def test_without_gpu_each_reads_what_helps_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop's own steps come first; on Colab, where only Colab's help, nothing else."""
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    start("01_exposure")
    printed = capsys.readouterr().out
    assert 0 < printed.index('profile = "laptop"') < printed.index("Colab")
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab-external-images_20260819")
    start("01_exposure")
    printed = capsys.readouterr().out
    assert "Runtime > Change runtime type > T4 GPU" in printed and "laptop" not in printed


def test_it_says_how_long_the_chapter_took_where_it_was_timed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    start("07_evaluation")
    timed = json.loads((ROOT / "benchmarks" / "results" / "chapters.json").read_text())
    seconds = timed["figures"]["07_evaluation_smoke_s"]
    assert f"expected  about {seconds:.0f} seconds, as timed on cpu" in capsys.readouterr().out
    assert module.expected_time("07_evaluation", "study") == "not measured yet"
    assert module.expected_time("07_evaluation", "smoke", tmp_path) == "not measured yet"


def test_the_times_that_ship_are_those_of_the_benchmark() -> None:
    timed = json.loads((ROOT / "benchmarks" / "results" / "chapters.json").read_text())
    shipped = json.loads((ROOT / "exposure_lab" / "results" / "chapters.json").read_text())
    assert {name: figure["value"] for name, figure in shipped["figures"].items()} == timed[
        "figures"
    ]
    assert shipped["provenance"]["commit"] == timed["provenance"]["commit"]


def test_headless_it_does_not_tell_anyone_to_press_a_button(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not is_headless()
    monkeypatch.setenv("EXPOSURE_LAB_HEADLESS", "1")
    assert is_headless()
    start("01_exposure")
    assert "Colab" not in capsys.readouterr().out


def test_the_environment_decides_where_the_cell_says_auto(
    monkeypatch: pytest.MonkeyPatch, small_set: Path
) -> None:
    monkeypatch.setenv("EXPOSURE_LAB_PROFILE", "study")
    monkeypatch.setenv("EXPOSURE_LAB_DATA", str(small_set))
    session = start("06_training")
    assert (session.profile, session.data) == ("study", small_set)
    assert start("06_training", profile="smoke").profile == "smoke"


def test_a_large_profile_takes_the_berkeley_photos(
    small_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "berkeley_set", lambda: small_set)
    session = start("06_training", profile="laptop")
    assert session.data == small_set
    assert "500 Berkeley photos" in session.data_name


def test_without_a_connection_it_takes_the_few_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline() -> Path:
        raise DownloadError("Expected a connection, but there is none: check it.")

    monkeypatch.setattr(module, "berkeley_set", offline)
    session = start("06_training", profile="laptop")
    assert "six built-in photos" in session.data_name
    printed = " ".join(capsys.readouterr().out.split())
    assert "but there is none: check it. So this runs on the six built-in photos." in printed
    assert "says little about others" in printed


def test_bad_settings_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="smok"):
        start("01_exposure", profile="smok")
    with pytest.raises(DataError, match="MSEC layout"):
        start("01_exposure", data=tmp_path)


def test_the_stamp_holds_what_made_the_page_and_no_path(small_set: Path) -> None:
    session = start("01_exposure", data=small_set)
    stamp = session.stamp()
    assert list(stamp.facts) == [
        "chapter",
        "commit",
        "profile",
        "device",
        "versions",
        "data",
        "seed",
        "time",
    ]
    assert stamp.facts["seed"] == str(session.config.seed)
    assert torch.__version__.partition("+")[0] in stamp.facts["versions"]
    html = stamp._repr_html_()
    assert str(small_set.parent) not in html
    rows = [[text(cell) for cell in row] for row in elements(parse(html), "tr")]
    assert rows == [[key, " ".join(value.split())] for key, value in stamp.facts.items()]
    assert len(elements(parse(html), "th", scope="row")) == len(rows)
    assert all(line.split()[0] in stamp.facts for line in repr(stamp).splitlines())


def test_a_stamp_escapes_what_stands_in_it() -> None:
    page = parse(Stamp({"data": "<script>"})._repr_html_())
    assert not elements(page, "script")
    assert [text(cell) for cell in elements(page, "td")] == ["<script>"]
