"""Claims that cannot be decided are refused, each with the sentence that says what is wrong."""

from typing import Any

import pytest

from exposure_lab.errors import ConfigError
from exposure_lab.study.claims import claim, parse_claims


def entry(**changes: Any) -> dict[str, Any]:
    """A claim that can be decided, with some fields changed; None leaves a field out."""
    whole = {
        "section": "3.2",
        "sentence": 7,
        "claim": "Six layers do this.",
        "reading": "stated",
        "chapter": "02",
        "kind": "measured",
        "experiment": "architecture",
        "figure": "side_after_six_halvings",
        "rule": "equals",
        "expected": 1.0,
    }
    return {key: value for key, value in (whole | changes).items() if value is not None}


TRAINED = {
    "kind": "trained",
    "experiment": "skips",
    "figure": "psnr",
    "arms": ["with", "without"],
    "rule": "greater",
    "smallest_effect": 0.3,
    "expected": None,
    "seeds": 5,
}
JUDGED = {"kind": "assessment", "experiment": None, "figure": None, "rule": None, "expected": None}


def test_a_hash_covers_what_decides_and_nothing_else() -> None:
    first = parse_claims({"one": entry()})["one"]
    worded = parse_claims({"one": entry(claim="Six layers suffice.", note="Read so.")})["one"]
    decided = parse_claims({"one": entry(expected=4.0)})["one"]
    assert first.rule_hash == worded.rule_hash != decided.rule_hash


REFUSED = {
    "no rule": (entry(rule=None, expected=None), "needs `experiment`, `figure` and `rule`"),
    "no figure": (entry(figure=None), "needs `experiment`, `figure` and `rule`"),
    "a verdict of its own": (entry(verdict="holds"), "only an assessment gives its verdict"),
    "a number too many": (entry(margin=0.3), "rule 'equals' needs `expected` alone"),
    "a number too few": (entry(expected=None), "rule 'equals' needs `expected` alone"),
    "a number where none is needed": (entry(rule="share"), "needs no number"),
    "seeds without training": (entry(seeds=5), "needs `seeds`, and no other has any"),
    "training without seeds": (entry(**TRAINED | {"seeds": 0}), "needs `seeds`"),
    "training without arms": (
        entry(**TRAINED | {"arms": []}),
        "compares two `arms`",
    ),
    "an opinion without a reason": (entry(**JUDGED, verdict="holds"), "needs `verdict` and"),
    "an opinion without a verdict": (entry(**JUDGED, because="So."), "needs `verdict` and"),
    "an opinion with a rule": (
        entry(kind="assessment", verdict="holds", because="So."),
        "an assessment has no rule",
    ),
    "an unknown field": (entry(colour="red"), "colour is wrong"),
    "an unknown rule": (entry(rule="about"), "rule is wrong"),
    "no sentence": (entry(sentence=0), "sentence is wrong"),
}


@pytest.mark.parametrize("wrong, reason", REFUSED.values(), ids=REFUSED)
def test_a_claim_that_cannot_be_decided_is_refused(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_claims({"six-layers": wrong})
    sentence = str(refusal.value)
    assert sentence.startswith("Expected a claim that can be decided under 'six-layers', but ")
    assert reason in sentence
    assert sentence.endswith(".") and "\n" not in sentence


def test_the_entries_of_these_tests_can_be_decided() -> None:
    both = parse_claims(
        {
            "measured": entry(),
            "trained": entry(**TRAINED),
            "judged": entry(**JUDGED, verdict="not testable", because="It cannot be seen."),
        }
    )
    assert [claim.kind for claim in both.values()] == ["measured", "trained", "assessment"]


def test_a_premise_must_be_there() -> None:
    with pytest.raises(ConfigError, match="'six' to rest on claims of the ledger, but 'stride'"):
        parse_claims({"six": entry(requires=["stride"])})


@pytest.mark.parametrize("last", ["a", "b", "c"])
def test_premises_in_a_circle_are_refused(last: str) -> None:
    entries = {name: entry() for name in "abc"}
    entries["a"]["requires"], entries["b"]["requires"] = ["b"], ["c"]
    assert len(parse_claims(entries)) == 3  # a chain is none
    entries["c"]["requires"] = [last]
    with pytest.raises(ConfigError, match=r"premises without a circle, but got .*c -> [abc]"):
        parse_claims(entries)


def test_an_unknown_claim_gets_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'unet-six-layers'"):
        claim("unet-six-layer")
