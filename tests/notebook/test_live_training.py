"""A run that is watched in a notebook."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import IPython
import IPython.display
import pytest
from parsed_html import elements, parse, pixels, text
from tqdm.notebook import tqdm_notebook

from exposure_lab.config import RunConfig
from exposure_lab.errors import RunError
from exposure_lab.notebook.live_training import LiveTraining
from exposure_lab.training import trainer
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


@pytest.mark.slow
def test_each_cell_has_an_output_of_its_own(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EXPOSURE_LAB_HEADLESS", raising=False)
    shell = SimpleNamespace(execution_count=7)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    handles: list[Handle] = []

    def display(page: Any, display_id: bool) -> Handle:
        handles.append(Handle())
        handles[-1].update(page)
        return handles[-1]

    monkeypatch.setattr(IPython.display, "display", display)
    watch = LiveTraining(tmp_path)
    with pytest.raises(RunError, match="go on with resume=True"):
        train(tiny, small_set, tmp_path, quiet=True, on_epoch=watch, stop_after=8)
    finished = list(handles[0].pages)
    shell.execution_count = 8  # the next cell goes on
    train(tiny, small_set, tmp_path, quiet=True, on_epoch=watch, resume=True)
    assert handles[0].pages == finished
    lines = [text(elements(parse(one.pages[-1]), "p")[0]) for one in handles]
    assert [line.partition(":")[0] for line in lines] == ["epoch 2, step 8", "epoch 3, step 12"]


@pytest.mark.slow
def test_a_planned_stop_ends_its_bar_as_done(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ipywidgets")
    bars = []

    class Bar(tqdm_notebook):
        def __init__(self, **options: Any) -> None:
            super().__init__(display=False, **options)
            bars.append(self)

    monkeypatch.setattr(trainer, "tqdm", Bar)
    with pytest.raises(RunError, match="Stopped at step 8 of 12"):
        train(tiny, small_set, tmp_path, stop_after=8)
    (bar,) = bars
    styles = [child.bar_style for child in bar.container.children if hasattr(child, "bar_style")]
    assert styles == ["success"]


def test_nobody_watches_a_headless_run(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPOSURE_LAB_HEADLESS", "1")
    monkeypatch.setattr(IPython.display, "display", None)
    train(tiny, small_set, tmp_path, quiet=True, on_epoch=LiveTraining(tmp_path))
