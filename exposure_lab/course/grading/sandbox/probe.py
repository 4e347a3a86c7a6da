"""Probe of the sandbox: tries here and now what it promises, and says in sentences what holds."""

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.sandbox.bubblewrap import OLDEST, version
from exposure_lab.course.grading.sandbox.capped_reader import CappedReader, TooMuch
from exposure_lab.course.grading.sandbox.interpreter import PACKAGE
from exposure_lab.course.grading.sandbox.limits import OWN_PROCESSES, Limits
from exposure_lab.course.grading.sandbox.process import SandboxedProcess, group_homes
from exposure_lab.course.grading.sandbox.stage import stage_worker
from exposure_lab.errors import GradingError

LIMITS = Limits(memory=128 * 2**20, processes=20, temporary=8 * 2**20, start=30.0)
"""Small limits: what holds these holds larger ones."""

APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")

INSTEAD = "grade in the container that the instructors' part describes"


@dataclass(frozen=True)
class Finding:
    """One thing that the sandbox promises."""

    name: str
    holds: bool
    sentence: str


@dataclass(frozen=True)
class ProbeReport:
    """What the sandbox holds on this machine."""

    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether everything holds, so that strangers' answers may be run."""
        return all(finding.holds for finding in self.findings)

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence for each finding."""
        return tuple(finding.sentence for finding in self.findings)


def probe() -> ProbeReport:
    """Start a sandbox and try in it what must not work."""
    if reason := _why_not_installed():
        return ProbeReport((Finding("bubblewrap", False, reason),))
    found = _try_inside()
    if isinstance(found, str):
        return ProbeReport((Finding("bubblewrap", False, _why_not_started(found)),))
    numbers = ".".join(map(str, version() or ()))
    started = Finding("bubblewrap", True, f"Sandbox: bubblewrap {numbers} starts.")
    return ProbeReport((started, *(judge(found) for judge in JUDGES)))


def require_sandbox(*, trust: bool = False) -> ProbeReport:
    """Probe the sandbox before anything of a stranger runs.

    Args:
        trust: go on without a usable sandbox, for submissions that are trusted; see `usable`.

    Raises:
        GradingError: it does not hold what it promises.
    """
    report = probe()
    if not report.usable and not trust:
        broken = " ".join(finding.sentence for finding in report.findings if not finding.holds)
        raise GradingError(
            f"Expected a sandbox for what students wrote, but: {broken} Grade on another machine, "
            "or pass --i-trust-these-submissions if you would run them as your own."
        )
    return report


def _why_not_installed() -> str | None:
    if sys.platform != "linux":
        return f"Sandbox: there is none on {sys.platform}; {INSTEAD}."
    installed = version()
    if installed is None:
        return (
            "Sandbox: bubblewrap is not installed; install it, as by `apt install bubblewrap`, or "
            f"{INSTEAD}."
        )
    if installed < OLDEST:
        return (
            f"Sandbox: bubblewrap {'.'.join(map(str, installed))} is too old, 0.8 is needed; "
            f"install a newer one, or {INSTEAD}."
        )
    return None


def _why_not_started(complaint: str) -> str:
    """Say what to do where bubblewrap is there and does not start."""
    start = f"Sandbox: bubblewrap does not start ({complaint[:200]}); "
    if "mount proc" in complaint:
        return start + (
            "a part of /proc is covered, as containers cover it: start the container with "
            "`--security-opt systempaths=unconfined` too, or with `--security-opt unmask=ALL` "
            "under Podman."
        )
    if APPARMOR.is_file() and APPARMOR.read_text().strip() == "1" and os.geteuid() != 0:
        return start + (
            "AppArmor forbids ordinary users to make namespaces: allow bwrap by a profile with "
            "`userns,` in /etc/apparmor.d, or for all by `sudo sysctl "
            f"kernel.apparmor_restrict_unprivileged_userns=0`, or {INSTEAD}."
        )
    return start + (
        "the system may forbid user namespaces: see user.max_user_namespaces and, on older Debian, "
        f"kernel.unprivileged_userns_clone, or {INSTEAD}."
    )


def _try_inside() -> dict[str, Any] | str:
    """Findings from inside the sandbox, or the complaint of one that did not start."""
    homes = group_homes()
    own = LIMITS.own(memory=homes.memory is None, processes=homes.processes is None)
    with tempfile.TemporaryDirectory(prefix="exposure-lab-probe-") as name, _listener() as port:
        stage = Path(name)
        stage_worker(stage, [Path(__file__).with_name("probe_inside.py")])
        job = {
            "limits": own,
            "port": port.getsockname()[1],
            "memory": LIMITS.memory,
            "processes": LIMITS.processes,
            "temporary": LIMITS.temporary,
            "read_only": ["/proc/sys/vm/drop_caches", "/usr/bin/env", "/worker/worker.py"],
            "out_of_sight": [str(PACKAGE / "__init__.py"), name, "/etc/passwd", "/var"],
        }
        data = json.dumps(job).encode()
        with SandboxedProcess("probe_inside.py", data, stage, LIMITS) as process:
            found = _first_record(process, time.monotonic() + LIMITS.start)
            process.end()
            return process.complaint() if found is None else found


def _first_record(process: SandboxedProcess, deadline: float) -> dict[str, Any] | None:
    reader = CappedReader(process.results)
    while not reader.at_end and time.monotonic() < deadline:
        try:
            for record in reader.read(0.2):
                return record
        except TooMuch:
            return None
    return None


def _listener() -> socket.socket:
    """Socket of this machine that a sandbox with a network could reach."""
    return socket.create_server(("127.0.0.1", 0))


def _network(found: dict[str, Any]) -> Finding:
    held = not found["network"]
    sentence = "is unreachable from inside." if held else "can be reached from inside."
    return Finding("network", held, f"Network: it {sentence}")


def _files(found: dict[str, Any]) -> Finding:
    open_ones = [*found["seen"], *found["written"]]
    if open_ones:
        sentence = f"from inside one can see or write {', '.join(open_ones)}."
        return Finding("files", False, f"Files: {sentence}")
    return Finding("files", True, "Files: the package, other people's and the system's are hidden.")


def _namespaces(found: dict[str, Any]) -> Finding:
    held = not found["namespace"]
    return Finding(
        "namespaces",
        held,
        f"Namespaces: more of them are {'refused' if held else 'allowed'} inside.",
    )


def _memory(found: dict[str, Any]) -> Finding:
    held, homes = not found["memory"], group_homes()
    if not held:
        return Finding("memory", False, "Memory: more than the limit could be taken.")
    if homes.memory is not None:
        by = f"by a control group (version {homes.version})"
        return Finding("memory", True, f"Memory: held for all processes together {by}.")
    return Finding(
        "memory",
        True,
        "Memory: held for each process by itself; to hold them together, where systemd runs, start "
        "grading by `systemd-run --user --scope exposure-lab course grade ...`.",
    )


def _processes(found: dict[str, Any]) -> Finding:
    held, homes = found["processes"] <= LIMITS.processes + OWN_PROCESSES, group_homes()
    if held:
        by = "a control group" if homes.processes is not None else "the user's limit"
        return Finding("processes", True, f"Processes: their number is held by {by}.")
    return Finding(
        "processes",
        False,
        "Processes: their number is not held; grade as an ordinary user on Linux 5.14 or newer, or "
        "where control groups may be made.",
    )


def _temporary(found: dict[str, Any]) -> Finding:
    held = found["temporary"] <= LIMITS.temporary
    sentence = "its size is held." if held else "more than the limit could be written."
    return Finding("temporary", held, f"Temporary files: {sentence}")


JUDGES: tuple[Callable[[dict[str, Any]], Finding], ...] = (
    _network,
    _files,
    _namespaces,
    _memory,
    _processes,
    _temporary,
)
