"""Rows of the ledger: claims with their verdicts, their figures' units, and what measured them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exposure_lab.study.claims import Claim
from exposure_lab.study.figures import UNITS
from exposure_lab.study.judge import Judgement, judge_all
from exposure_lab.study.results import results_folder

if TYPE_CHECKING:
    from exposure_lab.study.ledger import Entry

State = tuple[tuple[str, int, int], ...]
"""Name, time of the last change and size of each results file."""


@dataclass(frozen=True)
class LedgerRow:
    """Claim with its verdicts at both scales, and what a reader needs to understand them."""

    entry: "Entry"
    unit: str = ""
    """Unit of the figure that decides; empty for a share, a count or a correlation."""
    origins: tuple[str, str] = ("", "")
    """Profile, data, device and date of the results at our scale and at the report's."""

    @property
    def claim(self) -> Claim:
        """Claim that is judged."""
        return self.entry.claim

    @property
    def ours(self) -> Judgement:
        """Judgement at our scale: small networks and small pictures."""
        return self.entry.ours

    @property
    def report(self) -> Judgement:
        """Judgement at the scale of the report."""
        return self.entry.report

    @property
    def one_scale(self) -> bool:
        """Whether the claim has one verdict for both scales, since no scale enters into it."""
        return self.ours is self.report


def our_judgements(folder: Path | None = None) -> Mapping[str, Judgement]:
    """Judge every claim at our scale, by its id; imports no torch, unlike `ledger_rows`.

    The results are read once; they are read again where a file has changed since.

    Args:
        folder: of the results; those that ship with the package where not given.

    Raises:
        DataError: a results file was edited by hand, or a rule is newer than its result.
    """
    folder = folder or results_folder()
    return _judge(folder, _state(folder))


def ledger_rows(folder: Path | None = None) -> tuple[LedgerRow, ...]:
    """Judge every claim at both scales, in the report's order.

    The results are read once; they are read again where a file has changed since.

    Args:
        folder: of the results at our scale; those that ship with the package where not given.

    Raises:
        DataError: a results file was edited by hand, or a rule is newer than its result.
    """
    folder = folder or results_folder()
    return _read(folder, _state(folder))


def _state(folder: Path) -> State:
    files = sorted([*folder.glob("*.json"), *folder.glob("*/*.json")])
    known = ((file, file.stat()) for file in files)
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in known)


@lru_cache(maxsize=4)
def _judge(folder: Path, _of: State) -> Mapping[str, Judgement]:
    return judge_all(folder)


@lru_cache(maxsize=4)
def _read(folder: Path, _of: State) -> tuple[LedgerRow, ...]:
    from exposure_lab.study.ledger import REPORT, judge_scales

    entries = judge_scales(folder)
    names = {entry.claim.experiment for entry in entries if entry.claim.experiment}
    here, there = (
        {name: _content(place / f"{name}.json") for name in names}
        for place in (folder, folder / REPORT)
    )
    rows = []
    for entry in entries:
        ours, report = (of.get(entry.claim.experiment, {}) for of in (here, there))
        unit = _unit(entry.claim, ours or report)
        rows.append(LedgerRow(entry, unit, (_origin(ours), _origin(report))))
    return tuple(rows)


def _content(path: Path) -> dict[str, Any]:
    """Read a results file, which has been checked; empty where there is none."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return content


def _unit(claim: Claim, content: dict[str, Any]) -> str:
    figure = content.get("figures", {}).get(claim.figure, {})
    return str(figure.get("unit") or UNITS.get(claim.figure, ""))


def _origin(content: dict[str, Any]) -> str:
    """Say in a phrase what measured it; empty where nothing has."""
    # A measurement that trains nothing has no profile, and where it needs no photos, no data.
    profile = f"profile {content['profile']}" if content.get("seeds") else ""
    parts = [profile, *(content.get(key) for key in ("data", "device", "date"))]
    return ", ".join(str(part) for part in parts if part and part != "none")
