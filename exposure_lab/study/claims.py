"""Claims of the report, read from ``claims.toml``."""

import difflib
import tomllib
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

from exposure_lab.errors import ConfigError

Reading = Literal["stated", "inferred", "ambiguous"]


class Claim(NamedTuple):
    """Sentence of the report that can be true or false."""

    id: str
    """Name such as ``unet-six-layers``; never changed once the book quotes it."""
    section: str
    """Section of the report, such as ``3.2``."""
    claim: str
    """The claim in our words."""
    reading: Reading
    """Whether the report states it, lets us infer it, or can be read in several ways."""
    note: str = ""
    """Reading that is tested, where there is a choice."""


@cache
def all_claims() -> dict[str, Claim]:
    """Read every claim, by its id, in the report's order."""
    file = resources.files("exposure_lab.study") / "claims.toml"
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: Claim(id=name, **entry) for name, entry in entries.items()}


def claim(name: str) -> Claim:
    """Look up a claim by its id.

    Raises:
        ConfigError: there is none of this id.
    """
    known = all_claims()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}."
        raise ConfigError(f"Unknown claim {name!r}; {hint}")
    return known[name]
