"""exposure-lab chapters: names as they are written, the contract before anything runs."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from exposure_lab.publishing import nbval_check, run_chapters

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two chapters, in which commands run."""
    folder = tmp_path / "book"
    folder.mkdir()
    for name in ("01_exposure.ipynb", "06_training.ipynb"):
        (folder / name).write_bytes((ROOT / "book" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_chapter_is_wrong_usage(
    command: str, book: Path, call: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("chapters", command, "06_trainin") == 2
    assert capsys.readouterr().err == (
        "Error: Unknown chapter '06_trainin'; did you mean '06_training'?\n"
    )


def test_check_takes_names(
    book: Path, call: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def check(root: Path, names: object, **options: object) -> int:
        asked.append(names)
        return 0

    monkeypatch.setattr(nbval_check, "check_chapters", check)
    assert call("chapters", "check", "1") == 0
    assert call("chapters", "check") == 0
    assert asked == [["1"], ()]


def test_check_asks_the_contract_first(
    book: Path,
    call: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tag that is missing would let nbval compare nothing, and pass."""
    monkeypatch.setattr(nbval_check, "check_chapters", lambda *a, **k: pytest.fail("it ran"))
    path = book / "01_exposure.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    cell = next(c for c in notebook["cells"] if c["id"] == "check-01-render-ev")
    cell["metadata"]["tags"].remove("nbval-check-output")
    path.write_text(json.dumps(notebook), "utf-8")
    assert call("chapters", "check", "01_exposure") == 1
    output = capsys.readouterr()
    assert "cell check-01-render-ev is a check and needs the tag nbval-check-output" in output.out
    assert output.err.startswith("Error: Expected chapters that keep the contract")
    monkeypatch.setattr(nbval_check, "check_chapters", lambda *a, **k: 0)
    assert call("chapters", "check", "06") == 0, "the other keeps it"


def test_a_chapter_that_failed_ends_with_1(
    book: Path, call: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for ok, code in ((True, 0), (False, 1)):
        ended = [SimpleNamespace(ok=ok)]
        monkeypatch.setattr(run_chapters, "run_chapters", lambda *a, ended=ended, **k: ended)
        assert call("chapters", "run", "1") == code
