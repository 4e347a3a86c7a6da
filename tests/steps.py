"""Run the project's checks one after another and end with a table of what passed.

    python tests/steps.py lint       style, spelling, types, import rules
    python tests/steps.py quick      the same, and the fast tests of what has changed (`make quick`)
    python tests/steps.py check      the same, and all fast tests            (`make check`)
    python tests/steps.py test       everything that CI runs                 (`make test`)
    python tests/steps.py coverage   all tests but the browser's, and the lines that none reaches

A step that fails does not stop the others, except those that need what it makes. A step that runs
pytest counts its tests; any other counts as one. The last line reads `N passed, N failed,
N skipped`, and the exit code is 1 if any failed.
"""

import os
import shlex
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent  # the environment that runs this file
REPORTS = ROOT / "build" / "reports"


@dataclass(frozen=True)
class Step:
    """One line of the table: a command of the environment, and the step whose outcome it needs."""

    name: str
    command: str
    needs: str = ""


@dataclass
class Outcome:
    """What came of a step: counts, seconds, and why tests were skipped."""

    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    skips: Counter[str] = field(default_factory=Counter)  # reason -> number of tests


LINT = [
    Step("style", "ruff check ."),
    Step("format", "ruff format --check ."),
    Step("spelling", "codespell"),
    Step("types", "mypy"),
    Step("import rules", "lint-imports"),
]
CORES = os.cpu_count() or 1
# One process a core; a file stays in one process, since its tests share what they made.
PYTEST = "pytest -q -n logical --dist loadfile"
FAST = [Step("fast tests", f'{PYTEST} -m "not slow" --ignore=tests/browser')]
ALL = f"{PYTEST} --durations=10 --ignore=tests/browser"
FULL = [
    Step("tests", ALL),
    Step("chapters run", f"exposure-lab chapters run --profile smoke --jobs {CORES}"),
    Step("chapters repeat", f"exposure-lab chapters check --jobs {CORES}"),
    Step("book build", "exposure-lab book build", needs="chapters run"),
    Step("browser", f"{PYTEST} tests/browser", needs="book build"),
]
# Apart from the rest, since to follow every line makes the tests take half as long again.
REPORT = "--cov --cov-report=term:skip-covered --cov-report=html:build/reports/coverage"
COVERAGE = [Step("coverage", f"{ALL} {REPORT}")]


def changed_tests(root: Path = ROOT) -> list[str]:
    """Test files and folders that belong to what has changed since the last commit.

    A file ``exposure_lab/PACKAGE/...`` belongs to ``tests/PACKAGE``, one at the root of the package
    to ``tests/test_NAME.py``, a test file to itself.
    """
    command = ["git", "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z"]
    lines = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    candidates = set()
    for path in (Path(line[3:]) for line in lines.split("\0") if line):
        head, *rest = path.parts
        if path.is_relative_to("tests/browser"):
            continue  # they open the built site
        if head == "exposure_lab" and rest:
            candidates.add(f"tests/{rest[0]}" if len(rest) > 1 else f"tests/test_{rest[0]}")
        elif head == "tests" and path.name.startswith("test_") and path.suffix == ".py":
            candidates.add(path.as_posix())
    existing = {name for name in candidates if (root / name).exists()}
    return sorted(name for name in existing if not any(f"{folder}/" in name for folder in existing))


def plan_of(name: str) -> list[Step] | None:
    """The steps of a plan; None where there is none of that name."""
    if name == "quick":
        chosen = changed_tests()
        tests = Step("tests of changes", f'{PYTEST} -m "not slow" {" ".join(chosen)}')
        return [*LINT, tests] if chosen else LINT
    plans = {"lint": LINT, "check": LINT + FAST, "test": LINT + FULL, "coverage": COVERAGE}
    return plans.get(name)


def run(step: Step) -> Outcome:
    """Run one step, its output going straight to the terminal."""
    report = REPORTS / f"{step.name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    program, *arguments = shlex.split(step.command)
    # Asked for by environment, since `chapters check` runs pytest in a process of its own.
    environment = os.environ | {"PYTEST_ADDOPTS": f"--junitxml={report}"}
    # Two threads beside a busy neighbour are slower than one.
    environment.setdefault("OMP_NUM_THREADS", "1")
    print(f"\n=== {step.name}: {step.command}", flush=True)
    start = time.monotonic()
    code = subprocess.run([BIN / program, *arguments], cwd=ROOT, env=environment).returncode
    outcome = read_report(report) if report.exists() else Outcome(passed=int(code == 0))
    if code != 0 and outcome.failed == 0:
        outcome.failed = 1  # a crash, or a program that is no pytest
    outcome.seconds = time.monotonic() - start
    return outcome


def read_report(report: Path) -> Outcome:
    """Count the tests in a JUnit XML file; an error in set-up or collection is a failure."""
    outcome = Outcome()
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif skipped is not None:
            outcome.skips[skipped.get("message", "no reason given")] += 1
        else:
            outcome.passed += 1
    return outcome


def summarize(outcomes: dict[str, Outcome]) -> int:
    """Print the table, the reasons for skips and the total; return the number of failures."""
    row = "{:<16} {:>7} {:>7} {:>8} {:>8} {}"
    print("\n" + row.format("step", "passed", "failed", "skipped", "seconds", ""))
    total = Outcome()
    for name, outcome in outcomes.items():
        mark = "<- failed" if outcome.failed else ""
        skipped = outcome.skips.total()
        counts = outcome.passed, outcome.failed, skipped
        print(row.format(name, *counts, f"{outcome.seconds:.1f}", mark))
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.seconds += outcome.seconds
        total.skips += outcome.skips
    for reason, count in total.skips.items():
        print(f"skipped, {count}: {reason}")
    print(f"\n{total.seconds:.0f} seconds")
    skipped = total.skips.total()
    print(f"{total.passed} passed, {total.failed} failed, {skipped} skipped", flush=True)
    return total.failed


def main() -> int:
    plan = plan_of(sys.argv[1] if len(sys.argv) == 2 else "")
    if plan is None:
        print("usage: python tests/steps.py lint|quick|check|test|coverage", file=sys.stderr)
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, Outcome] = {}
    for step in plan:
        if step.needs and outcomes[step.needs].passed == 0:
            outcomes[step.name] = Outcome(
                skips=Counter([f"needs '{step.needs}', which did not pass"])
            )
        else:
            outcomes[step.name] = run(step)
    return 1 if summarize(outcomes) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
