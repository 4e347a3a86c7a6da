"""Stop requests, by Ctrl-C or a time limit, that take effect between two training steps."""

import math
import signal
import threading
import time
from types import FrameType, TracebackType

HANGUP = getattr(signal, "SIGHUP", None)
"""A terminal was closed, or a connection lost; Windows has no such signal."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, HANGUP)  # Ctrl-C; what a cluster sends before it kills

ECHO_SECONDS = 1.0
"""A signal so soon after the first is the same one: torchrun passes on what the terminal or the
cluster has sent to its processes already."""


class StopSignal:
    """Context in which the first Ctrl-C only requests a stop; a second one stops at once.

    Between D's update and G's a run is in a state that no checkpoint describes, so the loop asks
    `requested` after each whole step. Outside the main thread, where Python has no signal handlers,
    nothing changes.
    """

    def __init__(self, stop_after: int | None = None, max_minutes: float | None = None) -> None:
        self.stop_after = stop_after
        self._until = math.inf if max_minutes is None else time.monotonic() + 60 * max_minutes
        self._first_signal_at: float | None = None
        self._handlers: dict[signal.Signals, object] = {}

    def __enter__(self) -> "StopSignal":
        if threading.current_thread() is threading.main_thread():
            for number in filter(None, SIGNALS):
                # nohup has a run outlive its terminal by ignoring this one, so it stays ignored.
                if number != HANGUP or signal.getsignal(number) is not signal.SIG_IGN:
                    self._handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def requested(self, step: int) -> bool:
        """Whether to stop after this step."""
        return (
            self._first_signal_at is not None
            or step == self.stop_after
            or time.monotonic() >= self._until
        )

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first_signal_at is None:
            self._first_signal_at = now
        elif now - self._first_signal_at > ECHO_SECONDS:
            raise KeyboardInterrupt
