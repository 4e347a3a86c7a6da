"""Probe of the sandbox: what it promises is tried, and what does not hold is said in a sentence."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from worker_runs import report, require

from exposure_lab.course.grading.sandbox import probe
from exposure_lab.course.grading.sandbox.bubblewrap import command
from exposure_lab.errors import GradingError


def test_the_probe_tries_each_promise() -> None:
    require()
    names = [finding.name for finding in report().findings]
    assert names == [
        "bubblewrap",
        "network",
        "files",
        "namespaces",
        "memory",
        "processes",
        "temporary",
    ]
    assert probe.require_sandbox().usable


def test_the_probe_sees_a_sandbox_that_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    require()

    def leaky(*arguments: Any) -> list[str]:
        words = command(*arguments)
        words[words.index("--disable-userns")] = "--share-net"
        for _ in range(2):
            at = words.index("--size")
            del words[at : at + 2]
        return words

    monkeypatch.setattr("exposure_lab.course.grading.sandbox.process.command", leaky)
    broken = {finding.name for finding in probe.probe().findings if not finding.holds}
    assert broken == {"network", "namespaces", "temporary"}
    with pytest.raises(GradingError, match="Network: it can be reached from inside"):
        probe.require_sandbox()
    assert not probe.require_sandbox(trust=True).usable


def _fake_bwrap(folder: Path, script: str) -> str:
    """Put a program named bwrap into a folder, which is then searched before all others."""
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_without_bubblewrap_grading_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GradingError, match=r"not installed; install it.*--i-trust-these"):
        probe.require_sandbox()
    assert not probe.require_sandbox(trust=True).usable


def test_an_old_bubblewrap_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", _fake_bwrap(tmp_path, "echo bubblewrap 0.6.1"))
    assert probe.probe().sentences[0].startswith("Sandbox: bubblewrap 0.6.1 is too old, 0.8 is")


@pytest.mark.parametrize(
    ("forbidden", "advice"), [("1", "AppArmor forbids ordinary users"), ("0", "user.max_user_name")]
)
def test_where_namespaces_are_forbidden_it_says_what_to_do(
    forbidden: str, advice: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = (
        'if [ "$1" = --version ]; then echo bubblewrap 0.9.0; exit; fi\n'
        "echo bwrap: setting up uid map: Permission denied >&2; exit 1"
    )
    monkeypatch.setenv("PATH", _fake_bwrap(tmp_path, script))
    monkeypatch.setattr(probe, "APPARMOR", tmp_path / "restrict")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (tmp_path / "restrict").write_text(f"{forbidden}\n")
    (sentence,) = probe.probe().sentences
    assert "(bwrap: setting up uid map: Permission denied)" in sentence
    assert advice in sentence


@pytest.mark.parametrize(
    "complaint",
    [
        "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
        "bwrap: Can't mount proc on /newroot/proc: Permission denied",
    ],
)
def test_where_proc_is_covered_it_names_the_option_that_uncovers_it(
    complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = (
        'if [ "$1" = --version ]; then echo bubblewrap 0.9.0; exit; fi\n'
        f'echo "{complaint}" >&2; exit 1'
    )
    monkeypatch.setenv("PATH", _fake_bwrap(tmp_path, script))
    # Where AppArmor restricts as well, this is still what bubblewrap stumbled over.
    monkeypatch.setattr(probe, "APPARMOR", tmp_path / "restrict")
    (tmp_path / "restrict").write_text("1\n")
    (sentence,) = probe.probe().sentences
    assert f"({complaint})" in sentence
    assert "`--security-opt systempaths=unconfined`" in sentence
    assert "`--security-opt unmask=ALL` under Podman" in sentence
    assert "AppArmor" not in sentence and "namespaces" not in sentence


def test_another_system_has_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert probe.probe().sentences == (
        "Sandbox: there is none on darwin; grade in the container that the instructors' part "
        "describes.",
    )
