"""nbgrader and otter-grader on an assignment like ours, each in an environment of its own.

The assignment has the questions of chapter 01 that need a function or a number, in their public
form, with the checks hidden. It asks for less than ours: no variants, no sandbox, no inputs drawn
anew.
"""

import json
import os
import subprocess
import time
import venv
from pathlib import Path
from typing import Any

PACKAGES = {
    "nbgrader": ["nbgrader==0.9.6", "numpy"],
    "otter": ["otter-grader==7.0.0", "ipykernel", "numpy"],
}

ANSWERS = {
    "render": (
        "def render_ev(srgb, ev):\n"
        "    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)\n"
        "    light = np.minimum(light * 2.0**ev, 1.0)\n"
        "    return np.where(light <= 0.0031308, 12.92 * light,"
        " 1.055 * light ** (1 / 2.4) - 0.055)"
    ),
    "clipped": (
        "def share_of_clipped(photo):\n"
        "    return float((np.floor(photo * 255 + 0.5) == 255).any(axis=2).mean())"
    ),
    "predicted": "predicted = 176",
}
CHECKS = {
    "render": [
        "photo = np.random.default_rng(1).random((8, 9, 3))",
        "assert render_ev(photo, 1).shape == photo.shape",
        "assert render_ev(photo, 1).mean() > photo.mean() > render_ev(photo, -1).mean()",
        "assert np.allclose(render_ev(photo, 0), photo, atol=1e-4)",
    ],
    "clipped": [
        "assert share_of_clipped(np.ones((2, 2, 3))) == 1",
        "assert share_of_clipped(np.zeros((2, 2, 3))) == 0",
    ],
    "predicted": ["assert abs(predicted - 176) <= 2"],
}


def make_environment(folder: Path, rival: str) -> Path:
    """Install a rival; give the folder of its programs."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    command = [str(programs / "python"), "-m", "pip", "install", "--quiet", *PACKAGES[rival]]
    subprocess.run(command, check=True)
    return programs


def run(command: list[Any], cwd: Path, programs: Path) -> float:
    """Wall seconds of a command with the rival's programs on the path.

    Raises:
        RuntimeError: it failed.
    """
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - begun


def cell(source: str, metadata: dict[str, Any] | None = None, kind: str = "code") -> dict[str, Any]:
    """Cell of a notebook."""
    base: dict[str, Any] = {"cell_type": kind, "metadata": metadata or {}, "source": source}
    return {**base, "execution_count": None, "outputs": []} if kind == "code" else base


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> None:
    """Write cells as a notebook of nbformat 4.4, which needs no ids."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}}
    path.write_text(json.dumps({**notebook, "nbformat": 4, "nbformat_minor": 4}))


def time_nbgrader(folder: Path, programs: Path, students: int) -> float:
    """Wall seconds of `nbgrader autograde` over a class."""

    def graded(name: str, *, grade: bool) -> dict[str, Any]:
        own = {"grade": grade, "solution": not grade, "locked": grade, "task": False}
        points = {"points": 1} if grade else {}
        return {"nbgrader": {"grade_id": name, "schema_version": 3, **own, **points}}

    cells = [cell("import numpy as np")]
    for name, answer in ANSWERS.items():
        solution = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(cell(solution, graded(name, grade=False)))
        checks = "\n".join(CHECKS[name])
        hidden = f"### BEGIN HIDDEN TESTS\n{checks}\n### END HIDDEN TESTS"
        cells.append(cell(hidden, graded(f"check-{name}", grade=True)))
    course = folder / "course"
    write_notebook(course / "source" / "ps1" / "one.ipynb", cells)
    run(["nbgrader", "generate_assignment", "ps1", "--create"], course, programs)
    released = json.loads((course / "release" / "ps1" / "one.ipynb").read_text())
    for one in released["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id")
        if name in ANSWERS:
            one["source"] = ANSWERS[name]
    for number in range(students):
        target = course / "submitted" / f"student{number:04}" / "ps1" / "one.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(released))
    return run(["nbgrader", "autograde", "ps1", "--create"], course, programs)


def time_otter(folder: Path, programs: Path, students: int) -> float:
    """Wall seconds of `otter run`, one call a notebook: it has no batch without Docker."""
    cells = [cell("# ASSIGNMENT CONFIG\ninit_cell: true", kind="raw"), cell("import numpy as np")]
    for name, answer in ANSWERS.items():
        solution = f"{answer.splitlines()[0]} # SOLUTION" if "\n" not in answer else answer
        cells += [
            cell(f"# BEGIN QUESTION\nname: {name}\npoints: 1", kind="raw"),
            cell("# BEGIN SOLUTION", kind="raw"),
            cell(solution),
            cell("# END SOLUTION", kind="raw"),
            cell("# BEGIN TESTS", kind="raw"),
            cell("# HIDDEN\n" + "\n".join(CHECKS[name])),
            cell("# END TESTS", kind="raw"),
            cell("# END QUESTION", kind="raw"),
        ]
    write_notebook(folder / "source.ipynb", cells)
    run(["otter", "assign", "source.ipynb", "dist", "--no-run-tests"], folder, programs)
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    student = folder / "student.ipynb"
    (released,) = (folder / "dist" / "autograder").glob("*.ipynb")
    student.write_bytes(released.read_bytes())
    command = ["otter", "run", "-a", archive, student]
    return sum(run(command, folder, programs) for _ in range(students))
