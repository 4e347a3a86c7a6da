"""What is wrong with settings, in one sentence each."""

import reprlib
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from exposure_lab.errors import ConfigError

MANY_KEYS = 100
"""Largest number of keys in a table: more than any has; an error for each of a million unknown
keys would fill the memory."""

_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxlevel = 80, 1


def refuse_many_keys(settings: Any) -> None:
    """Refuse settings of which a table has more than `MANY_KEYS` keys, before they are validated.

    Raises:
        ConfigError: they have.
    """
    tables = (settings, *settings.values()) if isinstance(settings, Mapping) else ()
    for table in tables:
        if isinstance(table, Mapping) and len(table) > MANY_KEYS:
            raise ConfigError(
                f"Expected only settings of a run, but there are {len(table)} in one table: remove "
                "what is none."
            )


def describe_first_error(error: ValidationError, tags: Collection[str] = ()) -> str:
    """Describe the first error that pydantic found, in one sentence.

    Args:
        error: of settings, with keys as the file has them.
        tags: names of kinds of tables, which pydantic puts among the keys.
    """
    first = error.errors()[0]
    got = _SHORT.repr(first["input"])
    if not first["loc"]:
        return f"Expected a table of settings, but got {got}: check where they come from."
    names = [str(part) for part in first["loc"] if part not in tags]
    key = _SHORT.repr(".".join(names))
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"Expected only settings of a run, but {key} is none: remove it."
    if first["type"] == "value_error":
        return f"Expected settings under {key} that agree, but {problem}."
    return f"Expected another value for {key}, but got {got}: {problem.lower()}."
