"""Where Chromium is, and pages that a test writes for it."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: set CHROMIUM to its path"),
]


def write_page(path: Path, markup: str) -> Path:
    """A page of its own for some widgets, in the reader's scheme."""
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    style = "<style>:root{color-scheme:light dark}body{font-family:serif}</style>"
    path.write_text(f"<!doctype html>{head}{style}<body>{markup}", encoding="utf-8")
    return path


class WrittenPage:
    """Such a page opened, with what it asked for and complained of."""

    def __init__(self, browser: Any, page: Path, width: int = 1280, **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.tab = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(page.as_uri())
