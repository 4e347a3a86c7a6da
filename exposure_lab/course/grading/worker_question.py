"""One question inside the sandbox: the student's cells, then a call for each case.

It runs in a process of its own and needs the standard library, and numpy and torch only where the
answer does.
"""

import errno
import random
import sys
from io import TextIOBase
from types import ModuleType
from typing import Any

MAX_PRINTED = 2_000
"""Characters that are kept of what an answer prints."""

MAX_RAISED = 200
"""Characters that are kept of an error."""


class Printed(TextIOBase):
    """Stream that keeps the beginning of what is written and forgets the rest."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        self.text += without_halves(str(text)[: MAX_PRINTED - len(self.text)])
        return len(text)


def answer(
    question: dict[str, Any],
    notebook: Any,
    namespace: ModuleType,
    results: Any,
    wire: ModuleType,
    threads: int,
) -> None:
    """Run the cells that the question needs, then its cases, and write the evidence."""
    printed = Printed()
    sys.stdout = printed
    sys.modules["__main__"] = namespace
    _prefer_as_victim()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    _seed(wire.CASE_SEED)
    found, raised = notebook.run(question["id"], question["name"], vars(namespace))
    if found is not notebook.MISSING:
        for record in _records(question, found, wire):
            record["question"] = question["id"]
            if not results.write(record):
                what = "ValueError: the result is larger than 4 MB"
                fallback = {"case": record["case"], "raised": what, "limit": "output"}
                results.write({"question": question["id"], **fallback})
    missing = found is notebook.MISSING
    error = None if raised is None else in_one_line(raised)
    end = {"printed": printed.text, "missing": missing, "error": error}
    results.write({"end": question["id"], **end})


def _records(question: dict[str, Any], found: Any, wire: ModuleType) -> Any:
    """Evidence of each case, one after another."""
    if question["cases"] is None:
        yield _record(0, lambda: found, wire)
        return
    run = found
    if question["harness"] is not None:
        harness = _harness(question)

        def run(*arguments: Any) -> Any:
            return harness(found, *arguments)

    for number, case in enumerate(question["cases"]):
        arguments = [wire.decode(argument, tensors=True) for argument in case]
        before = [wire.encode(argument) for argument in arguments]
        _seed(wire.CASE_SEED)
        record = _record(number, lambda arguments=arguments: run(*arguments), wire)
        if question["harness"] is None and not _unchanged(arguments, before, wire):
            record["changed"] = True
        yield record


def _record(number: int, call: Any, wire: ModuleType) -> dict[str, Any]:
    try:
        return {"case": number, "value": wire.encode(call())}
    except BaseException as error:  # an answer may raise SystemExit or an error of its own
        record = {"case": number, "raised": in_one_line(error)}
        if limit := _limit_of(error):
            record["limit"] = limit
        return record


def _unchanged(arguments: list[Any], before: list[Any], wire: ModuleType) -> bool:
    try:
        return [wire.encode(argument) for argument in arguments] == before
    except BaseException:  # what an argument has become cannot be carried
        return False


def _harness(question: dict[str, Any]) -> Any:
    """The function that calls the answer, in a namespace that no cell has touched."""
    import __future__

    # Annotations stay unread: the names in them belong to the module that the source is from.
    flags = __future__.annotations.compiler_flag
    scope: dict[str, Any] = {"__name__": "harness"}
    exec(compile(question["harness"], "<harness>", "exec", flags, dont_inherit=True), scope)
    return scope[question["harness_name"]]


def _seed(seed: int) -> None:
    """Random numbers as the references saw them: before the cells, and before each case."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _prefer_as_victim() -> None:
    """Ask the system to end this process before the worker where memory runs out."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("500")
    except OSError:
        pass  # then the grader starts a new worker


def in_one_line(error: BaseException) -> str:
    """Type and message of an error, cut."""
    try:
        message = " ".join(str(error).split())
        name = type(error).__name__
        return without_halves((f"{name}: {message}" if message else name)[:MAX_RAISED])
    except BaseException:  # an error whose message raises
        return type(error).__name__[:MAX_RAISED]


def without_halves(text: str) -> str:
    """Text without halves of characters, for which the grader would pass a whole record over."""
    return text.encode("utf-8", "replace").decode()


def _limit_of(error: BaseException) -> str | None:
    """The limit that an error speaks of."""
    text = in_one_line(error)
    if isinstance(error, MemoryError) or "allocate memory" in text:
        return "memory"
    refused = isinstance(error, OSError) and error.errno == errno.EAGAIN
    if refused or "start new thread" in text:
        return "processes"
    return None
