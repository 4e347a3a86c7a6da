"""How long the two commands take, from a fresh clone: install, chapters, site, tests.

    python benchmarks/build.py --json build/build.json          about half an hour, 6 GB in /tmp
    python benchmarks/build.py --quick --json build/build.json  only how fast --help answers

The clone holds what is committed, so commit first. Downloads are not what is measured: run it
twice, the second time with a warm package cache.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Report, arguments, finish

ROOT = Path(__file__).resolve().parent.parent
BARS = {
    "make_book_fresh_s": 720,
    "make_book_again_s": 20,
    "make_test_s": 840,
    "make_check_s": 100,
    "make_quick_s": 25,
    "help_s": 0.5,
}
HELP_RUNS = 15


def seconds(command: list[str], folder: Path) -> float:
    """Run a command to its end and time it; its output is shown only if it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
    return elapsed


def measure(report: Report, figure: str, command: list[str], folder: Path, runs: int = 1) -> None:
    """Record a figure; a command that fails leaves a reason instead."""
    try:
        report.figure(figure, [seconds(command, folder) for _ in range(runs)])
    except RuntimeError as error:
        print(error, file=sys.stderr)
        report.skip(figure, f"`{' '.join(command)}` failed; its output is above the table")


def gigabytes(folder: Path) -> float:
    """What a folder takes, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1e9


def measure_clone(report: Report) -> None:
    """The make targets, in a clone that starts without an environment."""
    with tempfile.TemporaryDirectory(prefix="exposure-lab-") as folder:
        clone = Path(folder, "exposure-lab")
        seconds(["git", "clone", "--quiet", str(ROOT), str(clone)], ROOT)
        python = f"PYTHON={sys.executable}"
        measure(report, "make_book_fresh_s", ["make", "book", python], clone)
        measure(report, "make_book_again_s", ["make", "book", python], clone, runs=3)
        report.figure("environment_gb", gigabytes(clone / ".venv"))
        # What `make test` needs beyond the book is installed first, so that both time the tests.
        measure(report, "make_install_dev_s", ["make", "install", python], clone)
        measure(report, "make_check_s", ["make", "check", python], clone, runs=2)
        with (clone / "exposure_lab" / "losses.py").open("a", encoding="utf-8") as file:
            file.write("\n\n# A change, so that there is something to test.\n")
        measure(report, "make_quick_s", ["make", "quick", python], clone, runs=3)
        seconds(["git", "checkout", "--quiet", "."], clone)
        measure(report, "make_test_s", ["make", "test", python], clone)


def main() -> None:
    options = arguments("Time the build.")
    report = Report("build")
    command = [str(Path(sys.executable).parent / "exposure-lab"), "--help"]
    measure(report, "help_s", command, ROOT, runs=HELP_RUNS)
    if options.quick:
        for figure in BARS:
            if figure != "help_s":
                report.skip(figure, "left out by --quick")
    else:
        measure_clone(report)
    for figure, bar in BARS.items():
        report.bar(figure, "<=", bar)
    finish(report, options.json)


if __name__ == "__main__":
    main()
