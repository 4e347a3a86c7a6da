"""Tables for a page, Colab, a terminal and a screen reader."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from exposure_lab.notebook.ledger_rows import LedgerRow, ledger_rows, our_judgements
from exposure_lab.notebook.ledger_words import (
    effect_in_words,
    figure_in_words,
    sample_in_words,
    signed,
    verdict_in_words,
)
from exposure_lab.study.claims import claim

READING = (
    "Reading: “stated”, the report says so; “inferred”, it follows from what the report says; "
    "“ambiguous”, it can be read in several ways, and the words after the claim say which one was "
    "tested. Verdict: of our study, at small scale."
)
"""Caption of a table of claims."""

EVIDENCE = (
    "Verdicts of our own study, at small scale, with what they rest on. Chapter 10 has every claim "
    "of the report and the rule that decides it."
)
"""Caption of a table of verdicts."""

_ONE = r"[<>~]?\s?[+\-\u2212]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_UNIT = r"(?:\s?(?:%|dB|px|EV|s|ms|min|h|MB|GB|kB|bits?|levels?|stops?|times|x))?"
_BETWEEN = "\N{PLUS-MINUS SIGN}|\N{EN DASH}|to|of|/"
NUMBER = re.compile(
    rf"{_ONE}{_UNIT}(?:\s?(?:{_BETWEEN})\s?{_ONE}{_UNIT})*"
    rf"(?:\s?[\[(]{_ONE}(?:,| to)\s?{_ONE}[\])])?"
)
"""A number with its unit, a span of two, or a number with its interval."""

NOTHING = {"", "-", "\N{EN DASH}", "\N{EM DASH}", "none", "not run", "not run yet"}
"""What stands in a column of numbers where there is no number."""

# In the markup, since JupyterLab sets every cell to the right, sentences too.
LEFT = ' style="text-align:left"'
RIGHT = ' class="xl-number" style="text-align:right"'


@dataclass(frozen=True)
class Table:
    """Table of texts: rows under a head, the first cell of each row naming it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    kind: str = ""
    """CSS class of a table of sentences, with a style of its own; empty for a table of figures."""
    names: tuple[str, ...] = ()
    """Short name of each row, such as a claim's id: a tooltip on the page, in brackets in text."""
    anchors: bool = False
    """Whether an address can point at a row: its HTML id is then ``claim-`` and its name."""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds numbers, which stand at its right."""
        if self.kind:
            return (False,) * len(self.head)
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.head)
        return (False, *(_holds_numbers(column) for column in columns[1:]))

    def __repr__(self) -> str:
        rows = self.rows
        if self.names:
            named = zip(rows, self.names, strict=True)
            rows = tuple((f"{row[0]} [{name}]", *row[1:]) for row, name in named)
        lines = [self.head, *rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        layout = [f"{'>' if n else '<'}{w}" for n, w in zip(self.numeric, widths, strict=True)]
        text = [
            "  ".join(f"{cell:{how}}" for cell, how in zip(line, layout, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption, *text] if self.caption else text)

    def _repr_html_(self) -> str:
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        first_side, *sides = (RIGHT if number else LEFT for number in self.numeric)
        top = "".join(
            f'<th scope="col"{side}>{html.escape(cell)}</th>'
            for cell, side in zip(self.head, (first_side, *sides), strict=True)
        )
        body = "".join(
            f'<tr{self._attributes(place)}><th scope="row"{first_side}>{html.escape(first)}</th>'
            + "".join(
                f"<td{side}>{html.escape(cell)}</td>"
                for cell, side in zip(rest, sides, strict=True)
            )
            + "</tr>"
            for place, (first, *rest) in enumerate(self.rows)
        )
        return (
            f'<table class="{f"table {self.kind}".strip()}">{caption}'
            f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _attributes(self, place: int) -> str:
        """Write the attributes of a row that has a name."""
        if not self.names:
            return ""
        name = html.escape(self.names[place])
        return f' title="{name}"' + (f' id="claim-{name}"' if self.anchors else "")


def _holds_numbers(column: Sequence[str]) -> bool:
    given = [cell.strip() for cell in column if cell.strip().lower() not in NOTHING]
    return bool(given) and all(NUMBER.fullmatch(cell) for cell in given)


def table(head: Sequence[object], rows: Sequence[Sequence[object]], caption: str = "") -> Table:
    """Make a table of values, each written with ``str``.

    Args:
        head: names of the columns.
        rows: each as long as the head; the first cell names the row.
        caption: shown above.
    """
    return Table(
        tuple(map(str, head)), tuple(tuple(map(str, row)) for row in rows), caption, kind=""
    )


def claims(*names: str) -> Table:
    """Make a table of claims of the report, in our words, with their verdicts at our scale.

    The claims are those of ``study/claims.toml``; a verdict comes from the results that ship with
    the package, and is ``not run`` where there are none.

    Args:
        names: their ids, in the order of the chapter.

    Raises:
        ConfigError: an unknown id.
        DataError: a results file was edited by hand, or a rule is newer than its result.
    """
    judgements = our_judgements()
    rows = tuple(
        (
            f"{entry.claim} {entry.note}".strip(),
            entry.section,
            entry.reading,
            verdict_in_words(judgements[entry.id]),
        )
        for entry in map(claim, names)
    )
    head = ("claim, in our words", "section", "reading", "verdict")
    return Table(head, rows, READING, kind="xl-claims", names=names, anchors=True)


def verdicts(*names: str) -> Table:
    """Make a table of claims of the report, each with its verdict and the evidence for it.

    A chapter ends with it. The evidence is the figure that decides, with its interval, what was
    sampled and where it was measured; a claim that was read and not measured has the reason.

    Args:
        names: ids of the claims, in the order of the chapter.

    Raises:
        ConfigError: an unknown id.
        DataError: a results file was edited by hand, or a rule is newer than its result.
    """
    wanted = [claim(name).id for name in names]
    known = {row.claim.id: row for row in ledger_rows()}
    rows = tuple(
        (known[name].claim.claim, verdict_in_words(known[name].ours), _evidence(known[name]))
        for name in wanted
    )
    return Table(("claim", "verdict", "evidence"), rows, EVIDENCE, kind="xl-verdicts", names=names)


def _evidence(row: LedgerRow) -> str:
    """Say what the verdict at our scale rests on: figure, interval, sample, data; or the reason."""
    judgement, effect = row.ours, row.ours.effect
    if effect is None:
        return judgement.reason or "No run has measured it yet."
    figure = effect_in_words(effect, row.unit, signed(row.claim))
    parts = [f"{figure_in_words(row.claim)}: {figure}", sample_in_words(effect), row.origins[0]]
    evidence = "; ".join(part for part in parts if part)
    return f"{evidence}. {judgement.reason}".strip()
