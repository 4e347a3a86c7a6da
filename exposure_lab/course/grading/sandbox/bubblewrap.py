"""Command line of bubblewrap: a root with this Python, the staged package and nothing else."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from exposure_lab.course.grading.sandbox.interpreter import Interpreter
from exposure_lab.course.grading.sandbox.limits import Limits

OLDEST = (0, 8)
"""Version since which bubblewrap can forbid further namespaces and bound a temporary folder."""

PACKAGES, WORKER, HANDED_IN = "/packages", "/worker", "/handed-in"
"""Where the staged package, the worker's files and what came beside a notebook lie inside."""

NOBODY = "65534"

SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
    "/sys/devices/system/cpu",
)
"""What libraries look up: where they lie, by which name, the time zone, the processor's kind."""


def environment(threads: int) -> dict[str, str]:
    """Environment of a worker: nothing of the grader's."""
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "USER": "student",
        "LOGNAME": "student",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "",
        **{f"{name}_NUM_THREADS": str(threads) for name in libraries},
    }


def version() -> tuple[int, ...] | None:
    """Version of the bubblewrap that is installed; None where there is none."""
    if shutil.which("bwrap") is None:
        return None
    run = subprocess.run(["bwrap", "--version"], capture_output=True, encoding="utf-8", check=False)
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", run.stdout)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def command(
    inside: Sequence[str],
    python: Interpreter,
    stage: Path,
    limits: Limits,
    threads: int,
    handed_in: Path | None = None,
) -> list[str]:
    """Command that runs another one in a sandbox.

    Mounts are made in the order in which they stand here, so that a later one covers an earlier.

    Args:
        inside: the command, by its paths in the sandbox.
        python: what is shown of this Python.
        stage: folder of `stage_package`, or of `stage_worker` alone.
        limits: of which the size of the temporary folder is used.
        threads: that numerical libraries may start.
        handed_in: folder of the files beside a student's notebook, which can be read inside.
    """
    bwrap = [shutil.which("bwrap") or "bwrap", "--unshare-all"]
    bwrap += ["--unshare-user", "--disable-userns"]
    bwrap += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    bwrap += ["--uid", NOBODY, "--gid", NOBODY, "--hostname", "sandbox", "--clearenv"]
    for name, value in environment(threads).items():
        bwrap += ["--setenv", name, value]
    if handed_in is not None:
        bwrap += ["--setenv", "HANDED_IN", HANDED_IN]
    size = str(limits.temporary)
    # Before this Python, which may itself lie below /tmp.
    bwrap += ["--size", size, "--tmpfs", "/tmp", *_root(python)]
    bwrap += ["--ro-bind", str(stage / "worker"), WORKER]
    bwrap += ["--ro-bind-try", str(stage / "packages"), PACKAGES]
    if handed_in is not None:
        bwrap += ["--ro-bind", str(handed_in), HANDED_IN]
    # Where root grades, the files of /proc/sys belong to root, and so to the sandboxed process:
    # left writable, one of them would let it run commands outside.
    bwrap += ["--proc", "/proc", "--remount-ro", "/proc"]
    bwrap += ["--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    bwrap += ["--remount-ro", "/", "--chdir", "/tmp"]
    return [*bwrap, "--", *inside]


def _root(python: Interpreter) -> list[str]:
    """Mounts of the system's libraries and of this Python, without this package."""
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if Path(name).is_symlink():
            mounts += ["--symlink", os.readlink(name), name]
        elif Path(name).is_dir():
            mounts += ["--ro-bind", name, name]
    for name in (*SYSTEM_FILES, *map(str, python.own)):
        mounts += ["--ro-bind-try", name, name]
    # Twice: a checkout may hold the environment whose packages are needed, and these hold a copy.
    for around in (True, False):
        for folder in python.hidden:
            if around == any(site.is_relative_to(folder) for site in python.sites):
                mounts += ["--tmpfs", str(folder)]
        if around:
            for site in python.sites:
                mounts += ["--ro-bind", str(site), str(site)]
    for folder in python.hidden:
        mounts += ["--remount-ro", str(folder)]
    return mounts
