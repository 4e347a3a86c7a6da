"""Tables: one content for the page, the terminal and a screen reader."""

import pytest
from parsed_html import elements, parse, text

from exposure_lab.errors import ConfigError
from exposure_lab.notebook.tables import claims, table
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


def test_a_table_may_have_a_class_of_its_own_and_no_caption() -> None:
    (shown,) = parse(claims("unet-six-layers")._repr_html_())
    assert shown.get("class") == "table xl-claims"
    assert not elements(shown, "caption")


def test_claims_are_quoted_with_their_reading() -> None:
    quoted = claims("unet-six-layers", "patch-any-size")
    assert [row[0] for row in quoted.rows] == ["unet-six-layers", "patch-any-size"]
    note = all_claims()["patch-any-size"].note
    assert note and quoted.rows[1][2].endswith(note)
    assert [row[3] for row in quoted.rows] == ["stated", "ambiguous"]


def test_an_unknown_claim_gets_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'unet-six-layer'; did you mean 'unet-six-layers'\?"):
        claims("unet-six-layer")
