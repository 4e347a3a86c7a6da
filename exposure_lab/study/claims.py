"""Claims of the report, and how each is decided: read from ``claims.toml``.

A rule is fixed before the runs that it judges. `Claim.rule_hash` is stored with the results, so
that a rule that was changed afterwards is found.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exposure_lab.errors import ConfigError, unknown_name
from exposure_lab.fingerprints import digest

Reading = Literal["stated", "inferred", "ambiguous"]

Kind = Literal["assessment", "arithmetic", "measured", "trained"]

Rule = Literal["greater", "less", "equivalent", "no-worse", "no-better", "equals", "share"]

Verdict = Literal["holds", "holds in part", "fails", "undecided", "not testable", "not run"]

DECISION = (
    "kind", "experiment", "figure", "arms", "rule",
    "smallest_effect", "margin", "reference", "expected", "seeds",
)  # fmt: skip
"""Fields that make the verdict; the wording of a claim may still be mended after its runs."""


class Claim(BaseModel):
    """Sentence of the report that can be true or false, and the rule that decides it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Name such as ``unet-six-layers``; never changed once the book quotes it."""
    section: str
    """Section of the report, such as ``3.2``."""
    sentence: int = Field(ge=1)
    """Number of the sentence within its section, figure captions not counted."""
    claim: str
    """The claim in our words."""
    reading: Reading
    """Whether the report states it, lets us infer it, or can be read in several ways."""
    note: str = ""
    """Reading that is tested, where there is a choice."""
    chapter: str
    """Number of the chapter that teaches it, such as ``02``."""
    requires: tuple[str, ...] = ()
    """Ids of the claims that it rests on: where one fails, this one cannot hold for its reason."""
    kind: Kind
    """How it is decided: by reading, by arithmetic, by measuring pictures, by training networks."""
    verdict: Verdict | None = None
    """Verdict of an assessment, which a person gave by reading."""
    because: str = ""
    """Sentence that gives the reason of an assessment."""
    experiment: str = ""
    """Name of the experiment that measures it."""
    figure: str = ""
    """Figure of that experiment which the rule reads."""
    arms: tuple[str, ...] = ()
    """Two arms whose difference, first minus second, is the effect; one arm, or none, where the
    figure itself is."""
    rule: Rule | None = None
    """How an interval becomes a verdict, see `rules`."""
    smallest_effect: float | None = Field(default=None, ge=0)
    """Smallest effect that matters, in the figure's unit."""
    margin: float | None = Field(default=None, gt=0)
    """Largest difference that still counts as none, in the figure's unit."""
    reference: float = 0.0
    """Value that is subtracted before the rule reads the figure, where its zero says nothing, as
    that of a PSNR."""
    expected: float | None = None
    """Number that the report gives."""
    seeds: int = Field(default=0, ge=0)
    """Paired seeds that the verdict needs; 0 where nothing is trained."""
    after_the_fact: str = ""
    """Hash of a rule that was written with the results already there, so that it is not changed
    once more unseen; ``note`` says why, and what the first rule gave. Empty for any other rule."""
    own_run: bool = False
    """Whether it says how a run was made, and so is tested on ours, which was made as it says."""

    @property
    def rule_hash(self) -> str:
        """SHA-256, 16 digits, over what makes the verdict."""
        return digest(self.model_dump(include=set(DECISION)))[:16]

    @model_validator(mode="after")
    def _is_decidable(self) -> "Claim":
        """Check that there is what its kind of decision needs, and nothing else."""
        if problem := _problem(self):
            raise ValueError(problem)
        return self


NEEDS: dict[str, str] = {
    "greater": "smallest_effect",
    "less": "smallest_effect",
    "equivalent": "margin",
    "no-worse": "margin",
    "no-better": "margin",
    "equals": "expected",
}
"""Rule to the number that it needs."""


def _problem(claim: Claim) -> str:
    """Describe what is missing from a claim or too much in it; empty where nothing is."""
    if claim.kind == "assessment":
        if claim.verdict is None or not claim.because:
            return "an assessment needs `verdict` and `because`"
        return "an assessment has no rule" if claim.rule or claim.experiment else ""
    if claim.verdict is not None:
        return "only an assessment gives its verdict; any other is made by the numbers"
    if not (claim.rule and claim.experiment and claim.figure):
        return f"a claim that is {claim.kind} needs `experiment`, `figure` and `rule`"
    for name in ("smallest_effect", "margin", "expected"):
        if (getattr(claim, name) is not None) != (NEEDS.get(claim.rule) == name):
            needed = NEEDS.get(claim.rule)
            return f"rule {claim.rule!r} needs {f'`{needed}` alone' if needed else 'no number'}"
    if (claim.seeds > 0) != (claim.kind == "trained"):
        return "a claim that is trained needs `seeds`, and no other has any"
    if claim.kind == "trained" and len(claim.arms) not in (1, 2):
        return "a claim that is trained compares two `arms`, or judges one"
    return ""


@cache
def all_claims() -> dict[str, Claim]:
    """Read every claim, by its id, in the report's order.

    Raises:
        ConfigError: a claim cannot be decided as it is written.
    """
    file = resources.files("exposure_lab.study") / "claims.toml"
    return parse_claims(tomllib.loads(file.read_text(encoding="utf-8")))


def parse_claims(entries: dict[str, Any]) -> dict[str, Claim]:
    """Validate a table of claims, such as ``claims.toml`` holds.

    Raises:
        ConfigError: one sentence for the first claim that is wrong: no rule, a number too many, a
            premise that does not exist or rests on the claim itself.
    """
    claims = {}
    for name, entry in entries.items():
        try:
            claims[name] = Claim.model_validate({"id": name, **entry})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "its rule"
            problem = first["msg"].removeprefix("Value error, ")
            raise ConfigError(
                f"Expected a claim that can be decided under {name!r}, but {place} is wrong: "
                f"{problem}."
            ) from error
    for entry in claims.values():
        _premises(entry, claims)
    return claims


def _premises(claim: Claim, claims: dict[str, Claim], seen: tuple[str, ...] = ()) -> None:
    """Walk through what a claim rests on. Raises ConfigError for a gap or a circle."""
    if claim.id in seen:
        circle = " -> ".join((*seen, claim.id))
        raise ConfigError(f"Expected premises without a circle, but got {circle}: cut one.")
    for name in claim.requires:
        if name not in claims:
            raise ConfigError(
                f"Expected {claim.id!r} to rest on claims of the ledger, but {name!r} is none: "
                "mend its `requires`."
            )
        _premises(claims[name], claims, (*seen, claim.id))


def claim(name: str) -> Claim:
    """Look up a claim by its id.

    Raises:
        ConfigError: there is none of this id.
    """
    known = all_claims()
    if name not in known:
        raise unknown_name("claim", name, known)
    return known[name]
