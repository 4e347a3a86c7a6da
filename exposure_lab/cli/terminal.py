"""What a terminal can take: the signs it has, a reader who leaves, and names from strangers."""

import codecs
import errno
import io
import os
import sys
from typing import Any

PLAIN = {"±": "+-", "≠": "!=", "Δ": "d"} | dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True))
"""What is written for a sign that the encoding of an output lacks; for any other, a `?`."""


class _Outlet(io.FileIO):
    """An output whose reader may leave before the end, as `head` does.

    What is written after that goes nowhere, and the work goes on: its exit code says what came of
    it, whoever listened. Anything else that goes wrong, such as a full disk, is raised once.
    """

    _shut = False

    def write(self, data: Any) -> int:
        if self._shut:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._shut = True
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL of a pipe
                raise
            return len(data)


def prepare_streams() -> None:
    """Let nothing that is printed end the work that it tells of.

    From here on `sys.stdout` and `sys.stderr` take every sign, and a reader may leave.
    """
    codecs.register_error("plain", _plainer)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started this process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")
            # A terminal is left as it is, and so is what a test or a notebook put in place.
            if stream is getattr(sys, f"__{name}__") and not stream.isatty():
                setattr(sys, name, _outlet(stream))


def shown(text: object) -> str:
    """A text on its lines, with control characters written out, so that no terminal obeys them.

    A photo may be named by a stranger: `\\x1b[2J` in its name would empty the screen.
    """
    return "".join(
        sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in str(text)
    )


def say(text: object, *, err: bool = False) -> None:
    """Print a line that may hold names of files; see `shown`."""
    # Not typer.echo, which takes ASCII for a mistake and writes UTF-8 all the same.
    print(shown(text), file=sys.stderr if err else sys.stdout, flush=True)


def _outlet(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same output, as an `_Outlet`."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Take other signs for those that an encoding lacks, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in lacking), error.end
