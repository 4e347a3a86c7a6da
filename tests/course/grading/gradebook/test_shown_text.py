"""Text of strangers, made visible."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grades import EMOJI, JAPANESE

from exposure_lab.course.grading.gradebook.shown_text import flattened, one_line, visible

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egnp.exe", "a⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "⟨U+001B⟩]0;title⟨U+0007⟩"),
        ("10 %\r20 %\r\ndone\t1", "10 %\n20 %\ndone\t1"),
        ("line\u2028end\x00", "line⟨U+2028⟩end⟨U+0000⟩"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        (JAPANESE, JAPANESE),
        (EMOJI, EMOJI),
        (PERSIAN, PERSIAN),
    ],
)
def test_shows_what_would_be_invisible_and_leaves_languages_alone(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_is_left_that_steers_a_line(text: str) -> None:
    left = {unicodedata.category(sign) for sign in visible(text) if sign not in "\n\t\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_name_of_300_signs_is_cut_on_one_line() -> None:
    line = one_line("Wolf \n" * 60)
    assert len(line) <= 120 and "\n" not in line and line.endswith("…")


def test_flattened_text_says_where_its_lines_ended() -> None:
    assert flattened("one  two\n\n- three", 100) == "one two ¶ - three"
