"""Threads in which one photo is corrected: one for each processor, or one alone."""

import os
import sys

_processes_beside = False


def use_one_thread() -> None:
    """Use one thread from now on in this process: others beside it have the other processors."""
    global _processes_beside
    _processes_beside = True
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def thread_count() -> int:
    """Number of threads that may be used."""
    if _processes_beside:
        return 1
    if hasattr(os, "sched_getaffinity"):  # where a process may be kept to some of the processors
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
