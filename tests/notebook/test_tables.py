"""Tables: one content for the page, the terminal and a screen reader."""

import pytest

from exposure_lab.errors import ConfigError
from exposure_lab.notebook.tables import claims, table
from exposure_lab.study.claims import all_claims


def test_a_table_reads_the_same_in_a_terminal_and_on_a_page() -> None:
    made = table(["EV", "PSNR, dB"], [["-1", 17.5], ["+1", "16 < 18"]], "Doing nothing")
    assert repr(made) == "Doing nothing\nEV  PSNR, dB\n-1  17.5\n+1  16 < 18"
    assert made._repr_html_() == (
        '<table class="table"><caption>Doing nothing</caption>'
        '<thead><tr><th scope="col">EV</th><th scope="col">PSNR, dB</th></tr></thead>'
        '<tbody><tr><th scope="row">-1</th><td>17.5</td></tr>'
        '<tr><th scope="row">+1</th><td>16 &lt; 18</td></tr></tbody></table>'
    )


def test_claims_are_quoted_with_their_reading() -> None:
    made = claims("unet-six-layers", "patch-any-size")
    assert [row[0] for row in made.rows] == ["unet-six-layers", "patch-any-size"]
    note = all_claims()["patch-any-size"].note
    assert note and made.rows[1][2].endswith(note)
    assert [row[3] for row in made.rows] == ["stated", "ambiguous"]


def test_an_unknown_claim_gets_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'unet-six-layer'; did you mean 'unet-six-layers'\?"):
        claims("unet-six-layer")
