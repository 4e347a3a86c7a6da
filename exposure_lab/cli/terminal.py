"""Terminal output: characters it lacks, a reader who leaves, and untrusted names."""

import codecs
import errno
import io
import os
import sys
from typing import Any

PLAIN = {"±": "+-", "≠": "!=", "Δ": "d"} | dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True))
"""Replacement of characters that the encoding of an output lacks; for any other, a `?`."""


class _Outlet(io.FileIO):
    """Output whose reader may leave before the end, as `head` does and a closed terminal.

    What is written after that goes nowhere, and the work goes on: its exit code says what came of
    it, whoever listened. Anything else that goes wrong, such as a full disk, is raised once.
    """

    _shut = False

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        # Windows says EINVAL of a pipe. EIO is of a terminal that is gone, or of a broken disk.
        self._gone = (errno.EPIPE, errno.EINVAL, *([errno.EIO] if self.isatty() else []))

    def write(self, data: Any) -> int:
        if self._shut:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._shut = True
            if error.errno not in self._gone:
                raise
            return len(data)


def prepare_streams() -> None:
    """Prepare `sys.stdout` and `sys.stderr`, so that no print can end the work it reports on.

    From here on they take every character, and a reader may leave.
    """
    codecs.register_error("plain", _replace_lacking)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started this process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")
            # What a test or a notebook put in place is left as it is, and so is Windows' console.
            raw = getattr(stream.buffer, "raw", stream.buffer)
            if stream is getattr(sys, f"__{name}__") and isinstance(raw, io.FileIO):
                setattr(sys, name, _outlet(stream))


def shown(text: object) -> str:
    """Escape control characters of a text, but for line ends, so that no terminal obeys them.

    Names of photos are untrusted: `\\x1b[2J` in one would clear the screen.
    """
    return "".join(
        sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in str(text)
    )


def say(text: object, *, err: bool = False) -> None:
    """Print a text with control characters escaped, see `shown`."""
    # Not typer.echo, which takes ASCII for a mistake and writes UTF-8 all the same.
    print(shown(text), file=sys.stderr if err else sys.stdout, flush=True)


def _outlet(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """Wrap an output as an `_Outlet`."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(stream.fileno())),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _replace_lacking(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that an encoding lacks, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in lacking), error.end
