"""Published scores: each has its source, its paper and, if anybody says so, its protocol."""

import re
from pathlib import Path

import pytest

from exposure_lab.errors import ConfigError
from exposure_lab.evaluation.literature import PublishedScore, literature, parse_literature
from exposure_lab.evaluation.protocols import PROTOCOLS

BIB = Path(__file__).parents[2] / "book" / "references.bib"


def test_every_entry_has_its_paper_in_the_bibliography() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", BIB.read_text(encoding="utf-8"), re.MULTILINE))
    found = literature()
    entries = [*found.protocols.values(), *found.sources.values(), *found.scores]
    assert {entry.cite for entry in entries} <= keys


def test_every_source_names_a_repository_and_a_file() -> None:
    found = literature()
    files = [entry.source for entry in found.protocols.values()]
    files += [entry.file for entry in found.sources.values()]
    for file in files:
        assert re.match(r"[\w.-]+/[\w.-]+, [\w.-]+(/[\w.-]+)*", file), file
    assert {score.source for score in found.scores} == set(found.sources)


def test_our_protocols_of_the_same_code_are_named() -> None:
    """All that follow published code are in the table, under a source of the same repository."""
    followed = {entry.ours: entry for entry in literature().protocols.values() if entry.ours}
    assert set(followed) == set(PROTOCOLS) - {"lab", "report-256"}
    for name, entry in followed.items():
        assert PROTOCOLS[name].source.partition(",")[0] == entry.source.partition(",")[0]


def test_no_two_numbers_for_one_thing() -> None:
    told = [(one.method, one.source, one.target, one.label) for one in literature().scores]
    assert len(told) == len(set(told))


def test_parts_come_together_and_lie_where_the_plain_scores_lie() -> None:
    for score in literature().scores:
        parts = [score.under_psnr, score.under_ssim, score.over_psnr, score.over_ssim]
        assert all(part is None for part in parts) or None not in parts
        assert 10 < score.psnr < 25 and (score.ssim is None or 0.5 < score.ssim < 0.9)
        if score.weighted_psnr is not None:
            assert abs(score.weighted_psnr - score.psnr) < 0.5  # else a digit was misread


def test_weighted_mean_by_hand() -> None:
    score = PublishedScore(
        method="a", cite="b", source="c", psnr=20, under_psnr=10, over_psnr=20, over_ssim=0.5
    )
    assert score.weighted_psnr == pytest.approx((2 * 10 + 3 * 20) / 5)
    assert PublishedScore(method="a", cite="b", source="c", psnr=20).weighted_psnr is None


def test_scores_of_a_method() -> None:
    letters = [score.target for score in literature().of_method("IAT") if score.source == "iat"]
    assert letters == list("abcde")
    assert literature().of_method("nobody's") == ()


SCORE = {"method": "m", "cite": "k", "source": "s", "psnr": 20.0}
SOURCE = {"s": {"project": "p", "cite": "k", "file": "a/b, c", "exact": True, "about": "."}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"psnr": 200}, r"Expected published scores, but scores\.0\.psnr is wrong"),
        ({"target": "f"}, r"scores\.0\.target is wrong"),
        ({"psrn": 20}, r"scores\.0\.psrn is wrong"),
        ({"source": "t"}, r"Expected the source of each score .* that of m, 't', is not"),
        ({"protocol": "q"}, r"Expected the protocol of each score .* that of m, 'q', is not"),
    ],
)
def test_a_wrong_entry_is_told_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    parse_literature({"protocols": {}, "sources": SOURCE, "scores": [SCORE]})
    with pytest.raises(ConfigError, match=sentence):
        parse_literature({"protocols": {}, "sources": SOURCE, "scores": [SCORE | change]})
