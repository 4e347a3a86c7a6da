"""Start of a chapter: find the device, choose profile and data, and say what was chosen."""

import html
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import splits_in
from exposure_lab.data.sample.sample_set import sample_dir
from exposure_lab.data.sources.bsds500_pairs import berkeley_set
from exposure_lab.errors import ChapterError, DataError, DownloadError, FilesError
from exposure_lab.notebook.figure_variants import keep_variants
from exposure_lab.notebook.quotes import result
from exposure_lab.plots import use_style
from exposure_lab.profiles.load import load_profile
from exposure_lab.provenance import data_fingerprint, provenance
from exposure_lab.runtime import Runtime, device_name, start_runtime

FIRST_LOOK = "No GPU found, so this runs at profile smoke: small, quick, and only a first look."

ON_COLAB = "For a GPU: Runtime > Change runtime type > T4 GPU, then run the first cell again."

ON_A_COMPUTER = (
    'For a longer run (minutes), set profile = "laptop" in the cell above and run it again.\n'
    "Colab has GPUs: open the chapter there, then choose Runtime > Change runtime type > T4 GPU."
)


@dataclass(frozen=True)
class Session:
    """Settings with which a chapter runs, from its first cell to its last."""

    chapter: str
    config: RunConfig
    """The profile's settings; ``config.profile`` is its name."""
    data: Path
    """A folder in MSEC layout."""
    data_name: str
    """Name of the data in a sentence, without a path."""
    runtime: Runtime
    """Device and precision, as the training loop takes them."""
    started: float
    """Value of `time.monotonic` at the start."""

    @property
    def profile(self) -> str:
        """``smoke``, ``laptop``, ``colab``, ``study`` or ``report``."""
        return self.config.profile

    @property
    def device(self) -> torch.device:
        """Device on which networks compute."""
        return self.runtime.device

    def stamp(self) -> "Stamp":
        """Make the table of provenance that ends a chapter: code, data, device and time."""
        return Stamp(self._list_facts())

    def _list_facts(self) -> dict[str, str]:
        origin = provenance(device_name(self.device), self.config.seed, data_fingerprint(self.data))
        versions = ", ".join(f"{k} {v}" for k, v in origin["versions"].items() if v)
        return {
            "chapter": self.chapter,
            "commit": origin["commit"],
            "profile": self.profile,
            "device": f"{origin['device']}, {self.runtime.precision} ({origin['processor']})",
            "versions": f"Python {origin['python']}, {versions}",
            "data": f"{self.data_name}, fingerprint {origin['data']}",
            "seed": str(origin["seed"]),
            "time": f"{time.monotonic() - self.started:.0f} s, ended {origin['date']}",
        }


@dataclass(frozen=True)
class Stamp:
    """Table of provenance that a notebook displays."""

    facts: dict[str, str]

    def __repr__(self) -> str:
        width = max(map(len, self.facts))
        return "\n".join(f"{key:<{width}}  {value}" for key, value in self.facts.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(key)}</th>'
            f'<td style="text-align:left">{html.escape(value)}</td></tr>'
            for key, value in self.facts.items()
        )
        return f'<table class="xl-stamp"><caption>What made this page</caption>{rows}</table>'


def start(chapter: str, profile: str = "auto", data: str | Path = "auto") -> Session:
    """Begin a chapter: choose profile, data and device, and print what was chosen and why.

    Figures have the book's style from then on.

    Args:
        chapter: the notebook's name, such as ``"06_training"``.
        profile: a profile's name; ``auto`` takes ``EXPOSURE_LAB_PROFILE``, else colab where there
            is a GPU, else smoke.
        data: a folder in MSEC layout; ``auto`` takes ``EXPOSURE_LAB_DATA``, else the photos that
            ship with the package for smoke, else the Berkeley photos, fetched once; without a
            connection the package's own, and a line that says so.

    Raises:
        ConfigError: unknown profile.
        DataError: the folder has no split in MSEC layout.
    """
    config, why = _choose_profile(profile)
    folder, data_name, note = _choose_data(data, config.profile)
    runtime = start_runtime(config.precision)
    use_style()
    keep_variants()
    print(f"Chapter {chapter} at profile {config.profile} ({why})")
    print(f"device    {device_name(runtime.device)}, {runtime.precision}")
    print(f"data      {data_name}")
    print(f"expected  {expected_time(chapter, config.profile)}")
    if why == NO_GPU and not is_headless():
        print(f"\n{FIRST_LOOK}\n{ON_COLAB if is_colab() else ON_A_COMPUTER}")
    if note:
        print(f"\n{note}")
    return Session(chapter, config, folder, data_name, runtime, time.monotonic())


def expected_time(chapter: str, profile: str, folder: Path | None = None) -> str:
    """Say how long a chapter took where it was timed last, or that nobody has timed it yet.

    Args:
        chapter: the notebook's name.
        profile: the profile's name.
        folder: results of ``benchmarks/chapters.py``; the package's own where not given.
    """
    figures = {
        f"chapters.{chapter}_{profile}_s": "seconds",
        f"chapters-gpu.{chapter}_{profile}_minutes": "minutes",
    }
    for figure, unit in figures.items():
        with suppress(ChapterError):  # timed, but not this chapter at this profile
            if (timed := result(figure, folder)).value is not None:
                return f"about {timed.value:.0f} {unit}, as timed on {timed.device}"
    return "not measured yet"


def is_headless() -> bool:
    """Whether a program runs this notebook and nobody can press a button."""
    return os.environ.get("EXPOSURE_LAB_HEADLESS", "") not in ("", "0")


def is_colab() -> bool:
    """Whether this notebook runs on Colab, whose kernels begin with a module of their own."""
    return "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ


NO_GPU = "chosen because there is no GPU"


def _choose_profile(profile: str) -> tuple[RunConfig, str]:
    if profile != "auto":
        return load_profile(profile), "as asked"
    if name := os.environ.get("EXPOSURE_LAB_PROFILE"):
        return load_profile(name), "from EXPOSURE_LAB_PROFILE"
    if torch.cuda.is_available():
        return load_profile("colab"), "chosen because there is a GPU"
    return load_profile("smoke"), NO_GPU


def _choose_data(data: str | Path, profile: str) -> tuple[Path, str, str]:
    """Choose (folder, its name, a note for the reader, empty where there is nothing to say)."""
    chosen = os.environ.get("EXPOSURE_LAB_DATA") if data == "auto" else str(data)
    if chosen:
        folder = Path(chosen).expanduser()
        splits: list[Any] = splits_in(folder)
        if not splits:
            raise DataError(
                f"Expected a data set in MSEC layout at {folder}, but there is no training, "
                "validation or testing folder with INPUT_IMAGES: check the path, or make one with "
                "`exposure-lab data sample OUT`."
            )
        return folder, f"{folder.name} ({', '.join(splits)})", ""
    name = "the six built-in photos, at five exposures"
    if profile == "smoke":
        return sample_dir(), name, ""
    try:
        return berkeley_set(), "500 Berkeley photos, rendered at five exposures", ""
    except (DownloadError, FilesError) as error:
        note = (
            f"{error}\nSo this runs on the six built-in photos. Profile {profile} is meant for "
            "more: what it shows here says little about others.\nFor your own, run `exposure-lab "
            "data synthesize PHOTOS OUT` and set EXPOSURE_LAB_DATA to OUT."
        )
        return sample_dir(), name, note
