"""A web server on this machine that misbehaves by a script."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """How one request is answered; the default is the file as an honest server gives it."""

    status: int = 200
    body: bytes | None = None
    """Sent with `status` instead of the file."""
    headers: dict[str, str] = field(default_factory=dict)
    stop_after: int | None = None
    """Bytes of the body that are sent..."""
    stalls: bool = False
    """...and whether the connection is then left open, rather than cut."""
    slow: bool = False
    """Send a hundredth of the body every 20 ms."""
    ranges: bool = True
    if_range: bool = True
    """Whether If-Range is understood; a server that ignores it answers 206 whatever changed."""
    length: bool = True
    """Whether Content-Length is sent."""
    reason: str | None = None
    """The words beside the status, where they are not the usual ones."""


class FlakyServer:
    """Gives one file at every address; the first requests are answered as `script` says."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.validators = {"ETag": '"one"', "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"}
        self.script: list[Answer] = []
        self.always = Answer()
        self.pages: dict[str, Answer] = {}
        """Path -> what is answered there instead."""
        self.requests: list[tuple[str, dict[str, str]]] = []
        """Path and headers of every request so far."""
        self.over = threading.Event()
        self.url = ""

    def change(self, content: bytes, etag: str) -> None:
        """Put another file in the place of this one."""
        self.content = content
        self.validators = {"ETag": etag, "Last-Modified": "Mon, 07 Nov 1994 08:49:37 GMT"}

    def ranges_asked(self) -> list[str]:
        """The Range header of each request, or an empty string."""
        return [headers.get("Range", "") for _, headers in self.requests]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Do as the script says."""
        path = handler.path.partition("?")[0]
        self.requests.append((handler.path, dict(handler.headers)))
        page = self.pages.get(path)
        answer = page or (self.script.pop(0) if self.script else self.always)
        status, body, extra = answer.status, answer.body, {}
        if body is None:
            status, body, extra = self._file(answer, dict(handler.headers))
        handler.send_response(status, answer.reason)
        for name, value in {**extra, **answer.headers}.items():
            handler.send_header(name, value)
        if answer.length and "Content-Length" not in answer.headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        self._send(handler, body[: answer.stop_after], answer)
        if answer.stalls:
            self.over.wait(30)

    def _file(
        self, answer: Answer, request_headers: dict[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers for the file or a range of it (RFC 9110, 13.1.5 and 14)."""
        start = re.fullmatch(r"bytes=(\d+)-", request_headers.get("Range", ""))
        same = not answer.if_range or request_headers.get("If-Range") in self.validators.values()
        if start is None or not answer.ranges or not same:
            return answer.status, self.content, self.validators
        first, size = int(start[1]), len(self.content)
        if first >= size:
            return 416, b"", {"Content-Range": f"bytes */{size}"}
        headers = {"Content-Range": f"bytes {first}-{size - 1}/{size}", **self.validators}
        return 206, self.content[first:], headers

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, answer: Answer) -> None:
        step = max(1, len(body) // 100) if answer.slow else max(1, len(body))
        try:
            for start in range(0, len(body), step):
                handler.wfile.write(body[start : start + step])
                if answer.slow:
                    time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client was killed


@contextmanager
def serve(content: bytes) -> Iterator[FlakyServer]:
    """Run a server while the block runs."""
    flaky = FlakyServer(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            flaky.answer(self)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    flaky.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield flaky
    finally:
        flaky.over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()
