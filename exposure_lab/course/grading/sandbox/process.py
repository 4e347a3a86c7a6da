"""Process in the sandbox: started with its limits, and ended with all it started."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType

from exposure_lab.course.grading.sandbox.bubblewrap import (
    PACKAGES,
    WORKER,
    command,
    environment,
)
from exposure_lab.course.grading.sandbox.control_groups import (
    ControlGroup,
    GroupHomes,
    find_group_homes,
    remove_leftovers,
)
from exposure_lab.course.grading.sandbox.interpreter import this_interpreter
from exposure_lab.course.grading.sandbox.limits import OWN_PROCESSES, Limits

ENTER_GROUPS = """
while [ "$1" != -- ]; do echo $$ > "$1" || exit; shift; done
shift
exec "$@"
"""
"""Script that enters control groups and then becomes the command, so that none of it is outside."""


@cache
def group_homes() -> GroupHomes:
    """Where this machine lets us make control groups; groups that a killed grader left are removed.

    A folder counts only where a group can be made in it.
    """
    homes = find_group_homes()
    remove_leftovers(homes)
    try:
        ControlGroup(homes, 2**30, 64).remove()
    except OSError:
        return GroupHomes(0, None, None)
    return homes


class SandboxedProcess:
    """A script of the staged worker's folder, running in a sandbox of its own.

    Its results come through `results`, a descriptor that never blocks; what it prints goes nowhere.
    """

    def __init__(
        self,
        script: str,
        job: bytes,
        stage: Path,
        limits: Limits,
        *,
        threads: int = 1,
        sandboxed: bool = True,
        handed_in: Path | None = None,
    ) -> None:
        homes = group_homes()
        self._group = ControlGroup(homes, limits.memory, limits.processes + OWN_PROCESSES)
        self._folder = tempfile.TemporaryDirectory(prefix="exposure-lab-worker-")
        self.results, writer = os.pipe()
        os.set_blocking(self.results, False)
        source = _sealed(job)
        python = this_interpreter()
        worker, packages = str(stage / "worker"), str(stage / "packages")
        if sandboxed:
            worker, packages = WORKER, PACKAGES
        inside = [str(python.executable), "-I", "-S", "-B", f"{worker}/{script}", str(writer)]
        inside += ["1" if sandboxed else "0", packages, *map(str, python.sites)]
        if sandboxed:
            inside = command(inside, python, stage, limits, threads, handed_in)
        variables = environment(threads) | {"HOME": self._folder.name, "TMPDIR": self._folder.name}
        if handed_in is not None:
            variables["HANDED_IN"] = str(handed_in)
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", ENTER_GROUPS, "sh", *self._group.doors, "--", *inside],
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(writer,),
                cwd=self._folder.name,
                env=variables,
                start_new_session=True,
            )
        except BaseException:
            os.close(self.results)
            self._group.remove()
            self._folder.cleanup()
            raise
        finally:
            os.close(writer)
            os.close(source)

    def __enter__(self) -> "SandboxedProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        os.close(self.results)
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._group.remove()
        self._folder.cleanup()

    def end(self) -> None:
        """End it at once; its process namespace goes with it, and all that is in there."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self._process.poll() is not None

    def memory_kills(self) -> int:
        """How often the system ended one of its processes for want of memory."""
        return self._group.memory_kills()

    def refused_processes(self) -> int:
        """How often it asked for a process more than it may have."""
        return self._group.refused_processes()

    def complaint(self) -> str:
        """The last line that bubblewrap or Python wrote before the worker began."""
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        text = (self._process.stderr.read(65536) or b"").decode(errors="replace")
        return text.strip().splitlines()[-1] if text.strip() else "no message"


def _sealed(data: bytes) -> int:
    """Descriptor of a file in memory that nobody can change, to be read from its beginning."""
    assert sys.platform == "linux"
    import fcntl  # which Windows lacks, where `doctor` says that there is no sandbox

    descriptor = os.memfd_create("job", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
