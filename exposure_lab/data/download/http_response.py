"""What a server's answer means: a file, a page in its place, not now, or never."""

import re
from http import HTTPStatus

import requests
import urllib3

from exposure_lab.data.download.printable import printable
from exposure_lab.errors import DownloadError

MAGIC = {".zip": b"PK\x03\x04", ".tgz": b"\x1f\x8b"}
"""How the files that we download begin, by their suffix."""

FINE = {
    HTTPStatus.OK,
    HTTPStatus.PARTIAL_CONTENT,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
}
"""Statuses that say something of the file: all of it follows, the rest of it, or no rest."""

BUSY = {408, 425, 429, 500, 502, 503, 504}
"""Statuses that may be better in a moment."""

NO_HTTP = ("BadStatusLine", "LineTooLong", "more than", "UnknownProtocol", "ChunkLength")
"""What the errors of the libraries hold where a server does not keep to HTTP."""


class Broken(Exception):
    """A transfer that may succeed when it is tried again."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait
        """Seconds that the server asks us to wait."""


BREAKS = (
    Broken,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.HTTPError,
)
"""What a transfer raises that may succeed when it is tried again."""


def check_status(response: requests.Response, url: str) -> None:
    """Pass what is in `FINE`.

    Raises:
        Broken: the server is busy.
        DownloadError: it will not give this file.
    """
    code = response.status_code
    if code in FINE:
        return
    answer = f"{code} {printable(response.reason or '')}".strip()
    if code in BUSY:
        later = header_number(response, "Retry-After")
        raise Broken(f"the server answers {answer}", float(later or 0))
    why = "the link is dead" if code in (404, 410) else "it does not give the file to us"
    raise DownloadError(
        f"Expected a file at {url}, but the server answers {answer} ({why}): try another day, or "
        "fetch the file another way."
    )


def check_content(response: requests.Response, head: bytes, url: str, suffix: str) -> None:
    """Refuse a page that came with a friendly 200, such as one about an exceeded quota.

    Args:
        response: its headers are looked at.
        head: the first bytes of its body.
        url: for the sentence.
        suffix: of the file, one of `MAGIC`.

    Raises:
        DownloadError: a page, or anything else that is no such archive.
    """
    is_page = response.headers.get("Content-Type", "").lower().startswith("text/html")
    if is_page or re.match(rb"\s*<(!doctype|html)", head, re.IGNORECASE):
        # Each part is short: a pattern that may try in many ways takes hours over a hostile page.
        title = re.search(rb"<title[^<>]{0,99}>([^<]{1,200})", head, re.IGNORECASE)
        said = f" titled {printable(title[1].decode(errors='replace'))!r}" if title else ""
        raise DownloadError(
            f"Expected a {suffix} archive at {url}, but a web page{said} came: open the link in a "
            "browser to see what it asks for, or try another day."
        )
    if not head.startswith(MAGIC[suffix]):
        raise DownloadError(
            f"Expected a {suffix} archive at {url}, but what came is none: try another day, or "
            "fetch the file another way."
        )


def header_number(response: requests.Response, name: str) -> int | None:
    """A header that counts something, or None where it is absent or no number of a sensible size.

    Args:
        response: whose header.
        name: of the header.
    """
    text = response.headers.get(name, "")
    # Python refuses to read some thousands of digits; 19 count more bytes than there are.
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else None


def reason(error: Exception) -> str:
    """Why a transfer broke, in our words: those of the libraries fill three lines."""
    text = repr(error)
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused"
    if "NameResolution" in text:
        return "the server's name is not known here"
    if "NewConnectionError" in text or "ConnectTimeout" in text:
        return "the server could not be reached"
    if isinstance(error, requests.Timeout) or "Timeout" in text or "timed out" in text:
        return "the server stalled"
    if any(sign in text for sign in NO_HTTP):
        return "the server's answer is no HTTP"
    return "the connection was cut off"
