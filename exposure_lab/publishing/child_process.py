"""Programs that this one starts and takes along when it is stopped."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

PATIENCE = (2.0, 10.0, 5.0)
"""Seconds that a program gets to end by itself, after an interruption, and after a request."""


@contextmanager
def child_process(command: Sequence[str], **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """Start a program whose output is UTF-8; where the block raises, as by Ctrl-C, it is ended.

    Args:
        command: the program and its arguments.
        options: further arguments of `subprocess.Popen`.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen(command, encoding="utf-8", errors="replace", **pipes) as process:
        try:
            yield process
        except BaseException:
            end_process(process)
            raise


def end_process(process: "subprocess.Popen[str]") -> None:
    """End a program so that it can end its own, as papermill does a kernel.

    In a terminal Ctrl-C has reached it too, so it is only waited for at first.
    """
    ways: tuple[Callable[[], None] | None, ...]
    ways = (None, lambda: _interrupt(process), process.terminate)
    for way, seconds in zip(ways, PATIENCE, strict=True):
        if way is not None:
            way()
        try:
            process.communicate(timeout=seconds)  # what it still writes would fill the pipe
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.communicate()


def _interrupt(process: "subprocess.Popen[str]") -> None:
    if sys.platform == "win32":  # no signal reaches one program there; its kernel ends with it
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
