"""Findings that chapter 10 states in words, against the results: who runs more must read it again.

Its tables, counts and surprises are made from the results; these few sentences are typed.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from exposure_lab.notebook.ledger_rows import our_judgements
from exposure_lab.study.claims import claim
from exposure_lab.study.estimates import Estimate, estimate
from exposure_lab.study.results import Results, read_results, results_folder
from exposure_lab.study.rules import STILL_RISING_DB

CHAPTER = Path(__file__).parents[2] / "book" / "10_claims.ipynb"
BRACKETS = results_folder() / "other-photos" / "brackets"


def prose() -> str:
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    return " ".join(" ".join("".join(cell["source"]).split()) for cell in cells)


def read(folder: Path, experiment: str) -> Results:
    results = read_results(folder / f"{experiment}.json")
    assert results is not None
    return results


def effect(name: str, folder: Path) -> Estimate:
    asked = claim(name)
    found = estimate(read(folder, asked.experiment), asked.figure, asked.arms)
    assert found is not None
    return found


def test_four_learning_rates() -> None:
    assert "After one epoch the highest rate leads by nearly two decibels." in prose()
    assert "At the end the two in the middle lead, by about half a decibel." in prose()
    rows = read(results_folder(), "rate").rows
    psnr = {
        arm: np.mean([row["curve"]["val_psnr"] for row in rows if row["arm"] == arm], axis=0)
        for arm in ("fourfold", "twofold", "own", "half")
    }
    early, late = ({arm: curve[place] for arm, curve in psnr.items()} for place in (1, -1))
    assert max(early, key=early.__getitem__) == "fourfold"
    assert 1.5 < early["fourfold"] - early["half"] < 2
    middle, outer = (late["twofold"], late["own"]), (late["fourfold"], late["half"])
    assert 0.3 < min(middle) - max(outer) < max(middle) - min(outer) < 0.7
    assert "The lower of them still rises" in prose()
    rises = {arm: np.mean([r["run"]["rise"] for r in rows if r["arm"] == arm]) for arm in psnr}
    assert rises["twofold"] < STILL_RISING_DB < rises["own"]


def test_two_learning_rates_in_longer_runs() -> None:
    said = "it leads by a third of a decibel, but both still rise, and nothing is decided."
    assert said in prose()
    assert effect("rate-lower-is-better", results_folder()).mean == pytest.approx(1 / 3, abs=0.05)
    rows = read(results_folder(), "rate-long").rows
    for arm in ("twofold", "own"):
        rises = [row["run"]["rise"] for row in rows if row["arm"] == arm]
        assert np.mean(rises) > STILL_RISING_DB
    assert our_judgements()["rate-lower-is-better"].verdict == "undecided"


@pytest.mark.parametrize("name", ["unet-skips", "l1-pulls", "flips-help", "flip-inputs-only"])
def test_effects_that_are_smaller_on_real_exposures(name: str) -> None:
    said = "On real exposures, skips and L1 help and unpaired flips harm too, all of them by less"
    assert said in prose()
    ours, theirs = effect(name, results_folder()), effect(name, BRACKETS)
    assert abs(theirs.mean) < abs(ours.mean) and theirs.mean * ours.mean > 0
    assert min(map(abs, theirs.interval())) > 0 and np.prod(theirs.interval()) > 0


def test_the_critic_sharpens_more_on_real_exposures() -> None:
    assert "by less; the critic sharpens more." in prose()
    name = "critic-more-lifelike"
    assert effect(name, BRACKETS).mean > 2 * effect(name, results_folder()).mean > 0


def test_longer_training_brought_nothing_on_real_exposures() -> None:
    assert "longer training brought nothing there" in prose()
    low, high = effect("longer-generalises", BRACKETS).interval()
    assert low < 0 and high < 0.3


def test_rules_are_ahead_of_the_network_on_real_exposures() -> None:
    assert "clearly behind white-point, the rule that scores best on our own photos." in prose()
    assert "Three other rules are further ahead, probably because" in prose()
    ours, theirs = read(results_folder(), "correction"), read(BRACKETS, "correction")

    def rules(results: Results) -> dict[str, float]:
        means = {row["arm"]: float(np.mean(row["scores"]["psnr"])) for row in results.rows}
        return {name: score for name, score in means.items() if name not in ("network", "identity")}

    assert max(rules(ours), key=rules(ours).__getitem__) == "white-point"
    assert effect("network-beats-rules", BRACKETS).interval()[1] < 0
    ahead = [name for name, score in rules(theirs).items() if score > rules(theirs)["white-point"]]
    assert len(ahead) == 3


def test_flips_l1_and_critic_at_128_px() -> None:
    said = "At 128 px, unpaired flips cost as much as at our size, and L1 helps as much."
    assert said in prose()
    assert "The critic costs more than half a decibel there and nothing at our size" in prose()
    assert "on real exposures it gains a third of one" in prose()
    ours, larger = results_folder(), results_folder() / "other-sizes" / "128-px"
    for name in ("flips-help", "flip-inputs-only", "l1-pulls"):
        low, high = effect(name, larger).interval()
        assert low < effect(name, ours).mean < high
    assert -1 < effect("gan-needed", larger).mean < -0.5
    assert 0.25 < effect("gan-needed", BRACKETS).mean < 0.42
    assert effect("gan-needed", BRACKETS).interval()[0] > 0
    assert effect("gan-needed", larger).interval()[1] < 0
    low, high = effect("gan-needed", ours).interval()
    assert low < 0 < high
