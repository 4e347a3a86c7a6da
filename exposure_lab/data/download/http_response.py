"""Classify an HTTP response: archive, HTML page instead, retry later, permanent failure."""

import re
from http import HTTPStatus

import requests
import urllib3

from exposure_lab.data.download.printable import printable
from exposure_lab.errors import DownloadError

MAGIC = {".zip": b"PK\x03\x04", ".tgz": b"\x1f\x8b"}
"""First bytes of the archives that we download, by their suffix."""

ACCEPTED = {
    HTTPStatus.OK,
    HTTPStatus.PARTIAL_CONTENT,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
}
"""Statuses of a file that is there: all of it follows, the rest of it, or there is no rest."""

BUSY = {408, 425, 429, 500, 502, 503, 504}
"""Statuses after which a retry may succeed."""

INVALID_HTTP = ("BadStatusLine", "LineTooLong", "more than", "UnknownProtocol", "ChunkLength")
"""Substrings of the libraries' errors where a response is no valid HTTP."""


class TransferInterrupted(Exception):
    """A transfer that may succeed when it is tried again."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait
        """Seconds that the server asks us to wait."""


RETRIED_ERRORS = (
    TransferInterrupted,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
)
"""Errors of a transfer that may succeed when it is tried again."""


def check_status(response: requests.Response, url: str) -> None:
    """Check that the status of a response is in `ACCEPTED`.

    Raises:
        TransferInterrupted: the server is busy.
        DownloadError: it will not give this file.
    """
    code = response.status_code
    if code in ACCEPTED:
        return
    status = f"{code} {printable(response.reason or '')}".strip()
    if code in BUSY:
        later = header_number(response, "Retry-After")
        raise TransferInterrupted(f"the server answers {status}", float(later or 0))
    why = "the link is dead" if code in (404, 410) else "it does not give the file to us"
    raise DownloadError(
        f"Expected a file at {url}, but the server answers {status} ({why}): try another day, or "
        "fetch the file another way."
    )


def check_content(response: requests.Response, head: bytes, url: str, suffix: str) -> None:
    """Refuse an HTML page that came with status 200, such as one about an exceeded quota.

    Args:
        response: its headers are read.
        head: the first bytes of its body.
        url: for the message.
        suffix: of the file, one of `MAGIC`.

    Raises:
        DownloadError: a page, or anything else that is no such archive.
    """
    is_page = response.headers.get("Content-Type", "").lower().startswith("text/html")
    if is_page or re.match(rb"\s*<(!doctype|html)", head, re.IGNORECASE):
        # Each part is short: a pattern that may try in many ways takes hours over a hostile page.
        title = re.search(rb"<title[^<>]{0,99}>([^<]{1,200})", head, re.IGNORECASE)
        titled = f" titled {printable(title[1].decode(errors='replace'))!r}" if title else ""
        raise DownloadError(
            f"Expected a {suffix} archive at {url}, but a web page{titled} came: open the link in "
            "a browser to see what it asks for, or try another day."
        )
    if not head.startswith(MAGIC[suffix]):
        raise DownloadError(
            f"Expected a {suffix} archive at {url}, but what came is none: try another day, or "
            "fetch the file another way."
        )


def header_number(response: requests.Response, name: str) -> int | None:
    """Parse a header that holds a number; None where it is absent, or no number of sensible size.

    Args:
        response: whose header.
        name: of the header.
    """
    text = response.headers.get(name, "")
    # Python refuses to read some thousands of digits; 19 count more bytes than there are.
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else None


def reason(error: Exception) -> str:
    """Summarize why a transfer broke: the libraries' own messages fill three lines."""
    text = repr(error)
    if isinstance(error, TransferInterrupted):
        return str(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused"
    if "NameResolution" in text:
        return "the server's name is not known here"
    if "NewConnectionError" in text or "ConnectTimeout" in text:
        return "the server could not be reached"
    if isinstance(error, requests.Timeout) or "Timeout" in text or "timed out" in text:
        return "the server stalled"
    if any(sign in text for sign in INVALID_HTTP):
        return "the server's answer is no HTTP"
    return "the connection was cut off"
