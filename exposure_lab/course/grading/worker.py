"""Worker inside the sandbox: reads a job, runs each question in a process of its own.

It is started as ``python -I -S -B worker.py RESULTS ALONE FOLDER...``: the descriptor that evidence
goes to, 1 where it is alone in its process namespace, and the folders that modules come from. The
job comes on stdin. Nothing here judges: what a student's code writes is that student's evidence.

This process imports what the answers need and runs no line of a student. Each question is answered
in a fork of it, which takes milliseconds with torch in memory, and runs the student's cells itself:
so a question that exits, hangs or changes modules leaves the next one as it would have been.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

MAX_LINE = 3_900_000
"""Bytes that a record may have; the grader reads lines that are a little longer."""

STOPPED_EARLY = 3
"""Exit status where processes were left behind: the other questions need a new sandbox."""


class Results:
    """Pipe to the grader, one record a line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, record: dict[str, Any]) -> bool:
        """Write a record; False where it is too long to be read, and was not written."""
        data = json.dumps(record, allow_nan=False).encode()
        if len(data) > MAX_LINE:
            return False
        # A line of its own even behind half a line that some process of a student left there.
        data = b"\n" + data + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]
        return True


def load(name: str) -> ModuleType:
    """Load a module from the file beside this one; it gets no name that an answer could import."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = util.spec_from_file_location(f"_worker_{name}", path)
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(arguments: list[str]) -> int:
    """Run the job; the exit status is 0 where all questions were run."""
    results, alone = Results(int(arguments[0])), arguments[1] == "1"
    sys.path += arguments[2:]
    job = json.load(sys.stdin.buffer)
    _leave_standard_streams()
    for name, limit in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    answering, wire = load("worker_question"), load("wire")
    cells, statements = load("worker_cells"), load("worker_statements")
    results.write({"ready": True})
    notebook = cells.Notebook(job, statements)
    _import_libraries(job["questions"], notebook.imports)
    namespace = notebook.run_setup()
    for question in job["questions"]:
        results.write({"begin": question["id"]})
        child = os.fork()
        if child == 0:
            _answer(question, notebook, namespace, results, answering, wire, job["threads"])
        results.write({"done": question["id"], **_wait_for(child, question["seconds"])})
        if alone and _processes_left():
            return STOPPED_EARLY
    return 0


def _answer(
    question: dict[str, Any],
    notebook: Any,
    namespace: ModuleType,
    results: Results,
    answering: ModuleType,
    wire: ModuleType,
    threads: int,
) -> None:
    """Answer one question in this process, which ends here."""
    try:
        os.setsid()  # a group of its own, so that all of it can be ended at once
        seconds = int(question["seconds"] * threads) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        answering.answer(question, notebook, namespace, results, wire, threads)
    finally:
        os._exit(0)


def _leave_standard_streams() -> None:
    """Point stdin, stdout and stderr to nowhere: what an answer prints is kept elsewhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _import_libraries(questions: list[dict[str, Any]], imported: set[str]) -> None:
    """Import numpy and torch once for all questions, where one of them needs it."""
    carried = json.dumps(questions)
    numpy = "numpy" in imported or '"dtype"' in carried or "numpy" in carried
    torch = "torch" in imported or '"tensor"' in carried or "torch" in carried
    # The first optimizer imports dynamo, for seconds: once here, and not in every fork.
    dynamo = torch and "optim" in carried
    wanted = {"numpy": numpy, "torch": torch, "torch._dynamo": dynamo}
    for name in (name for name, is_wanted in wanted.items() if is_wanted):
        try:
            __import__(name)
        except ImportError:
            pass  # the answer that needs it will say so


def _wait_for(child: int, seconds: float) -> dict[str, Any]:
    """Wait until the child ends, or end it; give the limit or the signal that ended it."""
    handle = os.pidfd_open(child)
    ended = bool(select.select([handle], [], [], seconds)[0])
    os.close(handle)
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    _, status = os.waitpid(child, 0)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    return {"limit": "time" if not ended or number == signal.SIGXCPU else None, "signal": number}


def _processes_left() -> bool:
    """Whether a process is left besides this one and the first, a moment after all were ended."""
    own = {"1", str(os.getpid())}
    for _ in range(20):
        if not [name for name in os.listdir("/proc") if name.isdigit() and name not in own]:
            return False
        time.sleep(0.01)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
