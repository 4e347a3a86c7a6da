"""One file from a server, through stalls, cut-offs and kill -9, and never two files glued together.

requests speaks HTTP and knows proxies and certificates. What it lacks, and pooch too, is to go on
where a transfer broke: that is here, and nothing else.
"""

import errno
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import requests
from tqdm.auto import tqdm

from exposure_lab.data.answers import BREAKS, Broken, check_content, check_status, reason
from exposure_lab.data.partial import Partial, content_length
from exposure_lab.errors import DownloadError, FilesError
from exposure_lab.files import check_free_space

CHUNK = 2**16
"""Bytes that are read at once, and lost when the transfer breaks among them."""

Opener = Callable[[requests.Session, str, dict[str, str], tuple[float, float]], requests.Response]
"""Sends a request: (session, url, headers, timeouts) to a response whose body is still to come."""


class Patience(NamedTuple):
    """How long a server may do nothing, in seconds, and how often it may fail."""

    connect: float = 15.0
    """Until a connection stands."""
    read: float = 60.0
    """Without a single byte."""
    wait: float = 1.0
    """Before the second attempt; twice as long before each further one."""
    attempts: int = 6
    """In a row, none of which got further than the ones before."""


PATIENCE = Patience()


def open_url(
    session: requests.Session, url: str, headers: dict[str, str], timeouts: tuple[float, float]
) -> requests.Response:
    """Ask a server that hands out its files at once. See `Opener`."""
    return session.get(url, headers=headers, timeout=timeouts, stream=True)


def download(
    url: str, path: Path, *, opener: Opener = open_url, patience: Patience = PATIENCE
) -> None:
    """Download a file, or go on with one that was begun; a whole one is left as it is.

    Until it is whole it is called ``NAME.part``. It is continued only if the server says that its
    file is still the same one, by ETag or date; otherwise it begins anew.

    Args:
        url: of the file.
        path: where it goes, in a folder that exists; the suffix is one of `answers.MAGIC`.
        opener: sends the requests.
        patience: with a server that stalls.

    Raises:
        DownloadError: a dead link, a page instead of the file, or no progress for too long.
        FilesError: it does not fit on the disk.

    Source:
        RFC 9110, sections 13.1.5 (If-Range) and 14 (ranges).
    """
    if path.exists():
        return
    part = Partial(path, url)
    bar = tqdm(desc=path.name, initial=part.size, unit="B", unit_scale=True, disable=None)
    furthest, attempts = part.size, 0
    with requests.Session() as session, bar:
        while not part.is_whole:
            try:
                with _told(part):
                    _transfer(session, part, opener, patience, bar)
                break
            except BREAKS as error:
                attempts = 1 if part.size > furthest else attempts + 1
                furthest = max(furthest, part.size)
                if attempts >= patience.attempts:
                    raise _gave_up(part, error) from error
                _wait(path.name, error, patience.wait * 2 ** (attempts - 1))
    part.finish()


def _transfer(
    session: requests.Session, part: Partial, opener: Opener, patience: Patience, bar: "tqdm[Any]"
) -> None:
    """One request, and its body as far as it comes. Raises one of `BREAKS` when it breaks."""
    # identity: a byte range counts the bytes of the file, not those of a compressed copy.
    headers = {"Accept-Encoding": "identity", **part.range_headers()}
    with opener(session, part.url, headers, (patience.connect, patience.read)) as response:
        check_status(response, part.url)
        # Not decoded: some servers call a .tgz a compressed .tar, to be unpacked on arrival.
        chunks: Iterator[bytes] = response.raw.stream(CHUNK, decode_content=False)
        if response.status_code == HTTPStatus.OK:
            head = _head(chunks)
            # Before anything is thrown away: a page that came instead must not cost what we have.
            check_content(response, head, part.url, part.path.suffix)
            check_free_space(part.path.parent, content_length(response) or 0)
            part.begin(response)
            chunks = itertools.chain([head], chunks)
        elif not part.continues(response):
            part.discard()
            raise Broken("the server's file is not the one that was begun")
        bar.reset(part.total)
        bar.initial = bar.n = part.size
        with part.open() as file:
            for chunk in chunks:
                file.write(chunk)
                bar.update(len(chunk))
            os.fsync(file.fileno())
    if part.total is not None and part.size != part.total:
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
def _told(part: Partial) -> Iterator[None]:
    """Say in a sentence what no second attempt can mend."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise DownloadError(
            f"Expected {part.url} to prove whose it is, but its certificate does not: check this "
            "computer's clock and network."
        ) from error
    except BREAKS:
        raise
    except requests.RequestException as error:
        raise DownloadError(
            f"Expected a file at {part.url}, but it cannot be asked for ({error}): check the link."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FilesError(
                f"Expected room for {part.path}, but the disk is full: free some space and run "
                "again, and the download goes on."
            ) from error
        raise


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
