"""Addresses of a release: the rendered book, and where Colab opens a student's notebook."""

import re
from typing import NamedTuple
from urllib.parse import quote

from exposure_lab.errors import ConfigError

ADDRESS = "https://github.com/your_org/exposure-lab"
"""Public address of the project, which `make address` writes here as everywhere."""

SITE = "https://your_org.github.io/exposure-lab"
"""Address of the rendered book."""

BRANCH_FOLDER = f"{ADDRESS}/blob/student/book"
"""Folder in which the public workflow keeps the public edition."""

PUBLIC_SEED = 0
"""Seed of the public edition: everybody may look its variants up."""

COLAB = "https://colab.research.google.com"
BADGE = f"{COLAB}/assets/colab-badge.svg"

GITHUB_FOLDER = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(?:blob|tree)/([\w./-]+?)/?")
OPEN_IN_COLAB = re.compile(r"\[Open this chapter in Colab\]\([^)\s]*\)(?:, without the solutions)?")
RELATIVE = re.compile(r"(?<!!)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\.(?:ipynb|md)(#[^)\s]*)?\)")
"""Matches a link to another page of the book."""


class Links(NamedTuple):
    """Where the notebooks of a release can be opened."""

    folder: str | None
    """GitHub folder with the notebooks; None where students get them in another way."""

    @classmethod
    def of(cls, seed: int, published: str | None) -> "Links":
        """Links of a release.

        Args:
            seed: of the release; the public one is on the branch `student`.
            published: address of a GitHub folder, where the instructor named one.

        Raises:
            ConfigError: this is no such address.
        """
        if published is None:
            return cls(BRANCH_FOLDER if seed == PUBLIC_SEED else None)
        if not GITHUB_FOLDER.fullmatch(published):
            raise ConfigError(
                f"Expected a folder such as {BRANCH_FOLDER}, but got {published}: copy its address "
                "from GitHub."
            )
        return cls(published.rstrip("/"))

    def colab(self, file: str) -> str | None:
        """Address that opens a notebook in Colab."""
        if self.folder is None or not (match := GITHUB_FOLDER.fullmatch(self.folder)):
            return None
        return f"{COLAB}/github/{match[1]}/blob/{match[2]}/{quote(file)}"

    def badge(self, file: str) -> str:
        """Markdown of a badge that opens a notebook in Colab; empty where nothing does."""
        address = self.colab(file)
        return f"[![Open in Colab]({BADGE})]({address})" if address else ""


def book_page(file: str) -> str:
    """Address of the rendered page of a chapter such as ``01_exposure.ipynb``."""
    return f"{SITE}/book/{file.removesuffix('.ipynb')}.html"


def point_at_edition(text: str, file: str, links: Links) -> str:
    """Rewrite the links of a chapter's prose for a notebook that stands alone.

    The link to the public edition becomes those of this one, and links to other pages lead to the
    rendered book.
    """
    page = f"[Read this chapter in the book]({book_page(file)})"
    here = f"{links.badge(file)} {page}".strip()
    text = OPEN_IN_COLAB.sub(lambda _: here, text)
    return RELATIVE.sub(lambda m: f"[{m[1]}]({SITE}/book/{m[2]}.html{m[3] or ''})", text)
