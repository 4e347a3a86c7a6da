"""`make quick` runs the tests of what has changed, and of nothing else."""

import subprocess
from pathlib import Path

from steps import LINT, changed_tests, plan_of


def test_tests_of_what_has_changed(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for name in (
        "exposure_lab/metrics/pixel.py",
        "exposure_lab/losses.py",
        "exposure_lab/errors.py",  # has no tests of its own
        "tests/metrics/test_pixel.py",
        "tests/test_losses.py",
        "tests/cli/test_cli.py",
        "tests/cli/conftest.py",
        "tests/browser/test_site_pages.py",
        "README.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    expected = ["tests/cli/test_cli.py", "tests/metrics", "tests/test_losses.py"]
    assert changed_tests(tmp_path) == expected


def test_each_plan_begins_with_lint() -> None:
    for name in ("lint", "quick", "check", "test"):
        assert (plan_of(name) or [])[: len(LINT)] == LINT
    assert plan_of("tset") is None
