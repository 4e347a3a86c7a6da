"""exposure-lab doctor: what a bug report needs."""

import os
import platform
import re
from collections.abc import Callable
from pathlib import Path

from exposure_lab.cli.terminal import say
from exposure_lab.errors import ExposureLabError


def doctor() -> None:
    """Print versions, device, precision, sandbox and data sets, ready to paste into a bug report.

    The home folder is written as ~, and no line holds the name of its owner or of the machine.

    Example: exposure-lab doctor
    """
    from exposure_lab.data.sample.sample_set import sample_dir
    from exposure_lab.provenance import provenance

    facts = provenance()
    own_set = os.environ.get("EXPOSURE_LAB_DATA")
    finders = [sample_dir, lambda: Path(own_set)] if own_set else [sample_dir]
    for line in (
        f"exposure-lab {facts['versions'].pop('exposure-lab')} ({facts['commit']})",
        f"python {facts['python']} on {facts['system']}, {facts['processor']}",
        ", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
        f"device {_describe_device()}, {os.cpu_count()} cores",
        *_describe_sandbox(),
        *(f"data {_describe_set(find)}" for find in finders),
    ):
        say(_anonymize(line))


def _describe_sandbox() -> tuple[str, ...]:
    """Say what the sandbox for students' answers holds here, a sentence each."""
    from exposure_lab.course.grading.sandbox.probe import probe

    return probe().sentences


def _describe_device() -> str:
    """Describe the device that training would use, or the error that prevents its use."""
    from exposure_lab.runtime import device_name, start_runtime

    try:
        runtime = start_runtime()
    except (ExposureLabError, RuntimeError) as error:
        return f"cannot be used: {error}"
    return f"{device_name(runtime.device)}, precision {runtime.precision}"


def _describe_set(find: Callable[[], Path]) -> str:
    """Describe a set and the pairs of each split, or the error that prevents reading it."""
    from exposure_lab.data.pairs import find_pairs, splits_in

    try:
        folder = find()
        counts = {split: len(find_pairs(folder, split)) for split in splits_in(folder)}
    except (ExposureLabError, OSError) as error:
        return f"cannot be read: {error}"
    return f"{folder}: {counts or 'no set in MSEC layout'}"


def _anonymize(line: str) -> str:
    """Remove the home folder, and any folder named for its owner or the machine, from a line."""
    home = os.path.expanduser("~")
    for folder in {home, os.path.realpath(home)} - {os.sep}:
        line = re.sub(rf"{re.escape(folder)}(?![\w.-])", "~", line)
    for name in filter(None, (Path(home).name, platform.node())):
        line = re.sub(rf"(?<=[/\\]){re.escape(name)}(?![\w.-])", "...", line)
    return line
