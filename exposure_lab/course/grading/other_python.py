"""Values of references as another Python computes them, whose libraries may round otherwise."""

import json
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exposure_lab.errors import GradingError

DISTRIBUTION = "exposure-lab"

SCRIPT = """
import json, sys
sys.path[:] = [folder for folder in sys.path if folder]  # what is installed, not what lies here
names, seeds, own, name = json.loads(sys.argv[1])
import exposure_lab
from importlib.metadata import version
from pathlib import Path
found = {"version": version(name)}
if found["version"] == sys.argv[2]:
    from exposure_lab.course.grading.calibrate import reference_values
    found["values"] = reference_values(names, seeds, Path(own) if own else None)
print("\\n" + json.dumps(found))
"""


def values_of_other_python(
    python: Path, names: Sequence[str], seeds: Sequence[int], own: Path | None
) -> dict[str, list[list[Any]]]:
    """What references give there, by question, seed and call, as on the wire.

    Args:
        python: an interpreter that has this package, by its path or by a name that the shell knows.
        names: ids of questions.
        seeds: each draws a variant and inputs.
        own: folder of an instructor's own questions.

    Raises:
        GradingError: it is not there, does not have the package, has another version of it, or a
            reference fails in it.
    """
    asked = json.dumps(
        [list(names), list(seeds), str(own.resolve()) if own else None, DISTRIBUTION]
    )
    ours = version(DISTRIBUTION)
    try:
        done = subprocess.run(
            [python, "-c", SCRIPT, asked, ours],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise GradingError(
            f"Expected another Python at {python}, but the system says: {error.strerror}: name the "
            "python of an environment that has this package."
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        last = said[-1][:200] if said else f"it ended with {done.returncode}"
        if "exposure_lab'" in last or "exposure-lab" in last:
            raise GradingError(
                f"Expected {python} to have this package, but it does not ({last}): install "
                f"{DISTRIBUTION} {ours} for it."
            )
        raise GradingError(
            f"Expected {python} to compute the references too, but it failed ({last}): install "
            f"{DISTRIBUTION} {ours} for it with what that needs."
        )
    try:
        found = json.loads(done.stdout.strip().rpartition("\n")[2])
        theirs, values = found["version"], found.get("values")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise GradingError(
            f"Expected {python} to be a Python, but it printed something else: name the python of "
            "an environment that has this package."
        ) from None
    if theirs != ours:
        raise GradingError(
            f"Expected {DISTRIBUTION} {ours} in {python}, but it has {theirs}: install the same "
            "version, so that both ask the same questions."
        )
    result: dict[str, list[list[Any]]] = values
    return result
