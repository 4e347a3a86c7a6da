"""Claims of the report: whole sentences, each of them quoted where the book comes to it."""

import json
import re
from pathlib import Path

import pytest

from exposure_lab.study.claims import Claim, all_claims

ROOT = Path(__file__).parents[2]
SECTIONS = ["2", "3.1", "3.2", "4", "5", "5.1", "5.2", "6", "7", "8", "9"]


@pytest.mark.parametrize("claim", all_claims().values(), ids=lambda claim: claim.id)
def test_a_claim_is_a_whole_sentence_of_a_section(claim: Claim) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)
    assert claim.section in SECTIONS
    assert claim.claim[0].isupper() and claim.claim.endswith(".")
    assert not claim.note or claim.note.endswith((".", "?"))
    assert claim.reading in ("stated", "inferred", "ambiguous")
    assert claim.note or claim.reading != "ambiguous", "say which reading is tested"


def test_they_stand_in_the_order_of_the_report() -> None:
    positions = [SECTIONS.index(claim.section) for claim in all_claims().values()]
    assert positions == sorted(positions)


def test_no_sentence_is_the_report_s_own() -> None:
    path = ROOT.parent / "shared" / "report.txt"
    if not path.exists():
        pytest.skip("the report's text is not part of this project")
    report = words(path.read_text(encoding="utf-8"))
    for claim in all_claims().values():
        own = words(claim.claim)
        runs = {tuple(own[i : i + 8]) for i in range(len(own) - 7)}
        assert not runs & {tuple(report[i : i + 8]) for i in range(len(report) - 7)}, claim.id


def test_no_chapter_repeats_the_report() -> None:
    path = ROOT.parent / "shared" / "report.txt"
    if not path.exists():
        pytest.skip("the report's text is not part of this project")
    report = words(path.read_text(encoding="utf-8"))
    known = {tuple(report[i : i + 8]) for i in range(len(report) - 7)}
    for chapter in sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            own = words("".join(cell["source"])) if cell["cell_type"] == "markdown" else []
            runs = {tuple(own[i : i + 8]) for i in range(len(own) - 7)}
            assert not runs & known, f"{chapter.stem}, cell {cell['id']}"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def test_every_claim_is_quoted_by_a_chapter() -> None:
    code = [
        "".join(cell["source"])
        for path in (ROOT / "book").glob("[0-9][0-9]_*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    calls = re.findall(r"claims\(([^)]*)\)", "\n".join(code))
    quoted = set(re.findall(r'"([\w.-]+)"', " ".join(calls)))
    assert quoted == set(all_claims())
