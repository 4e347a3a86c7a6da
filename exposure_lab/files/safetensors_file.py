"""Opening of safetensors files, which may be untrusted; needs no torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

LONGEST_HEADER = 1_000_000
"""Bytes of a header, at most: ten times that of the deepest networks that settings allow."""


@contextmanager
def open_safetensors(path: Path | str, framework: str) -> Iterator[Any]:
    """Open a safetensors file while the block runs; the library checks that header and length fit.

    Args:
        path: of the file.
        framework: ``numpy`` or ``pt``, see `safetensors.safe_open`.

    Raises:
        ValueError: missing, damaged, or not such a file; the message is one line.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # to open a pipe would wait for ever
            raise ValueError("it is no file")
        with path.open("rb") as file:
            header = int.from_bytes(file.read(8), "little")
        if header > LONGEST_HEADER:
            raise ValueError(f"its header would have {header} bytes")
        with safe_open(path, framework=framework) as opened:
            yield opened
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ValueError(_one_line(str(error))) from error


def _one_line(text: str) -> str:
    """Replace control characters of an untrusted header, and cut the text off after two lines."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= 200 else f"{printable[:200]}..."
