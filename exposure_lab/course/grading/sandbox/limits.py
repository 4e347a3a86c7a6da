"""Limits of a worker: what it may take, and which of it falls to the worker's own limits."""

import platform
from dataclasses import dataclass

GIB = 2**30

ADDRESSES = 4 * GIB
"""Addresses that torch maps without using them, bytes."""

OWN_PROCESSES = 6
"""Processes of bubblewrap and of the worker itself."""


@dataclass(frozen=True)
class Limits:
    """What a worker may take; the seconds of each question stand in its job."""

    memory: int = 2 * GIB
    """Bytes, of all its processes where control groups hold them, else of each."""
    processes: int = 64
    temporary: int = 256 * 2**20
    """Bytes in its folder for temporary files, and again in its shared memory."""
    file: int = 64 * 2**20
    """Bytes of one file."""
    open_files: int = 256
    start: float = 60.0
    """Seconds until its libraries are imported."""

    def own(self, *, memory: bool, processes: bool) -> dict[str, int]:
        """Limits that the worker sets on itself before it runs a line of a student.

        Args:
            memory: whether memory is among them, because no control group holds it.
            processes: whether their number is, for the same reason.
        """
        own = {"FSIZE": self.file, "NOFILE": self.open_files, "CORE": 0}
        if memory:
            own |= {"DATA": self.memory, "AS": self.memory + ADDRESSES}
        # Older kernels count every process of the user, and would refuse the first fork.
        if processes and counts_by_namespace():
            own["NPROC"] = self.processes + OWN_PROCESSES
        return {f"RLIMIT_{name}": value for name, value in own.items()}


def counts_by_namespace() -> bool:
    """Whether the system counts a user's processes by namespace: Linux does since 5.14."""
    numbers = platform.release().split(".")[:2]
    return all(part.isdigit() for part in numbers) and tuple(map(int, numbers)) >= (5, 14)
