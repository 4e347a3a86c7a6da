"""Whole notebook inside the sandbox: its cells run in a kernel, in order, up to the first error.

It is started as ``python -I -S -B inside.py RESULTS ALONE FOLDER...`` like `worker.py`, and the job
comes on stdin. A record is written as each cell begins, so that the grader knows where a notebook
was that it had to end. Outputs are counted and dropped, but for what each check prints.
"""

import json
import os
import re
import resource
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LONGEST = 1_000
"""Signs of a text that are told; the grader keeps fewer."""

LONGEST_TRACEBACK = 100_000
"""Signs of a traceback that are looked at, from its end."""

COLOUR = re.compile(r"\x1b\[[0-9;]*m")

IN_CELL = re.compile(r"Cell In ?\[\d+\], line (\d{1,6})")
"""Matches what IPython says of a line; the cell that runs stands before what it called."""

KERNEL = "student"

BEGIN_KERNEL = (
    "import site, sys; "
    "sys.path += {folders}; "
    "site.sethelper(); "  # without `site`, notebooks would lack help()
    "from ipykernel.kernelapp import launch_new_instance; "
    "launch_new_instance()"
)
"""What the kernel's Python runs: it is as isolated as this one and finds the same modules."""


class Teller:
    """Pipe to the grader, one record a line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def tell(self, **record: Any) -> None:
        """Write a record; half a character, which could not be read again, becomes a mark."""
        shown = {
            key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
            for key, value in record.items()
        }
        data = json.dumps(shown).encode() + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]


def main(arguments: list[str]) -> int:
    """Run the job; what came of it is in the records."""
    teller, folders = Teller(int(arguments[0])), arguments[2:]
    sys.path += folders
    job = json.load(sys.stdin.buffer)
    for name, limit in job["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    missing = [name for name in job["needed"] if find_spec(name) is None]
    if missing:
        teller.tell(missing=missing)
        return 1
    _prepare(folders)
    _leave_standard_streams()
    try:
        _run(job, teller)
    except Exception as error:
        teller.tell(failed=f"{type(error).__name__}: {error}"[:LONGEST])
        raise
    return 0


def _prepare(folders: list[str]) -> None:
    """Describe the kernel to Jupyter, which with all it writes stays in the temporary folder."""
    home = Path(os.environ["HOME"])
    kernel = home / "jupyter" / "kernels" / KERNEL
    kernel.mkdir(parents=True)
    code = BEGIN_KERNEL.format(folders=folders)
    command = [sys.executable, "-I", "-S", "-B", "-c", code, "-f", "{connection_file}"]
    specification = {"argv": command, "display_name": KERNEL, "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
    os.environ |= {
        "EXPOSURE_LAB_HEADLESS": "1",
        "EXPOSURE_LAB_PROFILE": "smoke",
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NO_COLOR": "1",
    }


def _leave_standard_streams() -> None:
    """Point stdin, stdout and stderr to nowhere: a pipe that nobody reads would stop a notebook."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _run(job: dict[str, Any], teller: Teller) -> None:
    """Run the cells in a kernel, and tell as each begins, what checks print, and how it ends."""
    from nbclient.client import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from nbformat.v4 import new_code_cell, new_notebook

    class Client(NotebookClient):
        """Client that keeps no output, and ends a notebook that gives too much of it."""

        left = job["output"]
        printed = ""

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            content, kind = msg["content"], msg["msg_type"]
            if kind == "status":
                return super().process_message(msg, cell, cell_index)
            texts = [content.get("text", ""), *content.get("data", {}).values()]
            self.left -= sum(len(str(text)) for text in texts)
            if self.left < 0:
                teller.tell(limit="output")
                _end(self)
            if kind == "stream" and content.get("name") == "stdout":
                self.printed = (self.printed + str(content["text"]))[:LONGEST]
            return None

    cells = [new_code_cell(source) for source in job["cells"]]  # type: ignore[no-untyped-call]
    notebook = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    folder = Path(os.environ["HOME"]) / "notebook"
    folder.mkdir()
    client = Client(
        notebook,
        kernel_name=KERNEL,
        resources={"metadata": {"path": str(folder)}},
        timeout=None,
        startup_timeout=int(job["start"]),
        shutdown_kernel="immediate",
    )
    # Over the loopback device, of which a sandbox has one of its own.
    with client.setup_kernel():
        teller.tell(ready=True)  # until here, no line of a student has run
        for place, cell in enumerate(notebook.cells):
            teller.tell(begin=place)
            client.printed = ""
            try:
                client.execute_cell(cell, place)
            except CellExecutionError as error:
                told = f"{error.ename}: {error.evalue}"[:LONGEST]
                teller.tell(error=told, line=_line(error.traceback))
                _end(client)
            except DeadKernelError:
                teller.tell(limit="died")
                _end(client)
            if place in job["checks"]:
                teller.tell(check=place, line=client.printed)
        teller.tell(end=True)
        _end(client)


def _line(traceback: str) -> int:
    """Line of the cell in which an error came up, from 1; 0 where the traceback tells none."""
    found = IN_CELL.search(COLOUR.sub("", traceback[-LONGEST_TRACEBACK:]))
    return int(found[1]) if found else 0


def _end(client: Any) -> None:
    """End at once, with the kernel: without a sandbox it would be left behind."""
    provisioner = getattr(client.km, "provisioner", None)
    if number := getattr(provisioner, "pid", None):
        try:
            os.killpg(number, signal.SIGKILL)
        except OSError:
            pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
