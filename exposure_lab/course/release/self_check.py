"""Check of a student's notebook before it is handed in: the answers alone, in a fresh process.

The grader runs the answers without the rest of the chapter. A name that only another cell of the
chapter defines is missing there; here the student learns it in time.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from exposure_lab.course.release.own_cells import OwnQuestion
from exposure_lab.course.release.own_notebook import OwnNotebook, read_own_notebook

START = 120.0
"""Seconds for the process to start and to run a chapter's imports on a slow machine."""

A_QUESTION = 60.0
"""Seconds more for each question, in which its cell and its check have to be done."""

ENDED = (
    "Expected a result, but the process ended while it ran: look for a loop that never ends, or "
    "for code that exits Python."
)


@dataclass(frozen=True)
class OwnVerdict:
    """Verdict of the visible check on one question of a notebook."""

    question: str
    right: bool
    sentence: str
    """As `check` prints it, without the question's id."""
    remark: str
    """What is odd about the answer's cell; empty where nothing is."""


def check_notebook(path: Path | str) -> list[OwnVerdict]:
    """Run the answers of a notebook in a fresh process and judge them by the visible checks.

    Args:
        path: notebook of a release, also without ids, or in an older format 4.

    Raises:
        ChapterError: no notebook of ours there.
    """
    notebook = read_own_notebook(path)
    lines = _run(notebook, Path(path).resolve().parent)
    return [_verdict(question, notebook, lines) for question in notebook.questions]


def _verdict(question: OwnQuestion, notebook: OwnNotebook, lines: dict[str, str]) -> OwnVerdict:
    remark = notebook.remarks[question.id]
    if question.id not in {answered for _, answered in notebook.cells}:
        return OwnVerdict(question.id, False, "not yet.", remark)
    line = lines.get(question.id, f"{question.id}: not yet. {ENDED}")
    sentence = line.removeprefix(f"{question.id}: ")
    return OwnVerdict(question.id, sentence.startswith(("right", "no check")), sentence, remark)


def _run(notebook: OwnNotebook, beside: Path) -> dict[str, str]:
    """Run the answers in an empty folder; give the line of each question that got one.

    Args:
        notebook: with the answers.
        beside: folder of the weights that are handed in with it, where there are some.
    """
    job = {
        "setup": notebook.setup,
        "cells": [[cell.source, question] for cell, question in notebook.cells],
        "questions": {
            one.id: {"name": one.name, "variant": one.variant, "private": one.private}
            for one in notebook.questions
        },
    }
    with tempfile.TemporaryDirectory(prefix="course-check-", ignore_cleanup_errors=True) as scratch:
        results = Path(scratch) / "verdicts.jsonl"
        empty = Path(scratch) / "empty"
        empty.mkdir()
        command = [sys.executable, "-P", "-m", "exposure_lab.course.release.answer_process"]
        environment = os.environ | {"EXPOSURE_LAB_HEADLESS": "1", "MPLBACKEND": "Agg"}
        environment |= {"HANDED_IN": str(beside)}
        try:
            subprocess.run(
                [*command, str(results)],
                input=json.dumps(job).encode(),
                cwd=empty,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=START + A_QUESTION * len(notebook.questions),
            )
        except subprocess.TimeoutExpired:
            pass  # what was not reached has no line
        if not results.exists():
            return {}
        return dict(json.loads(line) for line in results.read_text("utf-8").splitlines())
