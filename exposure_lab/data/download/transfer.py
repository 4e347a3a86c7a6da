"""Transfer of a file, or of its rest, by one request; what comes is checked before it is kept."""

import errno
import itertools
import math
import os
from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from tqdm.auto import tqdm

from exposure_lab.data.download.http_request import Opener, Session
from exposure_lab.data.download.http_response import (
    TransferInterrupted,
    check_content,
    check_status,
)
from exposure_lab.data.download.partial_file import Partial, content_length
from exposure_lab.data.download.response_stream import ResponseStream
from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.errors import DownloadError
from exposure_lab.files.disk import check_free_space

MOST_UNANNOUNCED, MOST_ANNOUNCED = 2, 4
"""Factors of the expected size that are accepted. Ours are estimates of MSEC's parts, from a mean
of 14 photos. An announced length is compared with the free space first, and may be further off."""

SMALL = 10**7
"""Bytes that are accepted, however little is expected."""


def transfer(
    part: Partial, expected: int | None, opener: Opener, retry: RetryPolicy, bar: "tqdm[Any]"
) -> None:
    """Send one request and append its body to a partial file, as far as it comes.

    Args:
        part: the partial file; it knows its URL and which bytes are still to come.
        expected: bytes of the whole file, about, where they are known.
        opener: sends the request.
        retry: timeouts.
        bar: shows the bytes that are there.

    Raises:
        DownloadError: a dead link, a page instead of the file, or far too much.
        FilesError: it does not fit on the disk.
        RETRIED_ERRORS: it broke off; another attempt may help.
    """
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
