"""Download of a file that Google Drive shares publicly."""

import html
import re

import requests

from exposure_lab.data.download.http_request import Session, next_url, open_url
from exposure_lab.data.download.printable import printable
from exposure_lab.errors import DownloadError

PAGES = 3
"""Pages of Google's that are answered, such as that of the virus scan, before we give up."""

PAGE = 2**15
"""Bytes of such a page that are read; Google's has 3,000."""

# gdown asks as a browser too: Google answers other programs with other pages.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"


def drive_url(file_id: str) -> str:
    """URL at which a shared file is requested."""
    return f"https://drive.google.com/uc?id={file_id}"


def open_drive(
    session: Session, url: str, headers: dict[str, str], timeouts: tuple[float, float]
) -> requests.Response:
    """Send a request past the pages that Google puts before a large file.

    gdown reads those pages; it does not do the transfer, since the version that Colab brings waits
    for ever on a server that stalls, and resumes a file without checking whether it changed.

    Raises:
        DownloadError: Google refuses, for instance because too many people asked today.
    """
    headers = {**headers, "User-Agent": BROWSER}
    whole = {name: value for name, value in headers.items() if name not in ("Range", "If-Range")}
    for _ in range(PAGES):
        response = open_url(session, url, whole, timeouts)
        if not response.ok or "Content-Disposition" in response.headers:
            break
        with response:
            url = next_url(url, _find_link(_read_page(response), url))
    else:
        raise DownloadError(
            f"Expected a file from {printable(url)}, but a web page came, and another one behind "
            "each: open the link in a browser to see what they ask for."
        )
    if "Range" not in headers or not response.ok:
        return response
    response.close()
    return open_url(session, url, headers, timeouts)


def _read_page(response: requests.Response) -> str:
    # Not decoded: no encoding was asked for, and a few bytes of one can unpack to gigabytes.
    page = b""
    while len(page) < PAGE and (chunk := response.raw.read1(PAGE, decode_content=False)):
        page += chunk
    return page.decode(errors="replace")


def _find_link(page: str, url: str) -> str:
    """Find the link that a page of Google's asks to follow; `url` is where the page came from."""
    from gdown.download import get_url_from_gdrive_confirmation
    from gdown.exceptions import FileURLRetrievalError

    try:
        return get_url_from_gdrive_confirmation(page)
    except FileURLRetrievalError as error:
        raise _refusal(url, _first_sentence(str(error))) from error
    except Exception as error:  # a page that is not Google's, over which gdown stumbles anywhere
        raise _refusal(url, "its page is none that we know") from error


def _refusal(url: str, why: str) -> DownloadError:
    return DownloadError(
        f"Expected a file from {printable(url)}, but Google does not give it now "
        f"({printable(why)}): try again tomorrow."
    )


def _first_sentence(page: str) -> str:
    text = " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", page)).split())
    return re.split(r"[.!?](?:\s|$)", text)[0]
