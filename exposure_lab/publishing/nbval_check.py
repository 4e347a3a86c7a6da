"""Check committed chapters with nbval: every cell runs, every check says what is stored."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.publishing.papermill_run import START_TIMEOUT, headless_environment
from exposure_lab.publishing.run_chapters import Say, select_chapters


def check_chapters(
    root: Path | str = ".", names: Sequence[str] = (), *, jobs: int = 1, say: Say = print
) -> int:
    """Run the committed chapters through nbval and compare the check cells' stored lines.

    Copies are run, each in a folder of its own, so that nothing a chapter writes lands in
    ``book/``. Other outputs are not compared: pictures differ from one processor to the next.

    Args:
        root: a checkout with ``book/``.
        names: such as ``"01_exposure"`` or ``"01"``; none means all.
        jobs: chapters at once; more than one takes the package pytest-xdist.
        say: takes what pytest writes, line by line.

    Returns:
        pytest's exit code: 0 where every cell ran and every check said what is stored.

    Raises:
        ChapterError: unknown chapter.
    """
    with tempfile.TemporaryDirectory(prefix="chapters-") as scratch:
        copies = []
        for path in select_chapters(names, root):
            copies.append(Path(scratch) / path.stem / path.name)
            copies[-1].parent.mkdir()
            shutil.copyfile(path, copies[-1])
        command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q"]
        command += ["--nbval-cell-timeout", "600", "-p", "no:cacheprovider", "-W", "error"]
        command += ["--nbval-kernel-startup-timeout", str(START_TIMEOUT), "--rootdir", scratch]
        if jobs > 1:
            command += ["-n", str(jobs), "--dist", "loadfile"]
        command += [str(copy.relative_to(scratch)) for copy in copies]
        environment = headless_environment("smoke", Path(scratch))
        with subprocess.Popen(
            command,
            cwd=scratch,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pytest:
            for line in pytest.stdout or ():
                say(line.rstrip("\n"))
        return pytest.returncode
