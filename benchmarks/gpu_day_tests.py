"""Part of `gpu_day.py`: the tests that need a GPU, each written down as soon as it has ended."""

import os
import sys

import pytest
import torch
from gpu_day_report import ROOT, KeptReport, part_of_day


class Recorder:
    """Plugin of pytest: seconds of each test that passed, and why another one did not."""

    def __init__(self, report: KeptReport) -> None:
        self.report = report
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("/")[2]
        if report.failed:
            self.failed += 1
            crash = getattr(report.longrepr, "reprcrash", None)
            message = str(crash.message if crash else report.longrepr).strip().splitlines()
            self.report.skip(name, f"failed: {message[0] if message else 'no message'}")
        elif report.skipped:
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else "no reason"
            self.report.skip(name, reason)
        elif report.when == "call":
            self.passed += 1
            self.report.figure(f"{name}_s", report.duration)
        self.report.figure("passed", self.passed)
        self.report.figure("failed", self.failed)


def main() -> int:
    part = part_of_day("Run the tests that need a GPU.")
    if part.rehearse and not torch.cuda.is_available():
        os.environ["EXPOSURE_LAB_TEST_DEVICE"] = "cpu"
    report = KeptReport("gpu_day_tests", part.out)
    # Warnings of versions that nobody has tried yet are told, and fail no test.
    options = ["-q", "-m", "gpu", "-W", "default", "-p", "no:cacheprovider", "--tb=short"]
    options += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    # The compiler may take as long as all others together, so it comes last.
    files = sorted((ROOT / "tests" / "gpu").glob("test_*.py"), key=lambda f: "compiled" in f.name)
    code = pytest.main([*options, *map(str, files)], plugins=[Recorder(report)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        report.skip("tests", f"pytest ended with {code!r}")
        return 1
    report.bar("failed", "<=", 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
