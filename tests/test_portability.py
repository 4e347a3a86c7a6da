"""What other systems lack or do otherwise: line ends, names, encodings, modules, processes."""

import ast
import os
import subprocess
import sys
from pathlib import Path, PurePath

import pytest
from test_packaging import ROOT, known_files

from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.synthesis.splits import find_photos
from exposure_lab.files.names import folded_name
from exposure_lab.fingerprints import tree_digest
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.provenance import data_fingerprint

LINUX_ALONE = "exposure_lab/course/grading/sandbox"
"""Folder of what runs on Linux alone: bubblewrap, control groups, and what is inside of them."""

INSIDE_THE_SANDBOX = {
    "exposure_lab.course.grading.formative.inside",
    "exposure_lab.course.grading.sandbox.probe_inside",
    "exposure_lab.course.grading.worker",
}
"""Modules that only a sandbox runs."""

RESERVED = {"con", "prn", "aux", "nul", *(f"{a}{n}" for a in ("com", "lpt") for n in range(1, 10))}

LIKE_WINDOWS = """
import importlib, os, pkgutil, signal, sys, warnings
import psutil  # it has a part for each system, and that for Linux needs what goes now
for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline"):
    sys.modules[name] = None
for name in ("fork", "getuid", "geteuid", "getgid", "killpg", "setsid", "getpgid", "sync", "mkfifo",
             "chown", "sched_getaffinity", "nice", "wait4", "getloadavg", "statvfs", "fchmod"):
    delattr(os, name)
for name in ("SIGALRM", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGCHLD", "SIGPIPE", "SIGXCPU",
             "setitimer", "getitimer", "alarm", "pthread_sigmask"):
    delattr(signal, name)
warnings.simplefilter("ignore")  # of filelock, which misses fcntl
import exposure_lab
for module in pkgutil.walk_packages(exposure_lab.__path__, "exposure_lab."):
    try:
        importlib.import_module(module.name)
    except Exception as error:
        print(module.name)
"""

SPAWNED = """
import multiprocessing, sys
from pathlib import Path
from exposure_lab.profiles.load import load_profile
from exposure_lab.training.trainer import train

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    data, out, *overrides = sys.argv[1:]
    train(load_profile("smoke", [*overrides, "data.workers=2"]), data, out, quiet=True)
    print((Path(out) / "summary.json").exists())
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with the settings of git for Windows."""
    settings = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf")
    command = ["git", "-C", str(folder), *settings, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    return done.stdout


@pytest.mark.parametrize("ours", [True, False], ids=["with ours", "without"])
def test_a_checkout_has_the_same_bytes_everywhere(tmp_path: Path, ours: bool) -> None:
    """Else every digest of code and every stored text would differ on Windows."""
    files = {
        "code.py": b"one = 1\n",
        "run": b"#!/bin/sh\n",
        "chapter.ipynb": b"{\n}\n",
        "odd.jpg": b"\xff\xd8 a jpeg that reads as text\n",
        "weights.safetensors": b"{} and\nnumbers\n",
    }
    source, checkout = tmp_path / "source", tmp_path / "checkout"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    if ours:
        (source / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    git(source, "init", "--quiet")
    git(source, "add", "--all")
    git(source, "checkout-index", "--all", f"--prefix={checkout}/")
    same = {name: (checkout / name).read_bytes() == content for name, content in files.items()}
    assert all(same.values()) if ours else not any(same.values())


def test_what_is_committed_has_the_line_ends_that_are_asked_for() -> None:
    known_files()  # skips where there is no checkout
    lines = git(ROOT, "ls-files", "--eol").splitlines()
    assert len(lines) > 500
    assert [line for line in lines if line.startswith(("i/crlf", "i/mixed"))] == []
    kinds = {line.split("\t")[1].rpartition(".")[2] for line in lines if "i/-text" in line}
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert kinds and all(f"*.{kind} binary" in attributes for kind in kinds)


def test_every_system_can_check_out_every_name() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in known_files()]
    assert len({folded_name(path) for path in paths}) == len(paths)
    for path in paths:
        assert path.isascii() and not set(path) & set('<>:"|?*\\'), path
        assert len(path) <= 150, path  # Windows counts 260, with the folders above
        for part in path.split("/"):
            assert part.partition(".")[0].lower() not in RESERVED, path
            assert not part.endswith((".", " ")), path


def unnamed_encodings(source: str) -> list[int]:
    """Lines of calls that read or write text in whatever encoding the system has."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        keywords = {keyword.arg for keyword in node.keywords}
        if "encoding" in keywords:
            continue
        is_method = isinstance(node.func, ast.Attribute)
        name = node.func.attr if is_method else getattr(node.func, "id", "")
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if (
            (name == "read_text" and not node.args)
            or (name == "write_text" and is_method and len(node.args) < 2)
            or (name == "open" and not is_method and not any("b" in str(t) for t in texts[-1:]))
            or (
                name in ("run", "Popen", "check_output")
                and keywords & {"text", "universal_newlines"}
            )
        ) and "mode" not in keywords:
            lines.append(node.lineno)
    return lines


def test_text_has_an_encoding_of_its_own() -> None:
    """On Windows that of the system lacks most signs, and differs from one country to the next."""
    assert unnamed_encodings("path.read_text()\nopen(path)\nrun(x, text=True)") == [1, 2, 3]
    assert unnamed_encodings("path.read_text('utf-8')\nopen(path, 'rb')\nrun(x)") == []
    wrong = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for folder in ("exposure_lab", "data_scripts")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in unnamed_encodings(path.read_text("utf-8"))
    ]
    assert [one for one in wrong if not one.startswith(LINUX_ALONE)] == []


def test_order_and_digests_do_not_depend_on_how_paths_sort(
    tmp_path: Path, photo: Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths of Windows sort without case: a seed drew other splits and pairs there."""
    for name in ("Zoo/b", "apple/C", "apple/a", "Bridge", "cat"):
        write_image(tmp_path / "photos" / f"{name}.png", photo[:8, :8])
        write_image(
            tmp_path / "set" / "training" / "GT_IMAGES" / f"{Path(name).name}.png", photo[:8, :8]
        )
        for ev in ("_0", "_P1"):
            target = tmp_path / "set" / "training" / "INPUT_IMAGES"
            write_image(target / f"{Path(name).name}{ev}.png", photo[:8, :8])

    def facts() -> list[object]:
        photos = find_photos(tmp_path / "photos").found
        pairs = [pair.scene for pair in find_pairs(tmp_path / "set", "training")]
        return [photos, pairs, data_fingerprint(tmp_path / "set"), tree_digest(tmp_path / "photos")]

    here = facts()
    lowered = lambda one, other: str(one).lower() < str(other).lower()  # noqa: E731
    monkeypatch.setattr(PurePath, "__lt__", lowered)
    assert sorted([Path("B"), Path("a")]) == [Path("a"), Path("B")]
    assert facts() == here


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="this is Windows; the other tests import it all")
def test_all_is_imported_without_what_windows_lacks() -> None:
    command = [sys.executable, "-c", LIKE_WINDOWS]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    assert set(done.stdout.split()) == INSIDE_THE_SANDBOX


@pytest.mark.slow
def test_photos_are_loaded_by_processes_that_are_spawned(
    small_set: Path, tiny_overrides: list[str], tmp_path: Path
) -> None:
    """As on Windows and macOS, where they share nothing that cannot be pickled."""
    script = tmp_path / "script.py"
    script.write_text(SPAWNED, encoding="utf-8")
    command = [sys.executable, script, small_set, tmp_path / "run", *tiny_overrides]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
