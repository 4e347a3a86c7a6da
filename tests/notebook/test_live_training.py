"""A run that is watched in a notebook."""

from pathlib import Path
from typing import Any

import IPython.display
import pytest
from parsed_html import elements, parse, pixels, text

from exposure_lab.config import RunConfig
from exposure_lab.notebook.live_training import LiveTraining
from exposure_lab.training.trainer import train


class Handle:
    """Stand-in for what IPython returns for an output that can be replaced."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def update(self, page: Any) -> None:
        self.pages.append(page.data)


@pytest.mark.slow
def test_one_output_follows_the_run(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EXPOSURE_LAB_HEADLESS", raising=False)
    handle, first = Handle(), []

    def display(page: Any, display_id: bool) -> Handle:
        assert display_id
        first.append(page.data)
        return handle

    monkeypatch.setattr(IPython.display, "display", display)
    train(tiny, small_set, tmp_path, quiet=True, on_epoch=LiveTraining(tmp_path))
    assert len(first) == 1 and len(handle.pages) == 2
    pages = [parse(page) for page in (*first, *handle.pages)]
    lines = [text(line) for page in pages for line in elements(page, "p")]
    assert lines[0].startswith("epoch 1, step 4:") and lines[-1].startswith("epoch 3, step 12:")
    for page in pages:
        curves, photos = elements(page, "img")
        assert "Loss curves" in curves.attrib["alt"] and "Held-out photos" in photos.attrib["alt"]
        assert pixels(curves).std() > 0 and pixels(photos).std() > 0


def test_nobody_watches_a_headless_run(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPOSURE_LAB_HEADLESS", "1")
    monkeypatch.setattr(IPython.display, "display", None)
    train(tiny, small_set, tmp_path, quiet=True, on_epoch=LiveTraining(tmp_path))
