"""Experiments that were repeated at another size or on other photos, beside those of the study."""

import json
import shutil
from pathlib import Path

import pytest
from made_up_ledger import made_up_ledger

from exposure_lab.errors import ChapterError, DataError

ALONE = ("first-is-better", "second-is-better", "elsewhere")


def repeat(folder: Path, place: str) -> Path:
    """Take the made-up results for those of a repetition as well."""
    other = folder / place
    other.mkdir(parents=True)
    return Path(shutil.copy(folder / "made-up.json", other))


def test_a_column_for_each_repetition_with_half_of_the_interval(tmp_path: Path) -> None:
    made_up = made_up_ledger(tmp_path)
    repeat(tmp_path, "other-sizes/128-px")
    repeat(tmp_path, "other-photos/brackets")
    shown = made_up.repeats(*ALONE)
    assert shown.head == ("claim", "our scale", "128 px", "brackets")
    first, second, elsewhere = shown.rows
    effect = made_up.rows[0].ours.effect
    assert effect is not None
    half = effect.interval()[1] - effect.mean
    assert 0.01 < half < 0.0995  # two digits of it are three decimals
    assert first[1] == f"+1.000 \N{PLUS-MINUS SIGN} {half:.3f} dB" == first[2] == first[3]
    assert second[1] == first[1]
    assert elsewhere[1:] == ("not run",) * 3
    assert "128 px, 5 seeds and 20 scenes" in shown.caption


def test_nothing_was_repeated(tmp_path: Path) -> None:
    shown = made_up_ledger(tmp_path).repeats("elsewhere")
    assert shown.head == ("claim", "our scale")
    assert shown.caption.endswith("our scale, nothing yet.")


def test_no_verdict_is_made_from_a_repetition(tmp_path: Path) -> None:
    made_up_ledger(tmp_path, effect=-1.0)
    repeat(tmp_path, "other-sizes/128-px")
    judged = made_up_ledger(tmp_path, effect=1.0)
    assert judged.rows[0].ours.verdict == "holds"


def test_an_unknown_claim_and_results_that_were_edited(tmp_path: Path) -> None:
    made_up = made_up_ledger(tmp_path)
    with pytest.raises(ChapterError, match="ids of the ledger's claims, but got 'no-such-claim'"):
        made_up.repeats("no-such-claim")
    path = repeat(tmp_path, "other-sizes/128-px")
    content = json.loads(path.read_text("utf-8"))
    content["rows"][0]["scores"]["psnr"][0] += 1
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(DataError, match="fingerprint does not fit its content"):
        made_up.repeats("first-is-better")
