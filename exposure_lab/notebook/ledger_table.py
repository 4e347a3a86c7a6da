"""The ledger as a chapter shows it: every claim with its verdicts, in a table to sort and search.

It needs no kernel and asks for nothing. Without a script it is a table in the report's order with
all rows open; in a terminal it is plain text.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.errors import ChapterError
from exposure_lab.notebook.embedding import NO_SHORTCUTS, embed
from exposure_lab.notebook.ledger_findings import Sentences, counts_of, effects_of, surprises_of
from exposure_lab.notebook.ledger_html import claim_html
from exposure_lab.notebook.ledger_repeats import repeats_of
from exposure_lab.notebook.ledger_rows import LedgerRow, ledger_rows
from exposure_lab.notebook.ledger_words import KINDS, VERDICTS, verdict_in_words
from exposure_lab.notebook.tables import Table, table
from exposure_lab.study.results import results_folder

HEAD = ("Claim", "Section", "Decided by", "At our scale", "At the report's scale")

ALT = "Ledger: the report's claims and their verdicts"

WIDTH = 864
"""Largest width on the page, px: that of its code."""


@dataclass(frozen=True)
class Ledger:
    """Claims with their verdicts, which a notebook displays as a table."""

    rows: tuple[LedgerRow, ...]
    folder: Path
    """Folder of the results that they were judged by."""

    @property
    def summary(self) -> str:
        """Sentence of how many claims hold at our scale, in part, not, or are undecided."""
        from exposure_lab.study.ledger import sum_up

        return sum_up([row.entry for row in self.rows])

    def effects(self, *names: str) -> Table:
        """Tabulate claims with effect, 95 % interval, seeds and verdict at our scale.

        Args:
            names: their ids, in the order of the table.

        Raises:
            ChapterError: an id that the ledger does not have.
        """
        return effects_of(self._named(names))

    def repeats(self, *names: str) -> Table:
        """Tabulate effects at our scale beside those at other sizes and on other photos.

        No verdict is made from the others: a claim's rule names the size and the photos.

        Args:
            names: ids of claims, in the order of the table.

        Raises:
            ChapterError: an id that the ledger does not have.
            DataError: a results file was edited by hand.
        """
        return repeats_of(self._named(names), self.folder)

    def counts(self, by: str = "section") -> Table:
        """Count the verdicts at our scale, section by section or kind by kind.

        Args:
            by: ``section``, ``kind`` or ``reading``.

        Raises:
            ChapterError: another word.
        """
        if by not in ("section", "kind", "reading"):
            raise ChapterError(
                f"Expected to count by section, kind or reading, but got {by!r}: take one of them."
            )
        return counts_of(self.rows, by)

    def surprises(self) -> Sentences:
        """Compute sentences on what one would not have expected of the verdicts at our scale."""
        return surprises_of(self.rows)

    def _named(self, names: Sequence[str]) -> list[LedgerRow]:
        known = {row.claim.id: row for row in self.rows}
        if unknown := [name for name in names if name not in known]:
            raise ChapterError(
                f"Expected ids of the ledger's claims, but got {unknown[0]!r}: look it up in the "
                "ledger."
            )
        return [known[name] for name in names]

    def __repr__(self) -> str:
        lines = [
            (
                row.claim.id,
                row.claim.section,
                KINDS[row.claim.kind],
                verdict_in_words(row.ours),
                verdict_in_words(row.report),
            )
            for row in self.rows
        ]
        return repr(table([name.lower() for name in HEAD], lines, self.summary))

    def _repr_html_(self) -> str:
        known = {row.claim.id: row.ours for row in self.rows}
        body = "".join(claim_html(row, place, known) for place, row in enumerate(self.rows))
        inside = (
            f'<p class="xl-sum">{html.escape(self.summary)}</p>{self._tools_html()}'
            f'<table class="xl-table"><thead><tr>{_head_html()}</tr></thead>{body}</table>'
        )
        return embed("xl-ledger", inside, ALT, WIDTH, assets="ledger").markup

    def _tools_html(self) -> str:
        """Write the controls: a search, and a choice of verdict, section and kind."""
        verdicts = {row.ours.verdict for row in self.rows}
        kinds = {KINDS[row.claim.kind] for row in self.rows}
        choices = (
            ("verdict", "Our verdict", [name for name in VERDICTS if name in verdicts]),
            ("section", "Section", dict.fromkeys(row.claim.section for row in self.rows)),
            ("kind", "Decided by", [name for name in KINDS.values() if name in kinds]),
        )
        number = len(self.rows)
        return (
            f'<form class="xl-tools"><label>Search <input {NO_SHORTCUTS} type="search" '
            'autocomplete="off"></label>'
            f"{''.join(_choice_html(*choice) for choice in choices)}"
            f'<button {NO_SHORTCUTS} type="reset">Show all</button>'
            f'<p class="xl-count" role="status">{number} of {number} claims</p></form>'
        )


def ledger(folder: Path | None = None) -> Ledger:
    """Show every claim of the report with its verdict at our scale and at the report's.

    Args:
        folder: of results; those that ship with the package where not given. Where a claim has
            none, its verdict is ``not run``.

    Raises:
        DataError: a results file was edited by hand, or a rule is newer than its result.
    """
    folder = folder or results_folder()
    return Ledger(ledger_rows(folder), folder)


def _head_html() -> str:
    """Write the heads; the table begins in the order of the sections."""
    return "".join(
        f'<th scope="col"{" aria-sort=ascending" if name == "Section" else ""}>'
        f"{html.escape(name)}</th>"
        for name in HEAD
    )


def _choice_html(key: str, label: str, values: Iterable[str]) -> str:
    options = "".join(f"<option>{html.escape(value)}</option>" for value in values)
    return (
        f'<label>{label} <select {NO_SHORTCUTS} data-key="{key}"><option value="">all</option>'
        f"{options}</select>"
        "</label>"
    )
