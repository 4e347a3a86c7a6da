"""README and the book's first page say how many claims hold, as the results say it now."""

import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.study.ledger import judge_scales, sum_up

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The functions and names of ``.ci/ledger.py``."""
    return runpy.run_path(str(ROOT / ".ci" / "ledger.py"))


def test_both_pages_say_what_the_results_say(program: dict[str, Any]) -> None:
    sentence = sum_up(judge_scales())
    for name in ("README.md", "book/index.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        line = f"<!-- ledger -->{sentence}<!-- /ledger -->"
        assert text.count(line) == 1, "run `make ledger`"
        # At the start of a line the mark would make the whole line raw HTML.
        assert "\n<!-- ledger -->" not in text
        assert program["written"](text, sentence) == text


@pytest.mark.slow
def test_the_program_writes_both(
    program: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "book").mkdir()
    for name in ("README.md", "book/index.md"):
        shutil.copy(ROOT / name, tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        before, _, after = text.partition("<!-- ledger -->")
        (tmp_path / name).write_text(
            f"{before}<!-- ledger -->old<!-- /ledger -->{after.partition('<!-- /ledger -->')[2]}",
            encoding="utf-8",
        )
    program["main"].__globals__["ROOT"] = tmp_path
    try:
        assert program["main"]() == 0
        (tmp_path / "README.md").write_text("No marks.", encoding="utf-8")
        assert program["main"]() == 1
    finally:
        program["main"].__globals__["ROOT"] = ROOT
    printed = capsys.readouterr()
    assert "So say README.md and book/index.md now." in printed.out
    assert printed.err.startswith("README.md: Expected <!-- ledger -->")
    index = (tmp_path / "book" / "index.md").read_bytes()
    assert index == (ROOT / "book" / "index.md").read_bytes()


@pytest.mark.parametrize(
    "text",
    ["", "<!-- ledger -->", "<!-- /ledger --><!-- ledger -->", "<!-- ledger -->" * 2],
)
def test_pages_without_both_marks_are_refused(program: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        program["written"](text, "Of 1 claim 1 holds.")
