"""Ctrl-C in `chapters run`: one sentence, no kernel left behind, nothing lost, no second try."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stub_chapters import code, write_chapter

from exposure_lab.publishing.child_process import child_process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to terminals alone"),
]
PROGRAM = (sys.executable, "-c", "from exposure_lab.cli.main import main; main()")
ENDLESS = """
import os, pathlib, time
pathlib.Path({mark!r}).write_text(str(os.getpid()))
while True:
    time.sleep(0.1)
"""


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file in which the endless chapter leaves the number of its kernel's process."""
    mark = tmp_path / "kernel"
    write_chapter(tmp_path, "01_quick", code("1"))
    write_chapter(tmp_path, "02_endless", code(ENDLESS.format(mark=str(mark))))
    write_chapter(tmp_path, "03_quick", code("1"))
    return mark


@pytest.fixture
def running(mark: Path) -> Iterator["subprocess.Popen[str]"]:
    """`chapters run` in a group of its own, in the middle of the endless chapter."""
    command = [*PROGRAM, "chapters", "run"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=mark.parent, text=True, start_new_session=True, env=environment, **pipes
    )
    until(lambda: mark.exists() and mark.read_text() != "")
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(done: object, seconds: float = 60) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def lives(number: int) -> bool:
    """Whether there is a process of this number that has not ended."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.mark.parametrize("group", [True, False], ids=["in a terminal", "to the command alone"])
def test_ctrl_c_ends_it_all_with_a_sentence(
    running: "subprocess.Popen[str]", mark: Path, group: bool
) -> None:
    send = os.killpg if group else os.kill
    send(running.pid, signal.SIGINT)
    output, complaint = running.communicate(timeout=60)
    assert complaint.splitlines()[-1] == "Stopped; every file that was written is whole."
    assert "Traceback" not in complaint and running.returncode == 130
    first, last = output.splitlines()
    assert first.startswith("01_quick") and last.split() == ["02_endless", "stopped"]
    until(lambda: not lives(int(mark.read_text())))
    made = sorted(path.name for path in (mark.parent / "build" / "chapters").glob("*.ipynb"))
    assert made == ["01_quick.ipynb"]


def test_what_ignores_an_interruption_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exposure_lab.publishing.child_process.PATIENCE", (0.1, 0.1, 0.1))
    deaf = "import signal, time\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
    deaf += "print('ready', flush=True)\ntime.sleep(600)"
    with (
        pytest.raises(KeyboardInterrupt),
        child_process([sys.executable, "-c", deaf]) as process,
    ):
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        raise KeyboardInterrupt
    assert process.returncode == -signal.SIGKILL
