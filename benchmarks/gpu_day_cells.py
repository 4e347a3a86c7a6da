"""Run the code cells of one chapter as a notebook would, without a kernel: time and memory.

    python benchmarks/gpu_day_cells.py CHAPTER.ipynb PROFILE OUT.json

IPython's own shell runs them, in order, in one name space; figures are drawn to PNG and closed
after each cell, as in a notebook. The first error ends it, but for cells that are meant to raise.
"""

import time

BEGUN = time.perf_counter()

import json  # noqa: E402  (the clock starts before everything that takes time)
import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from IPython.core.pylabtools import select_figure_formats  # noqa: E402


def code_cells(chapter: Path, profile: str) -> list[tuple[str, set[str]]]:
    """Source and tags of each code cell, the profile set after the cell of the parameters."""
    cells = []
    for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            tags = set(cell["metadata"].get("tags", []))
            cells.append(("".join(cell["source"]), tags))
            if "parameters" in tags:
                cells.append((f"profile = {profile!r}", set()))
    return cells


def run(cells: list[tuple[str, set[str]]]) -> str | None:
    """Run the cells; the error that ended them, if one did."""
    shell: Any = InteractiveShell.instance()
    shell.display_formatter.active_types = shell.display_formatter.format_types
    select_figure_formats(shell, {"png"})
    for number, (source, tags) in enumerate(cells, start=1):
        result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None and "raises-exception" not in tags:
            return f"code cell {number} raised {type(error).__name__}: {error}".splitlines()[0]
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")
    return None


def measured(error: str | None) -> dict[str, Any]:
    """What the chapter took, in all and at most."""
    figures: dict[str, Any] = {
        "seconds": time.perf_counter() - BEGUN,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        figures["gpu_memory_mb"] = torch.cuda.max_memory_reserved() / 1e6
    return figures | ({"error": error} if error else {})


def main() -> int:
    chapter, profile, out = sys.argv[1:]
    error = run(code_cells(Path(chapter), profile))
    Path(out).write_text(json.dumps(measured(error)), encoding="utf-8")
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
