"""Rules in the commits that trained networks, against the rules that judge these networks now."""

import subprocess
from pathlib import Path

import pytest
from synthetic import make_claim, make_results

from exposure_lab.errors import DataError
from exposure_lab.study.claims import Claim
from exposure_lab.study.figures import figures_of
from exposure_lab.study.results import results_folder, write_results
from exposure_lab.study.rule_history import CLAIMS, check_rule_history

CLAIM = make_claim()
ENTRY = """
section = "4"
sentence = 1
claim = "It was worded in another way."
reading = "stated"
chapter = "04"
kind = "trained"
experiment = "made-up"
figure = "psnr"
arms = ["a", "b"]
rule = "greater"
smallest_effect = 0.3
seeds = 5
"""


def git(repository: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", "-C", str(repository), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit_claims(repository: Path, text: str) -> str:
    """Commit a file of claims and return the commit's short hash."""
    if not (repository / ".git").exists():
        repository.mkdir()
        git(repository, "init", "--quiet")
    path = repository / CLAIMS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Claims")
    return git(repository, "rev-parse", "--short=10", "HEAD")


def write_rows(folder: Path, commits: tuple[str, ...]) -> None:
    """Write results whose networks were trained by these commits, in turns."""
    results = make_results(1.0, claims=(CLAIM,))
    for number, row in enumerate(results.rows):
        row["commit"] = commits[number % len(commits)]
    write_results(folder / "made-up.json", results, figures_of(results))


def claims_of(claim: Claim) -> dict[str, Claim]:
    return {claim.id: claim}


def test_the_rule_stood_when_the_networks_were_trained(tmp_path: Path) -> None:
    """A later commit changes the wording alone, and a tree with changes counts by its commit."""
    first = commit_claims(tmp_path / "source", f"[{CLAIM.id}]{ENTRY}")
    second = commit_claims(tmp_path / "source", f"[{CLAIM.id}]{ENTRY}note = 'Later.'\n")
    write_rows(tmp_path, (first, f"{second}-dirty"))
    history = check_rule_history(tmp_path, tmp_path / "source", claims_of(CLAIM))
    assert (history.confirmed, history.unknown) == (1, 0)


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY.replace("smallest_effect = 0.3", "smallest_effect = 3.0"),
        ENTRY.replace('section = "4"', 'section = "5"'),
        ENTRY + "own_run = true",
        "",
    ],
    ids=["another-number", "another-section", "not-counted-then", "no-rule"],
)
def test_a_rule_that_came_after_a_network(tmp_path: Path, entry: str) -> None:
    """By the results file the rule is as old as its networks: it was written anew."""
    text = f"[{CLAIM.id}]{entry}" if entry else ""
    then = commit_claims(tmp_path / "source", text)
    now = commit_claims(tmp_path / "source", f"[{CLAIM.id}]{ENTRY}")
    write_rows(tmp_path, (now, then))
    with pytest.raises(
        DataError,
        match=rf"Expected the rule of 'bold-claim' in commit {then}, .* put that rule back, train",
    ):
        check_rule_history(tmp_path, tmp_path / "source", claims_of(CLAIM))


def test_a_rule_that_is_marked_as_late_is_left_out(tmp_path: Path) -> None:
    then = commit_claims(tmp_path / "source", "")
    write_rows(tmp_path, (then,))
    late = make_claim(after_the_fact=CLAIM.rule_hash)
    history = check_rule_history(tmp_path, tmp_path / "source", claims_of(late))
    assert (history.confirmed, history.unknown) == (0, 0)


@pytest.mark.parametrize("commit", ["0123456789", "release 0.1.0", "unknown"])
def test_a_commit_that_is_not_here_confirms_nothing(tmp_path: Path, commit: str) -> None:
    known = commit_claims(tmp_path / "source", f"[{CLAIM.id}]{ENTRY}")
    write_rows(tmp_path, (known, commit))
    history = check_rule_history(tmp_path, tmp_path / "source", claims_of(CLAIM))
    assert (history.confirmed, history.unknown) == (0, 1)


def test_a_package_without_its_history(tmp_path: Path) -> None:
    write_rows(tmp_path, ("0123456789",))
    history = check_rule_history(tmp_path, tmp_path, claims_of(CLAIM))
    assert (history.confirmed, history.unknown) == (0, 1)


def test_the_rules_of_the_study_stood_before_its_runs() -> None:
    history = check_rule_history(results_folder())
    if history.unknown:
        pytest.skip("this copy has not the whole history")
    assert history.confirmed >= 30
