"""Probe inside the sandbox: tries what must not work, and tells the grader how it went.

It is started as the worker is, and needs the standard library alone.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import sys
import time
from typing import Any

NEW_USER_NAMESPACE = 0x10000000


def main(arguments: list[str]) -> None:
    """Try everything and write one record."""
    job = json.load(sys.stdin.buffer)
    for name, limit in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    findings: dict[str, Any] = {
        "network": _reach_network(job["port"]),
        "namespace": _in_child(_make_namespace),
        "memory": _in_child(lambda: _take_memory(2 * job["memory"])),
        "processes": _count_processes(2 * job["processes"]),
        "temporary": _fill("/tmp/probe", 2 * job["temporary"]),
        "written": [path for path in job["read_only"] if _can_open(path, os.O_WRONLY)],
        "seen": [path for path in job["out_of_sight"] if os.path.exists(path)],
    }
    os.write(int(arguments[0]), json.dumps(findings).encode() + b"\n")


def _reach_network(port: int) -> bool:
    """Whether the grader's own machine, or another one, can be reached."""
    for address in (("127.0.0.1", port), ("192.0.2.1", 9)):
        with socket.socket() as end:
            end.settimeout(0.5)
            try:
                end.connect(address)
                return True
            except ConnectionRefusedError:
                continue  # nobody listens here, though somebody does outside
            except TimeoutError:
                return True  # it went out, and nobody answered
            except OSError:
                continue
    return False


def _make_namespace() -> bool:
    return bool(ctypes.CDLL(None).unshare(NEW_USER_NAMESPACE) == 0)


def _take_memory(size: int) -> bool:
    taken = []
    for _ in range(size // 2**20):
        taken.append(bytearray(b"x") * 2**20)
    return True


def _in_child(attempt: Any) -> bool:
    """Whether an attempt succeeds in a process of its own, which it may cost."""
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = attempt()
        finally:
            os._exit(0 if done else 1)
    return os.waitpid(child, 0)[1] == 0


def _count_processes(most: int) -> int:
    """How many processes can be started beside this one."""
    children = []
    try:
        for _ in range(most):
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def _fill(path: str, most: int) -> int:
    """How many bytes a file in the temporary folder can hold."""
    written = 0
    try:
        with open(path, "wb", buffering=0) as file:
            while written < most:
                written += file.write(bytes(2**20))
    except OSError:
        pass
    os.unlink(path)
    return written


def _can_open(path: str, flags: int) -> bool:
    """Whether a file can be opened so; nothing is written."""
    try:
        os.close(os.open(path, flags))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
