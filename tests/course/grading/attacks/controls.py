"""Controls: the same attacks before checks that stock nbval runs in the student's own kernel.

An attack forges where nbval names no failure, although the answer is wrong. Beside them stand two
notebooks without an attack, a right and a wrong answer before all checks: nbval must tell them
apart.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from attack import ANSWER, CHECK, RIGHT_LINE, WRONG, Attack, Cells, Control, Place, stream

RIGHT = (
    "import numpy as np\n\ndef scale(x):\n    return 7 * x if np.isscalar(x) else 7 * np.array(x)"
)

NOTEBOOK = "handed_in.ipynb"

Report = dict[str, list[str]]
"""Folder of a notebook, empty at the top, to what nbval says of each of its cells."""


def run_controls(root: Path, attacks: Sequence[Attack]) -> dict[str, bool]:
    """Run the controls of attacks; give whether each forged, by the attack's student.

    Args:
        root: a new folder.
        attacks: that have a control.
    """
    forged = {}
    together: dict[str, str] = {}
    for number, attack in enumerate(attacks):
        assert attack.control is not None
        if attack.control.alone:
            folder = root / str(number)
            write_control(folder, attack)
            forged[attack.student] = is_forged(run_nbval(folder, attack.control.timeout)[""])
        else:
            write_control(root / "together" / str(number), attack)
            together[attack.student] = str(number)
    if together:
        report = run_nbval(root / "together", 60.0)
        forged |= {student: is_forged(report[folder]) for student, folder in together.items()}
    return forged


def run_baselines(root: Path, controls: Iterable[Control]) -> tuple[Report, list[str]]:
    """Run all checks behind a right and behind a wrong answer, without any attack.

    Returns:
        What nbval says of the cells of both notebooks, and the checks, in their order.
    """
    checks = list(dict.fromkeys(control.check for control in controls))
    for name, source in (("right", RIGHT), ("wrong", WRONG)):
        cells = [_code("answer", source), *(_check(check) for check in checks)]
        _write(root / name, cells)
    return run_nbval(root, 60.0), checks


def is_forged(outcomes: Sequence[str]) -> bool:
    """Whether nbval found nothing wrong, in one cell at least."""
    return bool(outcomes) and not {"failed", "error"} & set(outcomes)


def write_control(folder: Path, attack: Attack) -> None:
    """Write the notebook of an attack, with its check and the files beside it."""
    control = attack.control
    assert control is not None
    place = Place(folder, folder / "mark", folder / "canary")
    cells: Cells = [_code(ANSWER, place.fill(attack.answer)), _check(control.check)]
    if attack.change is not None:
        attack.change(cells)
    if not control.own_file:
        cells = [*(cell for cell in cells if cell["id"] != CHECK), _check(control.check)]
    _write(folder, cells)
    if control.first is not None:
        _write(folder / "a_friend", [_code(ANSWER, control.first)])
    for name, content in attack.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else place.fill(content).encode())


def run_nbval(folder: Path, timeout: float) -> Report:
    """Run stock nbval over the notebooks of a folder, as somebody would who knows no better."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-q"]
    command += [f"--nbval-cell-timeout={timeout}", f"--junitxml={report}", "-p", "no:xdist"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    own = {"HOME": str(folder), "IPYTHONDIR": str(folder / ".ipython"), "PYTHONPATH": ""}
    subprocess.run(command, cwd=folder, env=kept | own, capture_output=True, timeout=600)
    outcomes: Report = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = str(case.get("classname")).removesuffix(NOTEBOOK).removesuffix(".")
        found = [OUTCOMES[element.tag] for element in case if element.tag in OUTCOMES]
        outcomes.setdefault(name, []).append(found[0] if found else "passed")
    return outcomes


OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}


def _write(folder: Path, cells: Cells) -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).write_text(json.dumps({**content, "nbformat_minor": 5}))


def _code(id_: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": id_, "metadata": {}, "source": source}
    return {**cell, "outputs": [], "execution_count": 1}


def _check(source: str) -> dict[str, Any]:
    """Cell of our check, with the output that a right answer gives where it prints one."""
    cell = _code(CHECK, source)
    if RIGHT_LINE in source:
        cell["outputs"] = [stream(RIGHT_LINE)]
        cell["metadata"] = {"tags": ["nbval-check-output"]}
    return cell
