"""A web server on this machine that sends any bytes at all, and takes its time."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Sequence[bytes | float]
"""What one connection gets: bytes, and the seconds in which nothing comes between them."""


@dataclass
class RawServer:
    """Answers each request with the next of `script`, and then with `always`."""

    url: str
    script: list[Answer] = field(default_factory=list)
    always: Answer = ()
    asked: list[bytes] = field(default_factory=list)
    """The requests so far."""
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        """Until `listener` is closed."""
        while not self.over.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the client hangs up when it has heard enough
            connection.settimeout(5)
            request = b""
            while b"\r\n\r\n" not in request:
                received = connection.recv(65536)
                if not received:
                    return
                request += received
            self.asked.append(request)
            for piece in self.script.pop(0) if self.script else self.always:
                if isinstance(piece, bytes):
                    connection.sendall(piece)
                elif self.over.wait(piece):
                    return
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):  # else what was not read yet would be lost to the client
                pass


@contextmanager
def serve_raw() -> Iterator[RawServer]:
    """Run a server while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            socket.create_connection(listener.getsockname()).close()  # wakes it up
            thread.join()
