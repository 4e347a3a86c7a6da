"""The built site, and a visit to one of its pages in a browser."""

from pathlib import Path
from typing import Any

import pytest
from chromium import MARKS

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "build" / "html"
PAGES = sorted(p.relative_to(HTML).as_posix() for p in HTML.glob("book/**/*.html"))

SITE_MARKS = [
    *MARKS,
    pytest.mark.skipif(not PAGES, reason="no site in build/html: run `make book` first"),
]

ICON = "\"i[class*='fa-']\""
"""Place of an icon that the theme's script has not drawn yet."""


class Visit:
    """One page in one view, with what it asked for and complained of."""

    def __init__(self, browser: Any, page: str, width: int = 1280, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        store = (
            f"localStorage.setItem('mode', '{scheme}'); localStorage.setItem('theme', '{scheme}')"
        )
        context.add_init_script(f"try {{ {store} }} catch (_) {{}}")
        self.tab = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", self._listen)
        name, mark, query = page.partition("?")
        self.tab.goto((HTML / name).as_uri() + mark + query)
        self.tab.wait_for_load_state("load")

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def all(self, selector: str, expression: str) -> list[Any]:
        """What an expression in ``e`` gives for every element."""
        return list(self.tab.eval_on_selector_all(selector, f"all => all.map(e => {expression})"))


def with_text(text: str) -> list[str]:
    """The pages whose HTML holds a text."""
    return [page for page in PAGES if text in (HTML / page).read_text("utf-8")]
