"""Rules as they stood in the repository when each network was trained.

A results file tells by a hash which rule it was made under, but it is the program of today that
writes the hash, also where it takes a network from an earlier run. The history cannot be written
again unseen: each row names the commit that trained it, and `claims.toml` of that commit its rule.
"""

import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import exposure_lab
from exposure_lab.errors import DataError
from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.results import read_results

CHECKOUT = Path(exposure_lab.__file__).resolve().parent.parent
"""Folder of this package's source tree, where it was not installed without it."""

CLAIMS = "exposure_lab/study/claims.toml"
"""Path of the claims in the repository."""

Entries = Mapping[str, Mapping[str, Any]]
"""Id of a claim to its entry in ``claims.toml``."""


@dataclass(frozen=True)
class RuleHistory:
    """What the history says of the rules of claims that networks were trained for."""

    confirmed: int
    """Claims whose rule stood in every commit that trained a network for them."""
    unknown: int
    """Claims of which a commit is not in this copy of the history, such as a shallow one."""


def check_rule_history(
    folder: Path, repository: Path = CHECKOUT, claims: Mapping[str, Claim] | None = None
) -> RuleHistory:
    """Check that the rules of all trained claims stood before their networks were trained.

    A claim whose rule is marked as one that came after the runs is left out.

    Args:
        folder: of the results at our scale.
        repository: with the history, a git checkout; where it is none, nothing is confirmed.
        claims: id to claim; the ledger's where not given.

    Raises:
        DataError: a commit that trained a network had another rule for a claim, or none.
    """
    confirmed = unknown = 0
    for claim in (all_claims() if claims is None else claims).values():
        if claim.kind != "trained" or claim.after_the_fact:
            continue
        commits = list(_commits(claim, folder))
        entries = {commit: _entries(commit, repository) for commit in commits}
        for commit, of_commit in entries.items():
            if of_commit is not None and not _same_rule(claim, of_commit.get(claim.id)):
                raise DataError(
                    f"Expected the rule of {claim.id!r} in commit {commit}, which trained a "
                    f"network of {claim.experiment!r}, but {CLAIMS} has another one there or none: "
                    "put that rule back, train anew, or mark the claim with "
                    f'`after_the_fact = "{claim.rule_hash}"`.'
                )
        confirmed += bool(commits) and None not in entries.values()
        unknown += None in entries.values()
    return RuleHistory(confirmed, unknown)


def _commits(claim: Claim, folder: Path) -> Iterator[str]:
    """Name the commits that trained the networks of a claim, each once."""
    results = read_results(folder / f"{claim.experiment}.json")
    rows = results.rows if results else []
    of_claim = [row for row in rows if row.get("arm") in claim.arms and row["seed"]]
    commits = (str(row.get("commit", "unknown")) for row in of_claim)
    yield from dict.fromkeys(commit.removesuffix("-dirty") for commit in commits)


@cache
def _entries(commit: str, repository: Path) -> Entries | None:
    """Read the claims of a commit; None where the history does not hold it."""
    if not commit.isalnum():  # a release, installed without its history
        return None
    command = ["git", "-C", str(repository), "show", f"{commit}:{CLAIMS}"]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return tomllib.loads(done.stdout)


def _same_rule(claim: Claim, entry: Mapping[str, Any] | None) -> bool:
    """Whether an entry of then decides as the claim of now, within the same section."""
    if entry is None:
        return False
    known = {key: value for key, value in entry.items() if key in Claim.model_fields}
    try:
        then = Claim.model_validate({"id": claim.id, **known})
    except ValidationError:
        return False
    # Claims of one section share their 5 %, but for those that tell of the run itself.
    return all(
        getattr(then, name) == getattr(claim, name) for name in ("rule_hash", "section", "own_run")
    )
