"""Text of strangers, made fit to be read: what is invisible or turns lines around is shown."""

import re
import unicodedata

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Matches what switches colours in a terminal."""

JOINERS = "\u200c\u200d"
"""Invisible signs that stay: they shape Persian letters and join emoji."""

SHOWN_AS_CODE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories of what steers a terminal or a line, or has no picture of its own."""

MOST_MARKS = 4
"""Accents on one letter that are kept: more of them run into other lines."""


def visible(text: str) -> str:
    """Replace control signs, and those that reverse a line, by their codes; drop colours.

    New lines and tabs stay; a lone carriage return becomes a new line.
    """
    text = COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    shown, marks = [], 0
    for sign in text:
        category = unicodedata.category(sign)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            shown.append(_shown(sign) if category in SHOWN_AS_CODE else sign)
    return "".join(shown)


def one_line(text: str, most: int = 120) -> str:
    """Put text on one line of at most so many signs, for names and headings."""
    return cut(" ".join(visible(text).split()), most)


def flattened(text: str, most: int) -> str:
    """Put text on one line that still says where its lines ended, for a cell of a table."""
    lines = (" ".join(line.split()) for line in visible(text).splitlines())
    return cut(" ¶ ".join(line for line in lines if line), most)


def cut(text: str, most: int) -> str:
    """Cut text to so many signs, the last of which says so."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _shown(sign: str) -> str:
    if sign in "\n\t" or sign in JOINERS:
        return sign
    return f"⟨U+{ord(sign):04X}⟩"
