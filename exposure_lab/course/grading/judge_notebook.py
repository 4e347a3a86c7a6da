"""Judge notebook of a few submissions: made from the references, run by nbval, read as JUnit XML.

The notebook's stored outputs are those of submissions in which everything is right. nbval runs it
in a kernel that never meets a student's code and compares; a part earns its points where its cell
passed, and in no other case.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from exposure_lab.course.grading.judge import PartVerdict, bundle
from exposure_lab.course.grading.nbval_tolerance import CELL_ID, MIME
from exposure_lab.course.grading.references import Reference
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import write_json
from exposure_lab.publishing.own_kernel import own_kernel

NOTEBOOK, REPORT = "judge.ipynb", "judge.xml"
OPEN = "from exposure_lab.course.grading.judge import Judge"
SECONDS = 120
"""Time for one judge notebook, kernel start included."""
CELL_SECONDS = 40
"""Time for one cell; where the kernel has died, nbval waits for so long and then gives up."""


@dataclass(frozen=True)
class Check:
    """What a cell of a judge notebook judges: one part of one question."""

    name: str
    question: str
    part: str
    points: int

    def cell_id(self, submission: int) -> str:
        """Id of the cell that judges it for a submission, the first being 0."""
        return f"{self.name}-{submission}"


def list_checks(references: Sequence[Reference]) -> list[Check]:
    """List the checks of a submission, in the order of their cells."""
    return [
        Check(f"check-{reference.question.replace('.', '-')}-{number}", reference.question, *part)
        for reference in references
        for number, part in enumerate(reference.parts.items(), start=1)
    ]


def write_judge_notebook(
    folder: Path, references: Sequence[Reference], submissions: int = 1
) -> None:
    """Write the judge notebook of these references into a folder.

    Args:
        folder: with `REFERENCES`, and a folder ``0``, ``1``, ... with `EVIDENCE` a submission.
        references: of the questions.
        submissions: how many.
    """
    cells = [_code("open", OPEN)]
    for submission in range(submissions):
        # A name of its own: where its judge fails, no cell may find that of another submission.
        judge = f"judge_{submission}"
        cells.append(_code(f"open-{submission}", f'{judge} = Judge("{submission}")'))
        numbers: dict[str, int] = {}
        for check in list_checks(references):
            numbers[check.question] = numbers.get(check.question, 0) + 1
            source = f'{judge}.show("{check.question}", {numbers[check.question]})'
            right = bundle(check.question, PartVerdict(check.part, True, "", 1, 0))
            right[MIME]["share_failed"] = {"at_most": 0.0}  # the tolerance, on the reference's side
            output = {"output_type": "display_data", "data": right, "metadata": {}}
            cells.append(_code(check.cell_id(submission), source, [output]))
        cells.append(_code(f"write-{submission}", f"{judge}.write()\ndel {judge}"))
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}}
    write_json(folder / NOTEBOOK, {**notebook, "nbformat": 4, "nbformat_minor": 5})


def _code(cell_id: str, source: str, outputs: Sequence[Any] = ()) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": cell_id,
        "execution_count": 1,  # nbval compares no cell that was never run
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    }


def run_judge_notebook(
    folder: Path, references: Sequence[Reference], submissions: int = 1
) -> list[list[Check]]:
    """Run the judge notebook of a folder through nbval and list the checks that passed.

    pytest starts isolated: nothing beside the notebook configures it, and no plugin loads but
    nbval and the one that reads tolerances.

    Args:
        folder: that `write_judge_notebook` wrote to.
        references: as there.
        submissions: as there.

    Returns:
        A list a submission, in their order.

    Raises:
        GradingError: nbval did not come to an end, or its report lacks a check.
    """
    report = folder / REPORT
    report.unlink(missing_ok=True)
    command = [sys.executable, "-P", "-m", "pytest", "-c", os.devnull, "--noconftest", "-q"]
    command += ["--rootdir", str(folder), "-p", "no:cacheprovider", "-p", "nbval.plugin"]
    command += ["-p", "exposure_lab.course.grading.nbval_tolerance"]
    command += ["--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"]
    command += [f"--junitxml={report}", str(folder / NOTEBOOK)]
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
        "IPYTHONDIR": str(folder / ".ipython"),
    }
    try:
        with tempfile.TemporaryDirectory(prefix="kernel-") as scratch:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment | own_kernel(Path(scratch)),
                timeout=SECONDS,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
            )
    except subprocess.TimeoutExpired:
        raise GradingError(
            f"Expected the judge to end within {SECONDS} s, but it did not: grade again with "
            "fewer jobs."
        ) from None
    if not report.exists():
        last = " ".join((done.stdout + done.stderr).split())[-300:]
        raise GradingError(f"Expected a report of the judge, but nbval wrote none: {last}")
    checks = list_checks(references)
    return [passed_checks(report, checks, submission) for submission in range(submissions)]


def passed_checks(report: Path, checks: Sequence[Check], submission: int = 0) -> list[Check]:
    """Read which checks a submission passed from a JUnit XML report.

    A check passed if it is there once and says nothing but its id: a failure, an error and a
    skipped or expected failure are all elements within it.

    Raises:
        GradingError: a check is not in the report, or there twice.
    """
    cases: dict[str | None, list[ElementTree.Element]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        cell_id = case.find(f"properties/property[@name='{CELL_ID}']")
        cases.setdefault(None if cell_id is None else cell_id.get("value"), []).append(case)
    passed = []
    for check in checks:
        found = cases.get(check.cell_id(submission), [])
        if len(found) != 1:
            raise GradingError(
                f"Expected one verdict on {check.question}, {check.part}, but the judge's report "
                f"has {len(found)}: grade again."
            )
        if [element.tag for element in found[0]] == ["properties"]:
            passed.append(check)
    return passed
