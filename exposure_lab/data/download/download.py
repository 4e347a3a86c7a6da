"""Download of one file, resumed after stalls, cut-offs and kill -9; two files are never mixed.

requests speaks HTTP and knows proxies and certificates. What it lacks, and pooch too, is to resume
a transfer where it broke: that is here, and nothing else.
"""

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from tqdm.auto import tqdm

from exposure_lab.data.download.http_request import Opener, open_url
from exposure_lab.data.download.http_response import RETRIED_ERRORS, reason
from exposure_lab.data.download.partial_file import Partial
from exposure_lab.data.download.printable import printable
from exposure_lab.data.download.retry_policy import RETRY_POLICY, RetryPolicy
from exposure_lab.data.download.transfer import transfer
from exposure_lab.errors import DownloadError, FilesError


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
    """Repeat `transfer` until the file is whole. Raises DownloadError where no attempt helps."""
    furthest, attempts = part.size, 0
    while not part.is_whole:
        try:
            transfer(part, expected, opener, retry, bar)
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
