"""Response of a server, read with a limit to each wait.

The timeout of a socket restarts with each byte, be it of a header, a chunk's size or a trailer: one
byte a minute holds up whoever waits for the rest, for ever. So a thread sends the request and
reads, and we wait for that thread by the clock.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Self

import requests

from exposure_lab.data.download.http_response import TransferInterrupted

READ_CHUNK = 2**16
"""Bytes that are read at once, at most."""


class ResponseStream:
    """Response and its body, read in another thread while the block runs."""

    def __init__(self, send: Callable[[], requests.Response], window: float, least: int) -> None:
        """Prepare to send a request.

        Args:
            send: sends the request; called in another thread.
            window: seconds until the response has begun, and in which `least` bytes of its body
                come.
            least: bytes.
        """
        self._send, self._window, self._least = send, window, least
        self._response: Future[requests.Response] = Future()
        self._body: queue.Queue[bytes | Exception] = queue.Queue(maxsize=4)
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        # A daemon: where a server holds it up for ever, it ends with the process.
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        with suppress(queue.Empty):
            while True:  # the thread may be waiting for room
                self._body.get_nowait()

    def response(self) -> requests.Response:
        """Wait for the response, its body still to come.

        Raises:
            TransferInterrupted: it does not come in time.
            Exception: whatever sending the request raised.
        """
        try:
            return self._response.result(self._window)
        except TimeoutError:
            raise _too_slow() from None

    def chunks(self) -> Iterator[bytes]:
        """Iterate over the body as it comes, undecoded.

        Raises:
            TransferInterrupted: it comes too slowly.
            Exception: whatever reading it raised.
        """
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
            with self._send() as response:
                self._response.set_result(response)
                # read1 returns what is there. `read` would wait for more, and follow a chunk's size
                # below zero to the end of memory. Not decoded, since some servers call a .tgz a
                # compressed .tar, to be unpacked on arrival.
                while not self._closed.is_set() and (
                    chunk := response.raw.read1(READ_CHUNK, decode_content=False)
                ):
                    self._body.put(chunk)
            self._body.put(b"")
        except Exception as error:
            if self._response.done():
                self._body.put(error)
            else:
                self._response.set_exception(error)


def _too_slow() -> TransferInterrupted:
    return TransferInterrupted("the server sends next to nothing")
