"""Terminal output that survives missing characters, closed pipes and untrusted names."""

import codecs
import errno
import io
import os
import sys
from typing import Any

PLAIN = {"±": "+-", "≠": "!=", "Δ": "d"} | dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True))
"""Replacements of characters that the encoding of an output lacks; any other becomes `?`."""


class _ClosedPipeOutput(io.FileIO):
    """Raw output that survives a closed pipe, as `head` leaves one, and a closed terminal.

    Writes after that are discarded, and the work goes on, so that its exit code tells whether it
    succeeded. Any other error, such as that of a full disk, is raised once.
    """

    _discarding = False

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        # Windows has EINVAL for a closed pipe. EIO: a closed terminal, or else a broken disk.
        self._closed_errors = (errno.EPIPE, errno.EINVAL, *([errno.EIO] if self.isatty() else []))

    def write(self, data: Any) -> int:
        if self._discarding:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._discarding = True
            if error.errno not in self._closed_errors:
                raise
            return len(data)


def prepare_streams() -> None:
    """Prepare `sys.stdout` and `sys.stderr`, so that no print can end the work it reports on.

    Both then take every character, see `PLAIN`, and discard what is written to a closed pipe.
    """
    codecs.register_error("plain", _replace_lacking)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started this process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")
            # A stream that a test or a notebook put in place stays, and so does Windows' console.
            raw = getattr(stream.buffer, "raw", stream.buffer)
            if stream is getattr(sys, f"__{name}__") and isinstance(raw, io.FileIO):
                setattr(sys, name, _survive_closed_pipe(stream))


def escape_controls(text: object) -> str:
    """Escape the control characters of a text, except line ends, so that no terminal obeys them.

    Names of photos are untrusted: `\\x1b[2J` in one would clear the screen.
    """
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in str(text)
    )


def say(text: object, *, err: bool = False) -> None:
    """Print a text with control characters escaped, see `escape_controls`."""
    # Not typer.echo, which takes ASCII for a mistake and writes UTF-8 all the same.
    print(escape_controls(text), file=sys.stderr if err else sys.stdout, flush=True)


def _survive_closed_pipe(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """Open the file of a text stream again, as a `_ClosedPipeOutput`."""
    return io.TextIOWrapper(
        io.BufferedWriter(_ClosedPipeOutput(stream.fileno())),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _replace_lacking(error: UnicodeError) -> tuple[str, int]:
    """Replace the characters that an encoding lacks: an error handler of `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lacking), error.end
