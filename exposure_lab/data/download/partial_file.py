"""Partial download: its first bytes, and how to tell that the server's file is the same."""

import os
import re
from pathlib import Path
from typing import IO

import requests

from exposure_lab.data.download.http_response import header_number
from exposure_lab.errors import FilesError
from exposure_lab.files.json_files import read_json_object, write_json


class Partial:
    """Partial file ``NAME.part``, with the response headers it began with in ``NAME.part.json``.

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
        _, self._part, self._note = partial_paths(path)
        self._load()

    @property
    def size(self) -> int:
        """Size in bytes, so far."""
        return self._part.stat().st_size if self._part.exists() else 0

    @property
    def is_whole(self) -> bool:
        """Whether the last byte is here, as when a process was killed just before the rename."""
        return self.total is not None and self.size == self.total

    def range_headers(self) -> dict[str, str]:
        """Headers that ask for the rest of an unchanged file, else for all (RFC 9110 §14.2)."""
        if not self.size or not (self._etag or self._date):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._etag or self._date}

    def continues(self, response: requests.Response) -> bool:
        """Whether a response of 206 continues this file where it ends.

        A server may ignore If-Range, so its headers are compared here as well. If it stated no size
        at first, it must state it now: else the end of a range passes for that of the file.
        """
        span = re.fullmatch(
            rf"bytes {self.size}-[0-9]+/([0-9]{{1,18}}|\*)",
            response.headers.get("Content-Range", "").strip(),
        )
        if (
            response.status_code != 206
            or not self.size
            or span is None
            or _validator(response.headers.get("ETag", self._etag)) != self._etag
            or _validator(response.headers.get("Last-Modified", self._date)) != self._date
        ):
            return False
        total = self.total if span[1] == "*" else int(span[1])
        if total is None or self.total not in (None, total):
            return False
        self.total = total
        return True

    def begin(self, response: requests.Response) -> None:
        """Start over, and record which file it is that comes now."""
        self.discard()
        self.total = content_length(response)
        self._etag = _validator(response.headers.get("ETag"))
        self._date = _validator(response.headers.get("Last-Modified"))
        write_json(
            self._note,
            {"url": self.url, "total": self.total, "etag": self._etag, "date": self._date},
        )

    def discard(self) -> None:
        """Remove the partial file and its record."""
        # The bytes go before the note: a note without bytes is harmless, the reverse is not.
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.total = None
        self._etag = self._date = ""

    def open(self) -> IO[bytes]:
        """Open for appending, unbuffered: after kill -9 every byte that came is on the disk."""
        return self._part.open("ab", buffering=0)

    def finish(self) -> None:
        """Rename the whole file to its own name."""
        os.replace(self._part, self.path)
        self._note.unlink(missing_ok=True)

    def _load(self) -> None:
        """Load what an earlier process left, where a server can tell if it is the same file."""
        try:
            note = read_json_object(self._note)
        except FilesError:
            note = {}
        total = note.get("total")
        self._etag, self._date = _validator(note.get("etag")), _validator(note.get("date"))
        if note.get("url") != self.url or not (self._etag or self._date):
            self.discard()
        elif type(total) is int and total > 0:
            self.total = total


def bytes_present(path: Path) -> int:
    """Count the bytes of a file that are here, whether it is whole or partial."""
    return sum(place.stat().st_size for place in partial_paths(path)[:2] if place.is_file())


def partial_paths(path: Path) -> tuple[Path, Path, Path]:
    """Paths of a whole file, of the partial one, and of the record of its headers."""
    return path, path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.json")


def content_length(response: requests.Response) -> int | None:
    """Length of the body that follows, bytes, or None if the server does not state it."""
    if "Transfer-Encoding" in response.headers:
        return None  # whatever Content-Length says: RFC 9112, section 6.3
    return header_number(response, "Content-Length")


def _validator(header: object) -> str:
    """Check a date or a strong ETag, which a later request may repeat; empty where it is neither.

    A weak tag does not identify bytes; what is long or no plain text is no header that we send.
    """
    plain = isinstance(header, str) and re.fullmatch(r"[ -~]{1,256}", header) is not None
    return str(header) if plain and not str(header).startswith("W/") else ""
