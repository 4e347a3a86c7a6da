"""README and the book's first page say what the results say now."""

from pathlib import Path
from typing import Any

import pytest
from ci_programs import run_program

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The functions and names of ``.ci/quotes.py``."""
    return run_program("quotes.py")


@pytest.mark.parametrize("mark", ["ledger", "comparison"])
def test_both_pages_say_what_the_results_say(program: dict[str, Any], mark: str) -> None:
    quote = program["QUOTES"][mark]()
    for name in ("README.md", "book/index.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text.count(f"<!-- {mark} -->{quote}<!-- /{mark} -->") == 1, "run `make quotes`"
        # At the start of a line the mark would make the whole line raw HTML.
        assert f"\n<!-- {mark} -->" not in text or quote.startswith("\n\n")
        assert program["written"](text, mark, quote) == text


@pytest.mark.slow
def test_the_program_writes_both(
    program: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "book").mkdir()
    for name in ("README.md", "book/index.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for mark in program["QUOTES"]:
            text = program["written"](text, mark, "old")
        (tmp_path / name).write_text(text, encoding="utf-8")
    program["main"].__globals__["ROOT"] = tmp_path
    try:
        assert program["main"]() == 0
        index = (tmp_path / "book" / "index.md").read_bytes()
        assert index == (ROOT / "book" / "index.md").read_bytes()
        (tmp_path / "README.md").write_text("No marks.", encoding="utf-8")
        assert program["main"]() == 1
    finally:
        program["main"].__globals__["ROOT"] = ROOT
    printed = capsys.readouterr()
    assert "So say README.md and book/index.md now" in printed.out
    assert printed.err.startswith("README.md: Expected <!-- ledger -->")


@pytest.mark.parametrize(
    "text",
    ["", "<!-- ledger -->", "<!-- /ledger --><!-- ledger -->", "<!-- ledger -->" * 2],
)
def test_pages_without_both_marks_are_refused(program: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        program["written"](text, "ledger", "Of 1 claim 1 holds.")
