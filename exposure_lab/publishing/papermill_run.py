"""Execute one chapter with papermill: own process, own kernel, an empty folder."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from exposure_lab.publishing.child_process import child_process
from exposure_lab.publishing.notebook_files import (
    Notebook,
    clean,
    failure,
    private_folders,
    read_notebook,
)
from exposure_lab.publishing.own_kernel import own_kernel

CELL_TIMEOUT = {"smoke": 600, "laptop": 3600, "colab": 3600, "study": 6 * 3600}
"""Seconds that one cell may take, by profile; `report` may take days."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether the run was stopped."""

FOR_THE_SITE = {"EXPOSURE_LAB_FIGURES": "site"}
"""Asks for every figure dark and narrow too; see `notebook.figure_variants`."""

START_TIMEOUT = 120
"""Seconds for a kernel to start on a busy machine."""


class Execution(NamedTuple):
    """Outcome of one try to execute a notebook."""

    notebook: Notebook | None
    """The cleaned copy; None where papermill wrote none."""
    error: str | None
    retry: bool
    """Whether another try may end better: a kernel died or hung, no cell raised."""


class Stopped(Exception):
    """Somebody stopped the run; papermill and its kernel have ended."""


def execute(
    source: Path, values: Mapping[str, Any], stop: threading.Event, *, for_the_site: bool = True
) -> Execution:
    """Run one notebook with papermill and judge it by exit code and by what the cells hold.

    Args:
        source: the notebook, which is only read.
        values: values for the cell tagged ``parameters``; ``profile`` is one of them.
        stop: set by another thread where papermill is to end at once.
        for_the_site: draw each figure in all versions of the site, which takes a second or so each.

    Raises:
        Stopped: `stop` was set.
    """
    profile = str(values["profile"])
    with tempfile.TemporaryDirectory(prefix="chapter-") as scratch:
        empty, copy = Path(scratch) / "empty", Path(scratch) / "executed.ipynb"
        empty.mkdir()
        command = [sys.executable, "-m", "papermill", str(source.resolve()), str(copy)]
        command += ["--kernel", "python3", "--cwd", str(empty), "--no-progress-bar"]
        command += ["--start-timeout", str(START_TIMEOUT), "--log-level", "WARNING"]
        if limit := CELL_TIMEOUT.get(profile):
            command += ["--execution-timeout", str(limit)]
        for name, value in values.items():
            option = "--parameters_raw" if isinstance(value, str) else "--parameters"
            command += [option, name, str(value)]
        environment = headless_environment(profile, Path(scratch))
        if for_the_site:
            environment |= FOR_THE_SITE
        code, complaint = _run_until(stop, command, environment)
        message = _last_line(complaint) or f"papermill ended with {code}"
        if not copy.exists():
            return Execution(None, message, retry=True)
        notebook = read_notebook(copy)
        clean(notebook, private_folders(empty, Path(scratch)))
        fault = failure(notebook)
    if fault and fault.raised:
        return Execution(notebook, fault.sentence, retry=False)
    if code:
        message = f"{message} ({fault.sentence})" if fault else message
        return Execution(notebook, message, retry=True)
    return Execution(notebook, fault.sentence if fault else None, retry=True)


def _run_until(
    stop: threading.Event, command: Sequence[str], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run a program; its exit code and what it complained of. Raises Stopped."""
    with child_process(command, env=environment) as process:
        while True:
            if stop.is_set():
                raise Stopped
            try:
                complaint = process.communicate(timeout=LOOK_EVERY)[1]
            except subprocess.TimeoutExpired:
                continue
            return process.returncode, complaint


def headless_environment(profile: str, scratch: Path) -> dict[str, str]:
    """Environment of a kernel that nobody watches: our own, no front end, this profile."""
    # What a chapter leaves among temporary files goes with the scratch folder; a kernel that is
    # ended in haste, as on a busy machine, clears nothing away.
    temporary = scratch / "temporary"
    temporary.mkdir(exist_ok=True)
    return os.environ | {
        **own_kernel(scratch),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        "EXPOSURE_LAB_HEADLESS": "1",
        "EXPOSURE_LAB_PROFILE": profile,
        "NO_COLOR": "1",
        # Otherwise a pipe has the system's encoding, which on Windows lacks most signs.
        "PYTHONIOENCODING": "utf-8",
        # A start-up script of the user's own IPython would make the chapter need it.
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
