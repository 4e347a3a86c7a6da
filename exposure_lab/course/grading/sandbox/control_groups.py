"""Control groups of Linux, where this process may make them: they hold memory and processes.

Version 1 has a tree a controller; a group is made below this process's own. Version 2 has one tree,
in which a group can be made below the nearest group that is ours to write and passes both
controllers on. No process of anybody is ever moved but the worker's.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = "exposure-lab-"

MEMORY, PROCESSES = "memory", "pids"


@dataclass(frozen=True)
class GroupHomes:
    """Folders in which groups may be made; the same one twice in version 2."""

    version: int
    memory: Path | None
    processes: Path | None


def find_group_homes(proc: Path = Path("/proc/self")) -> GroupHomes:
    """Find where this process may make control groups.

    Args:
        proc: this process's folder in the process file system.
    """
    try:
        mounts = (proc / "mountinfo").read_text().splitlines()
        groups = (proc / "cgroup").read_text().splitlines()
    except OSError:
        return GroupHomes(0, None, None)
    own: dict[str, str] = {}
    for line in groups:
        _, controllers, path = line.split(":", 2)
        own |= {name: path for name in controllers.split(",")}
    memory = processes = None
    for kind, options, root, point in map(_mount, mounts):
        if kind == "cgroup2" and (
            home := _home_in_version_2(_below(point, root, own.get("", "/")))
        ):
            return GroupHomes(2, home, home)
        if kind == "cgroup" and MEMORY in options:
            memory = _writable(_below(point, root, own.get(MEMORY, "/")))
        if kind == "cgroup" and PROCESSES in options:
            processes = _writable(_below(point, root, own.get(PROCESSES, "/")))
    return GroupHomes(1 if memory or processes else 0, memory, processes)


def _mount(line: str) -> tuple[str, list[str], str, Path]:
    """Kind, options, root and place of a mount, from its line."""
    before, _, after = line.partition(" - ")
    kind, _, *options = after.split(" ")
    fields = before.split(" ")
    return kind, ",".join(options).split(","), fields[3], Path(fields[4])


def _below(point: Path, root: str, own: str) -> Path:
    """Folder of a group: in a container, the mount begins below the system's root group."""
    inside = own.removeprefix(root) if root != "/" else own
    return point / inside.lstrip("/")


def _writable(folder: Path) -> Path | None:
    return folder if os.access(folder, os.W_OK) else None


def _home_in_version_2(own: Path) -> Path | None:
    """Nearest group at or above our own which passes both controllers on and is ours to write."""
    for folder in (own, *own.parents):
        try:
            passed_on = (folder / "cgroup.subtree_control").read_text().split()
        except OSError:
            return None
        may_move = os.access(folder / "cgroup.procs", os.W_OK)
        if {MEMORY, PROCESSES} <= set(passed_on) and may_move and os.access(folder, os.W_OK):
            return folder
    return None


class ControlGroup:
    """Group of one worker: made with its limits, removed with its last process."""

    def __init__(self, homes: GroupHomes, memory: int, processes: int) -> None:
        name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._memory = homes.memory and homes.memory / name
        self._processes = homes.processes and homes.processes / name
        try:
            for folder in self._folders():
                folder.mkdir()
            if self._memory is not None and homes.version == 2:
                (self._memory / "memory.max").write_text(str(memory))
                with suppress(OSError):  # a system without swap has no such file
                    (self._memory / "memory.swap.max").write_text("0")
            elif self._memory is not None:
                (self._memory / "memory.limit_in_bytes").write_text(str(memory))
                with suppress(OSError):
                    (self._memory / "memory.memsw.limit_in_bytes").write_text(str(memory))
            if self._processes is not None:
                (self._processes / "pids.max").write_text(str(processes))
        except OSError:
            self.remove()
            raise

    @property
    def doors(self) -> list[str]:
        """Files that a process writes its number to, to enter the group."""
        return [str(folder / "cgroup.procs") for folder in self._folders()]

    def memory_kills(self) -> int:
        """How often the system ended a process of the group for want of memory."""
        name = "memory.events" if self._memory == self._processes else "memory.oom_control"
        return _count(self._memory, name, "oom_kill")

    def refused_processes(self) -> int:
        """How often a process more than allowed was asked for."""
        return _count(self._processes, "pids.events", "max")

    def remove(self) -> None:
        """Remove the group; its last process may take a moment to go."""
        for folder in self._folders():
            for _ in range(100):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)
                else:
                    break

    def _folders(self) -> Iterator[Path]:
        yield from dict.fromkeys(f for f in (self._memory, self._processes) if f is not None)


def remove_leftovers(homes: GroupHomes) -> None:
    """Remove groups of graders that were killed; one that still has processes stays."""
    for home in {homes.memory, homes.processes} - {None}:
        assert home is not None
        for folder in home.glob(f"{PREFIX}*-*"):
            maker = folder.name.removeprefix(PREFIX).partition("-")[0]
            if not Path("/proc", maker).exists():
                with suppress(OSError):
                    folder.rmdir()


def _count(folder: Path | None, name: str, key: str) -> int:
    """Number behind a key in a file of a group; 0 where there is none."""
    if folder is None:
        return 0
    with suppress(OSError):
        for line in (folder / name).read_text().splitlines():
            if line.startswith(f"{key} "):
                return int(line.split()[1])
    return 0
