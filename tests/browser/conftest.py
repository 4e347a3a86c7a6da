"""One Chromium for the tests of a file."""

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium for which no host exists."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        # As root, as in a container, Chromium starts only without its own sandbox.
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--no-sandbox"]
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()
