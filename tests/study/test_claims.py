"""Claims of the report: whole sentences, with what decides them, and quoted by the book."""

import json
import re
from pathlib import Path

import pytest

from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.claims import claim as find_claim

ROOT = Path(__file__).parents[2]
SECTIONS = ["2", "3.1", "3.2", "4", "5", "5.1", "5.2", "6", "7", "8", "9"]

FIRST_LEDGER = """
    gan-corrects editing-is-manual gan-is-cnn fake-is-high-loss critic-shapes-generator unet-skips
    unet-fully-connected unet-max-pool unet-one-pixel unet-six-layers relu-over-maxout patch-values
    patch-any-size patch-fewer-parameters patch-faster augmentation-helps flip-inputs-only
    jitter-range normalise-blurs normalise-helps loss-g-l1 bce-classifies bce-probability-from-g
    bce-target-one bce-sum l1-absolute l1-pulls l1-sharper-than-l2 counts epoch-all-images
    one-image-judges from-scratch batch-64 loss-falls loss-means-quality loss-in-a-batch
    rate-lower-is-better rate-smaller-steps rate-figure corrects-brightness corrects-colour
    dark-to-parity totally-dark artefacts-remain artefacts-top-right longer-removes-artefacts
    figures-x-y mean-kernel-brightens alternatives-need-a-person only-gan-is-automatic
"""
"""Ids that the book quoted first; an id is never changed."""

SEEDS = {
    "flip-inputs-only": 8,
    "unet-skips": 8,
    "l1-pulls": 8,
    "critic-more-lifelike": 8,
    "augmentation-helps": 8,
    "longer-generalises": 5,
}

SENTENCES = dict(zip(SECTIONS, (5, 9, 15, 5, 2, 5, 4, 8, 7, 6, 6), strict=True))
"""Section to the number of its sentences, counted in the report's text."""


@pytest.mark.parametrize("claim", all_claims().values(), ids=lambda claim: claim.id)
def test_a_claim_is_a_whole_sentence_of_a_section(claim: Claim) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)
    assert claim.section in SECTIONS
    assert 1 <= claim.sentence <= SENTENCES[claim.section]
    assert claim.claim[0].isupper() and claim.claim.endswith(".")
    assert not claim.note or claim.note.endswith((".", "?"))
    assert not claim.because or claim.because.endswith(".")
    assert claim.reading in ("stated", "inferred", "ambiguous")
    assert claim.note or claim.reading != "ambiguous", "say which reading is tested"
    assert list((ROOT / "book").glob(f"{claim.chapter}_*.ipynb")), "no such chapter"


def test_there_are_enough_of_them_and_none_of_the_first_has_gone() -> None:
    known = all_claims()
    assert len(known) >= 50
    assert set(FIRST_LEDGER.split()) <= set(known)


def test_most_of_them_are_decided_by_numbers() -> None:
    kinds = [claim.kind for claim in all_claims().values()]
    assert {"arithmetic", "measured", "trained"} <= set(kinds)
    assert kinds.count("assessment") <= 5, "what a program can decide needs no opinion"


@pytest.mark.parametrize("name, seeds", SEEDS.items())
def test_what_carries_the_report_gets_more_seeds(name: str, seeds: int) -> None:
    assert find_claim(name).seeds == seeds


def test_a_claim_rests_on_others() -> None:
    assert find_claim("dark-to-parity").requires == ("totally-dark",)
    assert find_claim("longer-removes-artefacts").id in find_claim("longer-generalises").requires


def test_rules_of_psnr_share_one_smallest_effect() -> None:
    differences = [
        claim
        for claim in all_claims().values()
        if claim.kind == "trained" and claim.figure.startswith("psnr") and len(claim.arms) == 2
    ]
    assert len(differences) > 15
    assert {claim.smallest_effect or claim.margin for claim in differences} == {0.3}


def test_they_stand_in_the_order_of_the_report() -> None:
    positions = [(SECTIONS.index(claim.section), claim.sentence) for claim in all_claims().values()]
    assert positions == sorted(positions)


def test_no_sentence_is_the_report_s_own() -> None:
    path = ROOT.parent / "shared" / "report.txt"
    if not path.exists():
        pytest.skip("the report's text is not part of this project")
    report = words(path.read_text(encoding="utf-8"))
    for claim in all_claims().values():
        own = words(f"{claim.claim} {claim.note} {claim.because}")
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


@pytest.mark.parametrize("number", sorted({claim.chapter for claim in all_claims().values()}))
def test_a_chapter_quotes_the_claims_that_it_teaches(number: str) -> None:
    (path,) = (ROOT / "book").glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    text = "\n".join(code)
    (names,) = re.findall(r"^quoted = \(([^)]*)\)", text, re.MULTILINE)
    # The table at the start and that of the verdicts at the end.
    assert [text.count(f"{table}(*quoted)") for table in ("claims", "verdicts")] == [1, 1]
    quoted = re.findall(r'"([\w.-]+)"', names)
    assert quoted == [claim.id for claim in all_claims().values() if claim.chapter == number]
