"""JSON files, strict in reading and in writing."""

import json
import math
import reprlib
from pathlib import Path
from typing import Any

from exposure_lab.errors import FilesError
from exposure_lab.files.atomic import write_text

LONGEST = 8_000_000
"""Bytes of a JSON file, at most: many times what is written here; at worst 200 MB in memory."""


def write_json(path: Path | str, value: Any) -> None:
    """Write strict JSON (no NaN, no Infinity), indented, with a final newline.

    Raises:
        FilesError: `read_json` would not take it, as where a number is not finite; or the disk
            refuses.
    """
    try:
        text = _dump(value)
    except ValueError as error:
        raise FilesError(
            f"Expected finite numbers, and nothing that could not be read again, for {path}, but "
            f"{error}: write something else, or less of it."
        ) from error
    write_text(path, text)


def read_json(path: Path | str) -> Any:
    """Read a strict JSON file.

    Raises:
        FilesError: missing, no file, or not strict JSON of a sensible length.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # to open a pipe would wait for ever
            raise ValueError("it is no file")
        with path.open("rb") as file:
            return parse_json(file.read(LONGEST + 1).decode())
    except FileNotFoundError as error:
        raise FilesError(f"Expected a file at {path}, but there is none.") from error
    except OSError as error:
        raise FilesError(
            f"Expected to be allowed to read {path}, but the system says: {error.strerror}."
        ) from error
    except ValueError as error:
        raise FilesError(f"Expected JSON in {path}, but it does not parse: {error}.") from error


def read_json_object(path: Path | str) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Raises:
        FilesError: as `read_json` does, or it holds something else, such as a list.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise FilesError(
            f"Expected a JSON object in {path}, but it holds {reprlib.repr(content)}: check the "
            "path, or bring the file back."
        )
    return content


def parse_json(text: str) -> Any:
    """Parse strict JSON: finite numbers, no key twice, no deeper than Python can follow.

    Raises:
        ValueError: it is something else; the message is one line.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has more than {LONGEST / 1e6:.0f} MB")
    hooks: dict[str, Any] = {"parse_float": _finite, "parse_constant": _finite}
    try:
        return json.loads(text, object_pairs_hook=_refuse_duplicates, **hooks)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _dump(value: Any) -> str:
    """Format a value as JSON, and check that it can be read again. Raises ValueError."""
    try:
        text = json.dumps(value, indent=2) + "\n"
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    parse_json(text)
    return text


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{reprlib.repr(number)} is no finite number")
    return value


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key is there twice")
    return content
