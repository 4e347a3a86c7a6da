"""A file that Google Drive shares with everybody."""

import html
import re

import requests

from exposure_lab.data.download import open_url
from exposure_lab.errors import DownloadError

PAGES = 3
"""Questions of Google's, such as whether to go on without a virus scan, before we give up."""

# gdown asks as a browser too: Google answers other programs with other pages.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"


def drive_url(file_id: str) -> str:
    """Where a shared file is asked for."""
    return f"https://drive.google.com/uc?id={file_id}"


def open_drive(
    session: requests.Session, url: str, headers: dict[str, str], timeouts: tuple[float, float]
) -> requests.Response:
    """Send a request past the pages that Google puts before a large file.

    gdown reads those pages; it is not asked for the transfer, since the version that Colab brings
    waits for ever on a server that stalls, and goes on with a file without asking if it changed.

    Raises:
        DownloadError: Google refuses, for instance because too many people asked today.
    """
    from gdown.download import get_url_from_gdrive_confirmation
    from gdown.exceptions import FileURLRetrievalError

    headers = {**headers, "User-Agent": BROWSER}
    whole = {name: value for name, value in headers.items() if name not in ("Range", "If-Range")}
    for _ in range(PAGES):
        response = open_url(session, url, whole, timeouts)
        if not response.ok or "Content-Disposition" in response.headers:
            break
        with response:
            try:
                url = get_url_from_gdrive_confirmation(response.text)
            except FileURLRetrievalError as error:
                raise DownloadError(
                    f"Expected a file from {url}, but Google does not give it now "
                    f"({_first_sentence(str(error))}): try again tomorrow."
                ) from error
    if "Range" not in headers or not response.ok:
        return response
    response.close()
    return open_url(session, url, headers, timeouts)


def _first_sentence(page: str) -> str:
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
    return re.split(r"[.!?](?:\s|$)", text)[0]
