"""What a server sends, with an end to each wait.

The timeout of a socket begins anew with each byte, be it of a header, a chunk's size or a trailer:
one byte a minute holds up whoever waits for the rest, for ever. So a thread asks and reads, and we
wait for that thread by the clock.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Self

import requests

from exposure_lab.data.download.http_response import Broken

CHUNK = 2**16
"""Bytes that are read at once, at most."""


class Incoming:
    """An answer and its body, while the block runs."""

    def __init__(self, ask: Callable[[], requests.Response], window: float, least: int) -> None:
        """Prepare to ask.

        Args:
            ask: sends the request; called in another thread.
            window: seconds until the answer has begun, and in which `least` bytes of its body come.
            least: bytes.
        """
        self._ask, self._window, self._least = ask, window, least
        self._answer: Future[requests.Response] = Future()
        self._body: queue.Queue[bytes | Exception] = queue.Queue(maxsize=4)
        self._over = threading.Event()

    def __enter__(self) -> Self:
        # A daemon: where a server holds it up for ever, it ends with the process.
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with suppress(queue.Empty):
            while True:  # the thread may be waiting for room
                self._body.get_nowait()

    def response(self) -> requests.Response:
        """Wait for the answer, its body still to come. Raises `Broken`, and what asking did."""
        try:
            return self._answer.result(self._window)
        except TimeoutError:
            raise _too_slow() from None

    def chunks(self) -> Iterator[bytes]:
        """Give the body as it comes, undecoded. Raises `Broken`, and what reading did."""
        waited, size = 0.0, 0
        while True:
            start = time.monotonic()
            try:
                chunk = self._body.get(timeout=max(0.0, self._window - waited))
            except queue.Empty:
                raise _too_slow() from None
            waited += time.monotonic() - start  # not the time that our disk takes
            if isinstance(chunk, Exception):
                raise chunk
            if not chunk:
                return
            size += len(chunk)
            if size >= self._least:
                waited, size = 0.0, 0
            yield chunk

    def _read(self) -> None:
        try:
            with self._ask() as response:
                self._answer.set_result(response)
                # read1 gives what is there. `read` would wait for more, and follow a chunk's size
                # below zero to the end of memory. Not decoded, since some servers call a .tgz a
                # compressed .tar, to be unpacked on arrival.
                while not self._over.is_set() and (
                    chunk := response.raw.read1(CHUNK, decode_content=False)
                ):
                    self._body.put(chunk)
            self._body.put(b"")
        except Exception as error:
            if self._answer.done():
                self._body.put(error)
            else:
                self._answer.set_exception(error)


def _too_slow() -> Broken:
    return Broken("the server sends next to nothing")
