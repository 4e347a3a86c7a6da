"""The set that chapters take where there is a GPU: made once, then found."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.sources import bsds500_pairs
from exposure_lab.data.sources.bsds500_pairs import berkeley_set
from exposure_lab.errors import DownloadError
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image


def test_made_once_and_found_again(
    tmp_path: Path, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fetched: list[Path] = []

    def download(out: Path, retry: object) -> None:
        fetched.append(out)
        for name in ("train/1", "train/2", "test/3", "val/4"):
            write_image(out / f"{name}.jpg", photo)

    monkeypatch.setattr(bsds500_pairs, "download_bsds500", download)
    said: list[str] = []
    folder = berkeley_set(said.append)
    assert [len(find_pairs(folder, split)) for split in ("training", "validation")] == [15, 5]
    assert berkeley_set(said.append) == folder
    assert len(fetched) == len(said) == 1


def test_another_rendering_has_a_folder_of_its_own(
    tmp_path: Path, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def download(out: Path, retry: object) -> None:
        for name in ("train/1", "test/2", "val/3"):
            write_image(out / f"{name}.jpg", photo)

    monkeypatch.setattr(bsds500_pairs, "download_bsds500", download)
    rendering = {
        "curve": "camera",
        "variation": {"ev_range": [-3, 3], "per_photo": 2, "identity_share": 1.0},
    }
    usual, varied = berkeley_set(print), berkeley_set(print, rendering)
    assert usual != varied and berkeley_set(print, rendering) == varied
    counts = {"training": 6, "validation": 3}  # two drawn exposures and 0 EV for each photo
    assert {split: len(find_pairs(varied, split)) for split in counts} == counts


def test_a_download_that_fails_leaves_no_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def download(out: Path, retry: object) -> None:
        raise DownloadError("Expected a connection, but there is none: check it.")

    monkeypatch.setattr(bsds500_pairs, "download_bsds500", download)
    for _ in range(2):
        with pytest.raises(DownloadError):
            berkeley_set(lambda _: None)


def test_two_chapters_opened_at_once(
    tmp_path: Path, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits and takes what the first has made, in place of the six built-in photos."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    begun, waiting, fetched = Event(), Event(), []

    def download(out: Path, retry: object) -> None:
        begun.set()
        assert waiting.wait(60)
        fetched.append(out)
        for name in ("train/1", "val/2"):
            write_image(out / f"{name}.jpg", photo)

    monkeypatch.setattr(bsds500_pairs, "download_bsds500", download)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(berkeley_set, lambda _: None)
        assert begun.wait(60)
        second = pool.submit(berkeley_set, lambda _: waiting.set())
        folder = first.result(60)
        assert second.result(60) == folder and len(fetched) == 1
    assert len(find_pairs(folder, "training")) == 5
