"""Check committed chapters with nbval: every cell runs, every check says what is stored."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from exposure_lab.publishing.chapter_names import select_chapters
from exposure_lab.publishing.child_process import child_process
from exposure_lab.publishing.notebook_files import read_notebook
from exposure_lab.publishing.papermill_run import START_TIMEOUT, headless_environment
from exposure_lab.publishing.run_chapters import Say

CELL = re.compile(r"(?:(\S+)\.ipynb::|^)Cell (\d+)\b")
"""Matches a cell in nbval's report: that of a notebook, or of the one that it wrote of before."""


def check_chapters(
    root: Path | str = ".", names: Sequence[str] = (), *, jobs: int = 1, say: Say = print
) -> int:
    """Run the committed chapters through nbval and compare the check cells' stored lines.

    Copies are run, each in a folder of its own, so that nothing a chapter writes lands in
    ``book/``. Other outputs are not compared: pictures differ from one processor to the next.

    Args:
        root: a checkout with ``book/``.
        names: such as ``"01_exposure"`` or ``"1"``; none means all.
        jobs: chapters at once; more than one takes the package pytest-xdist.
        say: takes what pytest writes, line by line; a cell is named by its number and its id.

    Returns:
        pytest's exit code: 0 where every cell ran and every check said what is stored.

    Raises:
        ConfigError: unknown chapter.
        ChapterError: no chapters, or a file that is no notebook.
    """
    with tempfile.TemporaryDirectory(prefix="chapters-") as scratch:
        copies = []
        for path in select_chapters(names, root):
            copies.append(Path(scratch) / path.stem / path.name)
            copies[-1].parent.mkdir()
            shutil.copyfile(path, copies[-1])
        ids = {copy.stem: _code_cell_ids(copy) for copy in copies}
        command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q"]
        command += ["--color=no"]
        command += ["--nbval-cell-timeout", "600", "-p", "no:cacheprovider", "-W", "error"]
        command += ["--nbval-kernel-startup-timeout", str(START_TIMEOUT), "--rootdir", scratch]
        if jobs > 1:
            command += ["-n", str(jobs), "--dist", "loadfile"]
        command += [str(copy.relative_to(scratch)) for copy in copies]
        environment = headless_environment("smoke", Path(scratch))
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with child_process(command, cwd=scratch, env=environment, **streams) as pytest:
            for line in _with_ids(pytest.stdout or (), ids):
                say(line)
        return pytest.returncode


def _code_cell_ids(path: Path) -> list[str]:
    """Ids of the cells that nbval counts, in their order."""
    cells = read_notebook(path).cells
    return [str(cell.get("id", "no id")) for cell in cells if cell.cell_type == "code"]


def _with_ids(lines: Iterable[str], ids: dict[str, list[str]]) -> Iterator[str]:
    """Add to each cell in nbval's report its id, since a number leads nobody to a cell."""
    chapter = ""

    def add_id(found: re.Match[str]) -> str:
        nonlocal chapter
        chapter = Path(found[1]).name if found[1] else chapter
        known, number = ids.get(chapter, []), int(found[2])
        return f"{found[0]} ({known[number]})" if number < len(known) else found[0]

    for line in lines:
        yield CELL.sub(add_id, line.rstrip("\n"))
