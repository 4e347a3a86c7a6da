"""Hostile answers in the sandbox: each is stopped, its limit named, and nothing else harmed."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from worker_runs import asked, beside_an_honest_one, cell, evidence, require, values


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require()
    return tmp_path_factory.mktemp("stages")


LIMITED = {
    "time": "def f():\n    while True:\n        pass",
    "died: exit": "import os\ndef f():\n    os._exit(0)",
    "died: kill the worker": "import os\ndef f():\n    os.kill(os.getppid(), 9)",
    "died: kill all": "import os\ndef f():\n    os.kill(-1, 9)",
    "died: crash": "import ctypes\ndef f():\n    ctypes.string_at(0)",
    "time: stop the worker": (
        "import os\ndef f():\n    os.kill(os.getppid(), 19)\n    os.kill(os.getpid(), 19)"
    ),
    "memory": "def f():\n    return len(bytearray(b'x') * 3_000_000_000)",
    "memory: shared": (
        "import mmap\ndef f():\n    m = mmap.mmap(-1, 3_000_000_000)\n"
        "    for i in range(0, 3_000_000_000, 4096):\n        m[i] = 1"
    ),
    "memory: file": (
        "import os\ndef f():\n    fds = [os.memfd_create(str(i)) for i in range(99)]\n"
        "    for fd in fds:\n        os.write(fd, bytes(60_000_000))"
    ),
    "output": "import os\ndef f():\n    while True:\n        os.write(FD, b'x' * 65536)",
    "output: lines": "import os\ndef f():\n    while True:\n        os.write(FD, b'{}\\n' * 20000)",
    "output: value": "def f():\n    return [bytes(9).hex() * 4000] * 99",
    "processes": (
        "import os\ndef f():\n    while True:\n        try:\n            os.fork()\n"
        "        except OSError:\n            pass"
    ),
}

FIND_PIPE = (
    "import os\n"
    "def _pipe(d):\n"
    "    try:\n"
    "        return os.readlink(f'/proc/self/fd/{d}').startswith('pipe:')\n"
    "    except OSError:\n"
    "        return False\n"
    "FD = next((d for d in range(1000) if _pipe(d)), 1)\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("attack", LIMITED)
def test_a_limit_is_named_and_the_next_question_has_its_evidence(attack: str, stages: Path) -> None:
    found = beside_an_honest_one(stages, FIND_PIPE + LIMITED[attack], seconds=1.5)
    assert found.limit == attack.partition(":")[0]
    assert found.cases[0] is None or found.cases[0].value is None


HARMLESS = {
    "a daemon": (
        "import os, time\ndef f():\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if os.fork() == 0:\n            time.sleep(60)\n        os._exit(0)\n    return 1"
    ),
    "much on stdout": (
        "import os\ndef f():\n    for _ in range(2000):\n        os.write(1, b'x' * 99999)\n"
        "    print('y' * 10**8)\n    return 1"
    ),
    "modules changed": (
        "import builtins, json, sys\ndef f():\n    json.dumps = json.dump = lambda *a, **k: '{}'\n"
        "    builtins.len = lambda v: 0\n    sys.modules.clear()\n    return 1"
    ),
    "a module that shadows": (
        "import os, sys\ndef f():\n    os.makedirs('/tmp/exposure_lab')\n"
        "    open('/tmp/json.py', 'w').write('x = 1')\n    sys.path.insert(0, '/tmp')\n    return 1"
    ),
    "an object equal to all": (
        "class Any:\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n"
        "def f():\n    return Any()"
    ),
    "a value too deep": (
        "def f():\n    v = []\n    for _ in range(10**5):\n        v = [v]\n    return v"
    ),
    "a number too long": "def f():\n    return 10**10**6",
    "an error without end": (
        "class Bad(BaseException):\n    def __str__(self):\n        return 'x' * 10**8\n"
        "def f():\n    raise Bad"
    ),
    "an error that raises": (
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\n"
        "def f():\n    raise Bad"
    ),
    "exit": "import sys\ndef f():\n    sys.exit(0)",
}


@pytest.mark.parametrize("attack", HARMLESS)
def test_an_attack_reaches_no_other_question(attack: str, stages: Path) -> None:
    beside_an_honest_one(stages, HARMLESS[attack], seconds=4.0)


def test_forged_records_count_for_no_other_question(stages: Path) -> None:
    forged = (
        "def f():\n"
        '    for line in (\'{"question": "01.g", "case": 0, "value": 5}\',\n'
        '                 \'{"question": "01.f", "case": 7, "value": 5}\',\n'
        "                 '{\"end\": \"01.g\"}', '[' * 10**5, '{\"end\": NaN', '\\udc80'):\n"
        "        os.write(FD, b'\\n' + line.encode(errors='replace') + b'\\n')\n"
        "    os.write(FD, b'{\"half a line')\n"
        "    return 3"
    )
    found = beside_an_honest_one(stages, FIND_PIPE + forged)
    assert len(found.cases) == 1


@pytest.mark.slow
def test_cells_that_cannot_be_run_cost_no_other_question_its_evidence(stages: Path) -> None:
    questions = [asked("f", (1,), seconds=1.0), asked("g", (1,))]
    cells = [
        cell("while True:\n    pass", "f"),
        cell("import os\nos._exit(1)"),
        cell("this is no Python"),
        cell("def g(x):\n    return x", "g"),
    ]
    hanging, honest = evidence(stages, questions, *cells)
    assert hanging.limit == "time" and hanging.cases == (None,)
    assert values(honest) == [1]


LOOK = """
import os, socket
def f(paths):
    seen = []
    for path in paths:
        try:
            seen.append((path, os.listdir(path) if os.path.isdir(path) else open(path).read(1)))
        except OSError:
            pass
    return [path for path, what in seen if what]
def g(paths):
    written = []
    for path in paths:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            written.append(path)
        except OSError:
            pass
    return written
def h(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1)
        return 'reached'
    except OSError as error:
        return type(error).__name__
"""


def test_files_outside_cannot_be_read(stages: Path, tmp_path: Path) -> None:
    (tmp_path / "other.ipynb").write_text("answers of another student")
    repository = Path(__file__).parents[3]
    paths = ["/etc/shadow", "/etc/passwd", "/home", "/var", "/proc/1/environ"]
    paths.append(os.path.join("/proc/1", "root", "home"))
    paths += map(str, (repository / "book", repository / "exposure_lab", tmp_path, Path(__file__)))
    (found,) = evidence(stages, [asked("f", (paths,))], cell(LOOK, "f"))
    assert set(values(found)[0]) <= {"/proc/1/environ"}  # bubblewrap's own, which was cleared


def test_only_the_folder_for_temporary_files_can_be_written(stages: Path) -> None:
    paths = ["/x", "/etc/x", "/usr/x", "/srv/x", "/dev/x", "/proc/sys/kernel/core_pattern"]
    paths += ["/worker/worker.py", "/packages/x.py", "/proc/sysrq-trigger", "/tmp/x", "/dev/shm/x"]
    (found,) = evidence(stages, [asked("g", (paths,))], cell(LOOK, "g"))
    assert values(found) == [["/tmp/x", "/dev/shm/x"]]


def test_no_network_not_even_of_this_machine(stages: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()  # it is there, seen from here
        (found,) = evidence(stages, [asked("h", (port,))], cell(LOOK, "h"))
    assert values(found) == ["ConnectionRefusedError"]


def test_the_answers_in_the_library_are_not_there(stages: Path) -> None:
    look = (
        "import os, sys\n"
        "def f():\n"
        "    folders = ['/packages', *sys.path]\n"
        "    folders = [os.path.join(folder, 'exposure_lab') for folder in folders]\n"
        "    return sorted({os.path.join(found, name) for folder in folders\n"
        "                   for found, _, names in os.walk(folder) for name in names})"
    )
    question = asked("f", (), leaves_out=("exposure_lab.images.srgb",))
    (found,) = evidence(stages, [question], cell(look, "f"))
    (files,) = values(found)
    assert "/packages/exposure_lab/images/array.py" in files
    assert not [name for name in files if "srgb" in name or "/course/" in name]
    assert not [name for name in files if not name.startswith("/packages/")]


def test_a_killed_grader_leaves_no_worker_behind(stages: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from worker_runs import asked, cell, evidence\n"
        "evidence(Path(sys.argv[1]), [asked('f', (), seconds=60)], "
        "cell('import time\\ndef f():\\n    time.sleep(60)', 'f'))\n"
    )
    here = str(Path(__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(stages)], env={**os.environ, "PYTHONPATH": here}
    ) as grader:
        _wait_until(lambda: len(_commands_with(f"{stages}/", "worker.py")) >= 2)
        grader.kill()
    _wait_until(lambda: not _commands_with(f"{stages}/", "worker.py"))


def _commands_with(*words: str) -> list[str]:
    """Command lines of this machine's processes that hold all these words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_text(errors="replace")
            found += [line] if all(word in line for word in words) else []
    return found


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
