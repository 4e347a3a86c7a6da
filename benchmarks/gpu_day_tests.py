"""Part of `gpu_day.py`: the tests that need a GPU, each written down as soon as it has ended."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from gpu_day_report import ROOT, KeptReport, part_of_day

LEAST_PASSED = 15
"""Of some twenty. Some are about formats that not every GPU has; where most are skipped, no
GPU was tested."""


class Recorder:
    """Plugin of pytest: seconds of each test that passed, and why another one did not."""

    def __init__(self, report: KeptReport) -> None:
        self.report = report
        self.passed = self.failed = 0
        self.count()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed += 1
            self.report.skip(name_of(report), f"could not be collected: {reason_of(report)}")
            self.count()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = name_of(report)
        if report.failed:
            self.failed += 1
            self.report.skip(name, f"failed: {reason_of(report)}")
        elif report.skipped:
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else "no reason"
            self.report.skip(name, reason)
        elif report.when == "call":
            self.passed += 1
            self.report.figure(f"{name}_s", report.duration)
        self.count()

    def count(self) -> None:
        """Write down how many there are so far."""
        self.report.figure("passed", self.passed)
        self.report.figure("failed", self.failed)


def name_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Name of a test or a file, without its folders."""
    return report.nodeid.rpartition("/")[2]


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The sentence that a failure ended with."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = str(crash.message if crash else report.longrepr).strip().splitlines()
    if crash:
        return lines[0] if lines else "no message"
    return next((line[1:].strip() for line in lines if line.startswith("E ")), "no message")


def run_tests(files: Sequence[Path], report: KeptReport) -> int:
    """Run the tests marked `gpu` of some files; the exit code, 0 where pytest could."""
    # Plugins that happen to be installed there; our tests need none.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # Warnings of versions that nobody has tried yet are told, and fail no test.
    options = ["-q", "-m", "gpu", "-W", "default", "-p", "no:cacheprovider", "--tb=short"]
    options += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    options += ["--continue-on-collection-errors"]
    code = pytest.main([*options, *map(str, files)], plugins=[Recorder(report)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        report.skip("tests", f"pytest ended with {code!r}")
        return 1
    report.bar("failed", "<=", 0)
    report.bar("passed", ">=", LEAST_PASSED)
    return 0


def main() -> int:
    part = part_of_day("Run the tests that need a GPU.")
    if part.rehearse and not torch.cuda.is_available():
        os.environ["EXPOSURE_LAB_TEST_DEVICE"] = "cpu"
    # The compiler may take as long as all others together, so it comes last.
    files = sorted((ROOT / "tests" / "gpu").glob("test_*.py"), key=lambda f: "compiled" in f.name)
    return run_tests(files, KeptReport("tests", part.out))


if __name__ == "__main__":
    sys.exit(main())
