"""Process of `course check`: runs the cells of answers one by one and writes a line for each.

    python -P -m exposure_lab.course.release.answer_process VERDICTS < JOB

The job is JSON from `self_check`; each line of VERDICTS is a pair of question and verdict.
"""

import json
import sys
from pathlib import Path
from typing import Any

from exposure_lab.course.checks import verdict
from exposure_lab.course.expectations import quote
from exposure_lab.course.time_limit import TooSlow, time_limit
from exposure_lab.errors import ExposureLabError

CELL_LIMIT = 30.0
"""Seconds that the cell of an answer may take."""


def main() -> None:
    """Run the job on standard input."""
    job = json.loads(sys.stdin.buffer.read())
    names: dict[str, Any] = {"__name__": "__main__"}
    failed = _run(job["setup"], names, "imports", None)
    last = {question: number for number, (_, question) in enumerate(job["cells"]) if question}
    errors: dict[str, str] = {}
    with Path(sys.argv[1]).open("a", encoding="utf-8") as results:
        for number, (source, question) in enumerate(job["cells"]):
            error = _run(source, names, f"cell of {question or 'your own'}", CELL_LIMIT)
            if question and error:
                errors.setdefault(question, error)
            if question and last[question] == number:
                one = job["questions"][question]
                line = _judge(question, one, names, errors.get(question) or failed)
                results.write(json.dumps([question, line]) + "\n")
                results.flush()


def _run(source: str, names: dict[str, Any], where: str, limit: float | None) -> str | None:
    """Run a cell; give the error that it raised, in words."""
    try:
        code = compile(source, f"<{where}>", "exec")
        if limit is None:
            exec(code, names)
        else:
            with time_limit(limit):
                exec(code, names)
    except TooSlow:
        return f"was not done in {limit:g} seconds"
    except SyntaxError as error:
        if (error.text or "").lstrip().startswith(("%", "!")):
            return f"has a command of the notebook in line {error.lineno}, which is no Python"
        return f"raised {quote(error)}"
    except (Exception, SystemExit) as error:
        return f"raised {quote(error)}"
    return None


def _judge(question: str, one: dict[str, Any], names: dict[str, Any], error: str | None) -> str:
    """Line of one question, as `check` prints it."""
    if one["private"]:
        return f"{question}: no check: it is a question of your instructor's own."
    if one["name"] not in names:
        if error:
            return f"{question}: not yet. Expected the cell to run, but it {error}: mend it."
        return (
            f"{question}: not yet. Expected the cell to define {one['name']}, but it does not: "
            "keep the name that was there."
        )
    try:
        return verdict(question, names[one["name"]], one["variant"])
    except ExposureLabError as wrong:
        return f"{question}: not yet. {wrong}"


if __name__ == "__main__":
    main()
