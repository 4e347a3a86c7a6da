"""Download of one file, resumed after stalls, cut-offs and kill -9; two files are never mixed.

requests speaks HTTP and knows proxies and certificates. What it lacks, and pooch too, is to resume
a transfer where it broke: that is here, and nothing else.
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
    RETRIED_ERRORS,
    TransferInterrupted,
    check_content,
    check_status,
    reason,
)
from exposure_lab.data.download.partial_file import Partial, content_length
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.response_stream import ResponseStream
from exposure_lab.errors import DownloadError, FilesError
from exposure_lab.files.disk import check_free_space

MOST_UNANNOUNCED, MOST_ANNOUNCED = 2, 4
"""Factors of the expected size that are accepted. Ours are estimates of MSEC's parts, from a mean
of 14 photos. An announced length is compared with the free space first, and may be further off."""

SMALL = 10**7
"""Bytes that are accepted, however little is expected."""


class RetryPolicy(NamedTuple):
    """Timeouts of a transfer, in seconds, and how often it may fail."""

    connect: float = 15.0
    """Timeout until a connection stands."""
    read: float = 60.0
    """Timeout without a single byte."""
    wait: float = 1.0
    """Pause before the second attempt; twice as long before each further one."""
    attempts: int = 6
    """Attempts in a row, none of which got `least` bytes further than the ones before."""
    window: float = 120.0
    """Timeout until a response begins, and in which `least` bytes of its body must come: with one
    byte a second, no other timeout ever passes and no file ever comes."""
    least: int = 2**16
    """Bytes; a tenth of what a telephone line carries."""


RETRY_POLICY = RetryPolicy()


def download(
    url: str,
    path: Path,
    *,
    expected: int | None = None,
    opener: Opener = open_url,
    retry: RetryPolicy = RETRY_POLICY,
) -> None:
    """Download a file, or resume a partial one; a whole one is left as it is.

    Until it is whole it is called ``NAME.part``. It is resumed only if the server says that its
    file is still the same one, by ETag or date; otherwise it starts over.

    Args:
        url: of the file.
        path: where it goes, in a folder that exists; the suffix is one of `http_response.MAGIC`.
        expected: bytes, about, where they are known; several times as many are refused.
        opener: sends the requests.
        retry: timeouts and attempts.

    Raises:
        DownloadError: a dead link, a page instead of the file, far too much, or no progress for
            too long.
        FilesError: it does not fit on the disk.

    Source:
        RFC 9110, sections 13.1.5 (If-Range) and 14 (ranges).
    """
    if path.exists():
        return
    with _explain_failures(url, path):
        part = Partial(path, url)
        with tqdm(
            desc=path.name, initial=part.size, unit="B", unit_scale=True, disable=None
        ) as bar:
            _transfer_with_retries(part, expected, opener, retry, bar)
        part.finish()


def _transfer_with_retries(
    part: Partial, expected: int | None, opener: Opener, retry: RetryPolicy, bar: "tqdm[Any]"
) -> None:
    """Repeat `_transfer` until the file is whole. Raises DownloadError where no attempt helps."""
    furthest, attempts = part.size, 0
    while not part.is_whole:
        try:
            _transfer(part, expected, opener, retry, bar)
            return
        except requests.exceptions.SSLError:
            raise  # no second attempt mends a certificate
        except RETRIED_ERRORS as error:
            attempts += 1
            if part.size >= furthest + retry.least:
                furthest, attempts = part.size, 1
            if attempts >= retry.attempts:
                raise _no_progress(part, error) from error
            _wait(part.path.name, error, retry.wait * 2 ** (attempts - 1))


def _transfer(
    part: Partial, expected: int | None, opener: Opener, retry: RetryPolicy, bar: "tqdm[Any]"
) -> None:
    """Send one request and write its body, as far as it comes. Raises one of `RETRIED_ERRORS`."""
    # identity: a byte range counts the bytes of the file, not those of a compressed copy.
    headers = {"Accept-Encoding": "identity", **part.range_headers()}
    timeouts = retry.connect, retry.read
    with (
        Session() as session,
        ResponseStream(
            partial(opener, session, part.url, headers, timeouts), retry.window, retry.least
        ) as stream,
    ):
        response = stream.response()
        check_status(response, part.url)
        chunks = stream.chunks()
        if response.status_code == HTTPStatus.OK:
            head = _read_head(chunks)
            # Before anything is thrown away: a page that came instead must not cost what we have.
            check_content(response, head, part.url, part.path.suffix)
            _check_length(part, content_length(response), expected)
            part.begin(response)
            chunks = itertools.chain([head], chunks)
        elif part.continues(response):
            _check_length(part, part.total, expected)
        else:
            part.discard()
            raise TransferInterrupted("the server's file is not the one that was begun")
        _write(part, chunks, MOST_UNANNOUNCED * _expected_bytes(expected), bar)


def _check_length(part: Partial, announced: int | None, expected: int | None) -> None:
    """Refuse a file that is announced as far too long, or does not fit on the disk."""
    if announced is not None and announced > MOST_ANNOUNCED * _expected_bytes(expected):
        raise DownloadError(
            f"Expected about {_expected_bytes(expected) / 1e6:.0f} MB at {part.url}, but the "
            f"server announces {announced / 1e6:.0f} MB: try another day, or fetch the file "
            "another way."
        )
    check_free_space(part.path.parent, (announced or 0) - part.size)


def _expected_bytes(expected: int | None) -> float:
    """Bytes that are expected, at least `SMALL`; infinity where the size is not known."""
    return math.inf if expected is None else max(SMALL, expected)


def _write(part: Partial, chunks: Iterable[bytes], most: float, bar: "tqdm[Any]") -> None:
    """Append a body to a file, up to the announced length, or `most` bytes where there is none."""
    announced = part.total is not None
    most = most if part.total is None else part.total
    bar.reset(part.total)
    size = bar.initial = bar.n = part.size
    with part.open() as file:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                break
            if file.write(chunk) < len(chunk):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            bar.update(len(chunk))
        os.fsync(file.fileno())
    if size > most:
        part.discard()
        if announced:
            raise TransferInterrupted("the server sends more than it told")
        raise DownloadError(
            f"Expected at most {most / 1e6:.0f} MB at {part.url}, but the server tells no length "
            "and sends more without end: try another day, or fetch the file another way."
        )
    if announced and size < most:
        raise TransferInterrupted("the connection was cut off")


def _read_head(chunks: Iterator[bytes]) -> bytes:
    """Read the first bytes of a body: enough to tell what it is."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 512:
            break
    return head


@contextmanager
def _explain_failures(url: str, path: Path) -> Iterator[None]:
    """Turn errors that no second attempt can mend into DownloadError and FilesError."""
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


def _no_progress(part: Partial, error: Exception) -> DownloadError:
    resumed = f"; it goes on after {part.size / 1e6:.1f} MB" if part.size else ""
    return DownloadError(
        f"Expected the file at {part.url}, but {reason(error)}, again and again: check the "
        f"connection and run again{resumed}."
    )
