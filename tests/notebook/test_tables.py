"""Tables: one content for the page, the terminal and a screen reader."""

from pathlib import Path

import pytest
from parsed_html import elements, parse, text

from exposure_lab.errors import ConfigError
from exposure_lab.notebook import tables
from exposure_lab.notebook.ledger_rows import ledger_rows
from exposure_lab.notebook.tables import Table, claims, table, verdicts
from exposure_lab.study.claims import all_claims


def test_a_table_reads_the_same_in_a_terminal_and_on_a_page() -> None:
    scores = table(["EV", "PSNR, dB"], [["-1", 17.5], ["+1", "16 < 18"]], "Doing nothing")
    assert repr(scores) == "Doing nothing\nEV  PSNR, dB\n-1  17.5\n+1  16 < 18"
    (shown,) = parse(scores._repr_html_())
    assert (shown.tag, shown.get("class")) == ("table", "table")
    assert [text(caption) for caption in elements(shown, "caption")] == ["Doing nothing"]
    assert [text(cell) for cell in elements(shown, "th", scope="col")] == ["EV", "PSNR, dB"]
    assert [text(cell) for cell in elements(shown, "th", scope="row")] == ["-1", "+1"]
    assert [[text(cell) for cell in row] for row in elements(shown, "tr")] == [
        ["EV", "PSNR, dB"],
        ["-1", "17.5"],
        ["+1", "16 < 18"],
    ]
    head, body = shown.findall("thead/tr"), shown.findall("tbody/tr")
    assert (len(head), len(body)) == (1, 2)


def test_numbers_stand_at_the_right_of_their_column() -> None:
    rows = [
        ["dark", "17.5", "-0.25 dB", "12.1 [11.0, 13.2]", "1,024 of 4,096", "holds", "3"],
        ["bright", "6.0", "\N{MINUS SIGN}10 dB", "9.8 to 11", "-", "3 of 4 hold", "three"],
    ]
    head = ["scene", "PSNR", "change", "interval", "share", "verdict", "mixed"]
    scores = table(head, rows)
    lines = repr(scores).splitlines()
    assert lines[1].startswith("dark    17.5  -0.25 dB  12.1 [11.0, 13.2]  1,024 of 4,096  holds")
    assert lines[2].startswith("bright   6.0    \N{MINUS SIGN}10 dB          9.8 to 11   ")
    shown = parse(scores._repr_html_())
    for line in elements(shown, "tr"):
        at_right = ["right" in (cell.get("style") or "") for cell in line]
        assert at_right == [False, True, True, True, True, False, False]


def test_a_table_without_rows_has_its_head() -> None:
    assert repr(table(["a", "b"], [])) == "a  b"


def test_a_table_may_have_a_class_of_its_own_and_no_caption() -> None:
    (shown,) = parse(Table(("a",), (("b",),), kind="xl-own")._repr_html_())
    assert shown.get("class") == "table xl-own"
    assert not elements(shown, "caption") and not elements(shown, "tr", title="b")


def test_claims_begin_at_the_left_in_every_client() -> None:
    """JupyterLab's own style sets cells to the right, and wins over all but the cell's own."""
    (shown,) = parse(claims("unet-six-layers")._repr_html_())
    cells = [*elements(shown, "th"), *elements(shown, "td")]
    assert len(cells) == 8
    assert all(cell.get("style") == "text-align:left" for cell in cells)


def test_claims_are_quoted_with_their_reading() -> None:
    quoted = claims("stride-two", "patch-any-size")
    note = all_claims()["patch-any-size"].note
    assert note and quoted.rows[1][0].endswith(note)
    assert [row[2] for row in quoted.rows] == ["stated", "ambiguous"]


def test_a_claims_id_stays_out_of_the_sentence_and_can_be_pointed_at() -> None:
    quoted = claims("unet-six-layers", "patch-any-size")
    (shown,) = parse(quoted._repr_html_())
    assert "unet-six-layers" not in text(shown)
    (row,) = elements(shown, "tr", id="claim-unet-six-layers")
    assert row.get("title") == "unet-six-layers"
    assert all_claims()["unet-six-layers"].note + " [unet-six-layers]  " in repr(quoted)


def test_a_table_of_claims_says_what_its_readings_mean() -> None:
    (shown,) = parse(claims("unet-six-layers")._repr_html_())
    (caption,) = elements(shown, "caption")
    for reading in ("stated", "inferred", "ambiguous"):
        assert f"“{reading}”" in text(caption)


def test_an_unknown_claim_gets_the_nearest() -> None:
    for quote in (claims, verdicts):
        with pytest.raises(ConfigError, match=r"'unet-six-layer'; did you mean 'unet-six-layers'"):
            quote("unet-six-layer")


def test_verdicts_come_with_their_evidence() -> None:
    ended = verdicts("unet-six-layers", "decoder-identifies", "gan-corrects")
    assert ended.head == ("claim", "verdict", "evidence")
    six, read, trained = ended.rows
    # 256 / 2^6 = 4, which is no pixel.
    assert six[:2] == (all_claims()["unet-six-layers"].claim, "fails")
    assert six[2].startswith("side after six halvings: 4, exact")
    assert read[1:] == ("not testable", all_claims()["decoder-identifies"].because)
    for part in (
        "network minus identity: +",
        " dB, 95 % interval +",
        "5 seeds, 124 scenes; profile",
    ):
        assert part in trained[2]
    assert "[gan-corrects]" in repr(ended)
    (shown,) = parse(ended._repr_html_())
    # The table of claims at a chapter's top has the ids, and an id is given once a page.
    assert not [row for row in elements(shown, "tr") if row.get("id")]
    assert elements(shown, "tr", title="gan-corrects")


def test_what_no_run_has_measured_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = ledger_rows(tmp_path)
    monkeypatch.setattr(tables, "ledger_rows", lambda: empty)
    ((_, verdict, evidence),) = verdicts("gan-corrects").rows
    assert (verdict, evidence) == ("not run", "No run has measured it yet.")
