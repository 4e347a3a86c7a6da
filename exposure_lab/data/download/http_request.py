"""HTTP requests that follow redirects one by one, never from https to http."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import requests

from exposure_lab.data.download.printable import printable

REDIRECTS = 10
"""Redirects that are followed; browsers stop after 20."""


class Session(requests.Session):
    """Session that follows no redirect by itself.

    requests reads what comes with a redirect to its end, also where it is told not to follow.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return none: `open_url` follows redirects."""
        return None


Opener = Callable[[Session, str, dict[str, str], tuple[float, float]], requests.Response]
"""Sends a request: (session, url, headers, timeouts) to a response whose body is still to come."""


def open_url(
    session: Session, url: str, headers: dict[str, str], timeouts: tuple[float, float]
) -> requests.Response:
    """Send a request, following redirects; an `Opener` for servers that ask no questions.

    Raises:
        requests.RequestException: no answer, a place that we do not follow to, or too many.
    """
    for _ in range(REDIRECTS + 1):
        response = session.get(url, headers=headers, timeout=timeouts, stream=True)
        if not response.is_redirect:
            return response
        response.close()
        url = next_url(url, response.headers["Location"])
    raise requests.TooManyRedirects(f"we are sent on more than {REDIRECTS} times")


def next_url(url: str, location: str) -> str:
    """Resolve the target of a redirect: http or https, and never from https down to http.

    Args:
        url: that was asked for.
        location: what came instead of the file, absolute or relative to `url`.

    Raises:
        requests.exceptions.InvalidURL: another kind of place, or none.
    """
    try:
        target = urljoin(url, location)
        kind = urlsplit(target).scheme
    except ValueError:  # such as http://[
        target = kind = ""
    if kind == "https" or kind == urlsplit(url).scheme == "http":
        return target
    raise requests.exceptions.InvalidURL(f"we are sent on to {printable(location)!r}")
