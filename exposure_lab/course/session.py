"""The first and the last thing that a chapter does: find its profile and data, sign its results."""

import html
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exposure_lab.config import RunConfig, load_profile
from exposure_lab.data.pairs import splits_in
from exposure_lab.data.sample import sample_dir
from exposure_lab.errors import ConfigError
from exposure_lab.provenance import data_fingerprint, provenance
from exposure_lab.runtime import device_name, start_runtime

GPU_HINT = (
    "No GPU found, so this chapter runs at profile smoke: small pictures, small networks, about a "
    "minute. On Colab choose Runtime > Change runtime type > T4 GPU and run again; on a computer "
    "of your own, profile = 'laptop' takes some minutes and shows more."
)
SAMPLE_HINT = (
    "Trained on the six photos that ship with the package: enough to see how, too few to conclude "
    "much. Set EXPOSURE_LAB_DATA to a folder in MSEC layout for a larger set."
)


@dataclass(frozen=True)
class Session:
    """What a chapter works with."""

    chapter: str
    config: RunConfig
    data: Path
    device: str
    started: float = field(default_factory=time.perf_counter)

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return self.config.profile

    def stamp(self) -> "Stamp":
        """What made the results above: put it in the chapter's last cell."""
        facts = provenance(self.device, self.config.seed, data_fingerprint(self.data))
        seconds = time.perf_counter() - self.started
        versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        return Stamp(
            {
                "chapter": self.chapter,
                "commit": facts["commit"],
                "profile": self.profile,
                "device": f"{facts['device']} ({facts['processor']})",
                "versions": f"Python {facts['python']}, {versions}",
                "data": facts["data"],
                "seed": facts["seed"],
                "date": facts["date"],
                "time": f"{seconds:.0f} s",
            }
        )


class Stamp:
    """A provenance stamp that a notebook shows as a table."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    def __repr__(self) -> str:
        return "\n".join(f"{key}: {value}" for key, value in self.facts.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{html.escape(key)}</th><td>{html.escape(str(value))}</td></tr>'
            for key, value in self.facts.items()
        )
        return f'<table class="provenance"><caption>Made by</caption><tbody>{rows}</tbody></table>'


def start(chapter: str, profile: str = "auto", data: str = "auto") -> Session:
    """Find the profile, the data and the device of a chapter, and say what was found.

    Args:
        chapter: name of the notebook, such as ``01_exposure``.
        profile: ``auto`` takes the environment's ``EXPOSURE_LAB_PROFILE``, else ``colab`` with a
            GPU, else ``smoke``.
        data: a folder in MSEC layout; ``auto`` takes the environment's ``EXPOSURE_LAB_DATA``, else
            the built-in photos.

    Raises:
        ConfigError: unknown profile, or a folder that holds no pairs.
    """
    runtime = start_runtime()
    hints = []
    if profile == "auto":
        profile = os.environ.get("EXPOSURE_LAB_PROFILE", "")
        if not profile and runtime.device.type == "cuda":
            profile = "colab"
        if not profile:
            profile = "smoke"
            hints.append(GPU_HINT)
    config = load_profile(profile)
    if data == "auto":
        data = os.environ.get("EXPOSURE_LAB_DATA", "")
    if not data:
        hints.append(SAMPLE_HINT)
    folder = Path(data) if data else sample_dir()
    if not splits_in(folder):
        raise ConfigError(
            f"Expected a paired set in MSEC layout at {folder}, but found none: make one with "
            "`exposure-lab data sample` or leave data = 'auto'."
        )
    session = Session(chapter, config, folder, device_name(runtime.device))
    where = folder.name if data else "the built-in photos"
    print(f"{chapter}: profile {profile}, device {session.device}, data: {where}.")
    for hint in hints:
        print(hint)
    return session


def is_headless() -> bool:
    """Whether the book's own machinery executes the notebook, with nobody to move a slider."""
    return bool(os.environ.get("EXPOSURE_LAB_HEADLESS"))
