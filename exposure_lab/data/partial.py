"""A file that is still coming: its first bytes, and how to know that the server's is the same."""

import os
import re
from pathlib import Path
from typing import IO

import requests

from exposure_lab.errors import FilesError
from exposure_lab.files import read_json, write_json


class Partial:
    """``NAME.part`` and ``NAME.part.json``, what the server said when the transfer began.

    Attributes:
        path: where the whole file will be.
        url: where it comes from.
        total: its size in bytes, or None if the server did not say.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self.total: int | None = None
        self._etag = self._date = ""
        self._part = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.json")
        self._recall()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self._part.stat().st_size if self._part.exists() else 0

    @property
    def is_whole(self) -> bool:
        """Whether the last byte is here, as when a process was killed just before the rename."""
        return self.total is not None and self.size == self.total

    def range_headers(self) -> dict[str, str]:
        """Ask for the rest, if the file is still the same, else for all of it (RFC 9110 §14.2)."""
        if not self.size or not (self._etag or self._date):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._etag or self._date}

    def continues(self, response: requests.Response) -> bool:
        """Whether an answer of 206 goes on where we are, with the file that we know.

        A server may ignore If-Range, so what it says of the file is compared here as well.
        """
        span = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip()
        )
        return (
            response.status_code == 206
            and span is not None
            and int(span[1]) == self.size
            and (self.total is None or span[2] in ("*", str(self.total)))
            and _etag(response, self._etag) == self._etag
            and response.headers.get("Last-Modified", self._date) == self._date
        )

    def begin(self, response: requests.Response) -> None:
        """Forget what was here, and write down which file it is that comes now."""
        self.discard()
        self.total = content_length(response)
        self._etag = _etag(response)
        self._date = response.headers.get("Last-Modified", "")
        write_json(
            self._note,
            {"url": self.url, "total": self.total, "etag": self._etag, "date": self._date},
        )

    def discard(self) -> None:
        """Begin anew."""
        # The bytes go before the note: a note without bytes is harmless, the reverse is not.
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.total = None
        self._etag = self._date = ""

    def open(self) -> IO[bytes]:
        """For appending. Not buffered: after kill -9 every byte that came is on the disk."""
        return self._part.open("ab", buffering=0)

    def finish(self) -> None:
        """Give the whole file its name."""
        os.replace(self._part, self.path)
        self._note.unlink(missing_ok=True)

    def _recall(self) -> None:
        """Take up what an earlier process left, where it can be told to be the same file."""
        try:
            note = read_json(self._note)
            self.total, self._etag, self._date = note["total"], note["etag"], note["date"]
            known = note["url"] == self.url and (self._etag or self._date)
        except (FilesError, KeyError, TypeError):
            known = False
        if not known:
            self.discard()


def content_length(response: requests.Response) -> int | None:
    """Bytes of the body that follows, or None if the server does not say."""
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _etag(response: requests.Response, default: str = "") -> str:
    """The tag that names one content byte for byte; a weak one names no bytes, so it is none."""
    etag = str(response.headers.get("ETag", default))
    return "" if etag.startswith("W/") else etag
