"""A run that is watched in a notebook."""

from pathlib import Path
from typing import Any

import IPython.display
import pytest

from exposure_lab.config import RunConfig
from exposure_lab.notebook.live_training import LiveTraining
from exposure_lab.training.trainer import train


class Handle:
    """What IPython hands back for an output that can be replaced."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def update(self, page: Any) -> None:
        self.pages.append(page.data)


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
    assert "epoch 1, step 4" in first[0] and "epoch 3, step 12" in handle.pages[-1]
    assert all(page.count("<img alt=") == 2 for page in (*first, *handle.pages))


def test_nobody_watches_a_headless_run(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPOSURE_LAB_HEADLESS", "1")
    monkeypatch.setattr(IPython.display, "display", None)
    train(tiny, small_set, tmp_path, quiet=True, on_epoch=LiveTraining(tmp_path))
