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
    """An output whose reader may leave before the end, as `head` does and a closed terminal.

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
            # What a test or a notebook put in place is left as it is, and so is Windows' console.
            raw = getattr(stream.buffer, "raw", stream.buffer)
            if stream is getattr(sys, f"__{name}__") and isinstance(raw, io.FileIO):
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
        io.BufferedWriter(_Outlet(stream.fileno())),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Take other signs for those that an encoding lacks, as an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in lacking), error.end
