"""Tables for a page, Colab, a terminal and a screen reader."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from exposure_lab.notebook.ledger_rows import our_judgements
from exposure_lab.notebook.ledger_words import verdict_in_words
from exposure_lab.study.claims import claim


@dataclass(frozen=True)
class Table:
    """Table of texts: rows under a head, the first cell of each row naming it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    kind: str = ""
    """CSS class of a table with a style of its own; empty for an ordinary one."""

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        text = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption, *text] if self.caption else text)

    def _repr_html_(self) -> str:
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in self.head)
        body = "".join(
            f'<tr><th scope="row">{html.escape(first)}</th>'
            f"{''.join(f'<td>{html.escape(cell)}</td>' for cell in rest)}</tr>"
            for first, *rest in self.rows
        )
        return (
            f'<table class="{f"table {self.kind}".strip()}">{caption}'
            f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        )


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
            entry.id,
            entry.section,
            f"{entry.claim} {entry.note}".strip(),
            entry.reading,
            verdict_in_words(judgements[entry.id]),
        )
        for entry in map(claim, names)
    )
    head = ("claim", "section", "in our words", "reading", "verdict")
    return Table(head, rows, kind="xl-claims")
