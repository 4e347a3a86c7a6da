"""One file from a server, through stalls, cut-offs and kill -9, and never two files glued together.

requests speaks HTTP and knows proxies and certificates. What it lacks, and pooch too, is to go on
where a transfer broke: that is here, and nothing else.
"""

import errno
import itertools
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import requests
from tqdm.auto import tqdm

from exposure_lab.data.download.http_request import Opener, Session, open_url
from exposure_lab.data.download.http_response import (
    BREAKS,
    Broken,
    check_content,
    check_status,
    reason,
)
from exposure_lab.data.download.partial_file import Partial, content_length
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.response_stream import Incoming
from exposure_lab.errors import DownloadError, FilesError
from exposure_lab.files.atomic import check_free_space

UNTOLD, TOLD = 2, 4
"""Times the size that we expect which may come. Ours are estimates of MSEC's parts, from a mean of
14 photos. A length that is told is held against the disk before it comes, and may be further off.
"""

SMALL = 10**7
"""Bytes that may come, however little is expected."""


class Patience(NamedTuple):
    """How long a server may do nothing, in seconds, and how often it may fail."""

    connect: float = 15.0
    """Until a connection stands."""
    read: float = 60.0
    """Without a single byte."""
    wait: float = 1.0
    """Before the second attempt; twice as long before each further one."""
    attempts: int = 6
    """In a row, none of which got `least` bytes further than the ones before."""
    window: float = 120.0
    """Until an answer begins, and in which `least` bytes of its body must come: with one byte a
    second, no timeout ever passes and no file ever comes."""
    least: int = 2**16
    """Bytes; a tenth of what a telephone line carries."""


PATIENCE = Patience()


def download(
    url: str,
    path: Path,
    *,
    expected: int | None = None,
    opener: Opener = open_url,
    patience: Patience = PATIENCE,
) -> None:
    """Download a file, or go on with one that was begun; a whole one is left as it is.

    Until it is whole it is called ``NAME.part``. It is continued only if the server says that its
    file is still the same one, by ETag or date; otherwise it begins anew.

    Args:
        url: of the file.
        path: where it goes, in a folder that exists; the suffix is one of `answers.MAGIC`.
        expected: bytes, about, where they are known; several times as many are refused.
        opener: sends the requests.
        patience: with a server that stalls.

    Raises:
        DownloadError: a dead link, a page instead of the file, far too much, or no progress for
            too long.
        FilesError: it does not fit on the disk.

    Source:
        RFC 9110, sections 13.1.5 (If-Range) and 14 (ranges).
    """
    if path.exists():
        return
    with _told(url, path):
        part = Partial(path, url)
        bar = tqdm(desc=path.name, initial=part.size, unit="B", unit_scale=True, disable=None)
        furthest, attempts = part.size, 0
        with bar:
            while not part.is_whole:
                try:
                    _transfer(part, expected, opener, patience, bar)
                    break
                except requests.exceptions.SSLError:
                    raise  # no second attempt mends a certificate
                except BREAKS as error:
                    attempts += 1
                    if part.size >= furthest + patience.least:
                        furthest, attempts = part.size, 1
                    if attempts >= patience.attempts:
                        raise _gave_up(part, error) from error
                    _wait(path.name, error, patience.wait * 2 ** (attempts - 1))
        part.finish()


def _transfer(
    part: Partial, expected: int | None, opener: Opener, patience: Patience, bar: "tqdm[Any]"
) -> None:
    """One request, and its body as far as it comes. Raises one of `BREAKS` when it breaks."""
    # identity: a byte range counts the bytes of the file, not those of a compressed copy.
    headers = {"Accept-Encoding": "identity", **part.range_headers()}
    timeouts = patience.connect, patience.read
    with (
        Session() as session,
        Incoming(
            partial(opener, session, part.url, headers, timeouts), patience.window, patience.least
        ) as incoming,
    ):
        response = incoming.response()
        check_status(response, part.url)
        chunks = incoming.chunks()
        if response.status_code == HTTPStatus.OK:
            head = _head(chunks)
            # Before anything is thrown away: a page that came instead must not cost what we have.
            check_content(response, head, part.url, part.path.suffix)
            _check_length(part, content_length(response), expected)
            part.begin(response)
            chunks = itertools.chain([head], chunks)
        elif part.continues(response):
            _check_length(part, part.total, expected)
        else:
            part.discard()
            raise Broken("the server's file is not the one that was begun")
        _write(part, chunks, UNTOLD * _about(expected), bar)


def _check_length(part: Partial, told: int | None, expected: int | None) -> None:
    """Refuse what is told to be far too long, or does not fit on the disk."""
    if told is not None and told > TOLD * _about(expected):
        raise DownloadError(
            f"Expected about {_about(expected) / 1e6:.0f} MB at {part.url}, but the server "
            f"announces {told / 1e6:.0f} MB: try another day, or fetch the file another way."
        )
    check_free_space(part.path.parent, (told or 0) - part.size)


def _about(expected: int | None) -> float:
    """Bytes that we expect; without end where nobody knows."""
    return math.inf if expected is None else max(SMALL, expected)


def _write(part: Partial, chunks: Iterable[bytes], untold: float, bar: "tqdm[Any]") -> None:
    """Append a body to a file, but no more than was told, or `untold` bytes if nothing was."""
    most = untold if part.total is None else part.total
    bar.reset(part.total)
    here = bar.initial = bar.n = part.size
    with part.open() as file:
        for chunk in chunks:
            here += len(chunk)
            if here > most:
                break
            if file.write(chunk) < len(chunk):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            bar.update(len(chunk))
        os.fsync(file.fileno())
    told = part.total is not None
    if here > most:
        part.discard()
        if told:
            raise Broken("the server sends more than it told")
        raise DownloadError(
            f"Expected at most {untold / 1e6:.0f} MB at {part.url}, but the server tells no length "
            "and sends more without end: try another day, or fetch the file another way."
        )
    if told and here < most:
        raise Broken("the connection was cut off")


def _head(chunks: Iterator[bytes]) -> bytes:
    """The first bytes of a body: enough to tell what it is."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 512:
            break
    return head


@contextmanager
def _told(url: str, path: Path) -> Iterator[None]:
    """Say in a sentence what no second attempt can mend."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise DownloadError(
            f"Expected {url} to prove whose it is, but its certificate does not: check this "
            "computer's clock and network."
        ) from error
    except requests.RequestException as error:
        raise DownloadError(
            f"Expected a file at {url}, but it cannot be asked for ({printable(error)}): check the "
            "link."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FilesError(
                f"Expected room for {path}, but the disk is full: free some space and run "
                "again, and the download goes on."
            ) from error
        raise FilesError(
            f"Expected to write {path}, but the system does not let us ({printable(error)}): mend "
            "that and run again."
        ) from error


def _wait(name: str, error: Exception, seconds: float) -> None:
    seconds = min(max(seconds, getattr(error, "wait", 0.0)), 120.0)
    tqdm.write(f"{name}: {reason(error)}; trying again in {seconds:.0f} s.", file=sys.stderr)
    time.sleep(seconds)


def _gave_up(part: Partial, error: Exception) -> DownloadError:
    kept = f"; it goes on after {part.size / 1e6:.1f} MB" if part.size else ""
    return DownloadError(
        f"Expected the file at {part.url}, but {reason(error)}, again and again: check the "
        f"connection and run again{kept}."
    )
