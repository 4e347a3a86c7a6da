"""A file that is still coming: its first bytes, and how to know that the server's is the same."""

import os
import re
from pathlib import Path
from typing import IO

import requests

from exposure_lab.data.download.http_response import header_number
from exposure_lab.errors import FilesError
from exposure_lab.files.json_files import read_json_object, write_json


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
        _, self._part, self._note = places(path)
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

        A server may ignore If-Range, so what it says of the file is compared here as well. If it
        told no size at first, it must tell it now: else the end of a range passes for that of the
        file.
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
        """Forget what was here, and write down which file it is that comes now."""
        self.discard()
        self.total = content_length(response)
        self._etag = _validator(response.headers.get("ETag"))
        self._date = _validator(response.headers.get("Last-Modified"))
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
            note = read_json_object(self._note)
        except FilesError:
            note = {}
        total = note.get("total")
        self._etag, self._date = _validator(note.get("etag")), _validator(note.get("date"))
        if note.get("url") != self.url or not (self._etag or self._date):
            self.discard()
        elif type(total) is int and total > 0:
            self.total = total


def begun(path: Path) -> int:
    """Bytes of a file that are here, whether it is whole or still coming."""
    return sum(place.stat().st_size for place in places(path)[:2] if place.is_file())


def places(path: Path) -> tuple[Path, Path, Path]:
    """Where a file will be, where its first bytes are, and where the server's words on it are."""
    return path, path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.json")


def content_length(response: requests.Response) -> int | None:
    """Bytes of the body that follows, or None if the server does not say."""
    if "Transfer-Encoding" in response.headers:
        return None  # whatever Content-Length says: RFC 9112, section 6.3
    return header_number(response, "Content-Length")


def _validator(said: object) -> str:
    """A date, or a tag that names one content byte for byte, as a later request may repeat it.

    A weak tag names no bytes; what is long or no plain text is no header that we would send.
    """
    plain = isinstance(said, str) and re.fullmatch(r"[ -~]{1,256}", said) is not None
    return str(said) if plain and not str(said).startswith("W/") else ""
