"""Time limit of a block of Python code in the main thread, on every system."""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

RING_AGAIN = 1.0
"""Seconds after which it rings again, for an answer whose bare `except:` swallowed the ring."""


class TooSlow(BaseException):
    """The time limit has passed.

    It is no ``Exception``, so that an answer's own ``except Exception`` does not catch it.
    """


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in this block after so many seconds; leave every signal as it was before.

    Only Python code in the main thread can be interrupted; in another there is no limit. Where the
    system has no alarm, as Windows has none, a call of a library that waits is stopped at its end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "SIGALRM"):
        with _limit_by_alarm(seconds):
            yield
    else:
        with _limit_by_thread(seconds):
            yield


@contextmanager
def _limit_by_alarm(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    handler = signal.signal(signal.SIGALRM, stop)
    waiting, interval = signal.setitimer(signal.ITIMER_REAL, seconds, RING_AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if waiting:
            signal.setitimer(signal.ITIMER_REAL, waiting, interval)


@contextmanager
def _limit_by_thread(seconds: float) -> Iterator[None]:
    """Do the same by a thread that presses Ctrl-C, as it were; a person's own means what it did."""
    handler = signal.getsignal(signal.SIGINT)
    rung, over = threading.Event(), threading.Event()

    def ring() -> None:
        pause = seconds
        while not over.wait(pause):
            rung.set()
            _thread.interrupt_main()
            pause = RING_AGAIN

    def stop(number: int, frame: FrameType | None) -> None:
        if over.is_set():  # it rang as the block ended
            return
        if rung.is_set():
            raise TooSlow
        if callable(handler):
            handler(number, frame)
        elif handler is signal.SIG_DFL:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    clock = threading.Thread(target=ring, daemon=True)
    clock.start()
    try:
        yield
    finally:
        over.set()
        clock.join()
        signal.signal(signal.SIGINT, handler)
