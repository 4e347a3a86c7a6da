"""Parts of the sandbox: control groups, limits, reader, groups of questions, staged package."""

import os
from pathlib import Path
from typing import Any

import pytest
from worker_runs import asked

from exposure_lab.course.grading.question_groups import group_questions
from exposure_lab.course.grading.sandbox import stage
from exposure_lab.course.grading.sandbox.bubblewrap import command, environment
from exposure_lab.course.grading.sandbox.capped_reader import CappedReader, TooMuch
from exposure_lab.course.grading.sandbox.control_groups import (
    ControlGroup,
    GroupHomes,
    find_group_homes,
    remove_leftovers,
)
from exposure_lab.course.grading.sandbox.interpreter import Interpreter, this_interpreter
from exposure_lab.course.grading.sandbox.limits import Limits
from exposure_lab.course.grading.sandbox.modules import with_imports
from exposure_lab.course.grading.sandbox.stage import stage_package
from exposure_lab.errors import GradingError


def _made_up_proc(folder: Path, mounts: str, groups: str) -> Path:
    (folder / "mountinfo").write_text(mounts)
    (folder / "cgroup").write_text(groups)
    return folder


def test_groups_of_version_2_are_made_where_both_controllers_are_passed_on(tmp_path: Path) -> None:
    slice_, scope = tmp_path / "app.slice", tmp_path / "app.slice/terminal.scope"
    scope.mkdir(parents=True)
    for folder, passed_on in ((slice_, "cpu memory pids"), (scope, "")):
        (folder / "cgroup.subtree_control").write_text(passed_on)
        (folder / "cgroup.procs").write_text("")
    proc = _made_up_proc(
        tmp_path,
        f"31 23 0:28 / {tmp_path} rw - cgroup2 cgroup2 rw\n",
        "0::/app.slice/terminal.scope\n",
    )
    homes = find_group_homes(proc)
    assert homes == GroupHomes(2, slice_, slice_)
    group = ControlGroup(homes, memory=1000, processes=7)
    (folder,) = slice_.glob("exposure-lab-*")
    assert (folder / "memory.max").read_text() == "1000"
    assert (folder / "pids.max").read_text() == "7"
    assert group.doors == [f"{folder}/cgroup.procs"]
    (folder / "memory.events").write_text("oom 3\noom_kill 2\n")
    (folder / "pids.events").write_text("max 4\n")
    assert (group.memory_kills(), group.refused_processes()) == (2, 4)


def test_groups_of_version_1_are_made_below_our_own_in_a_container_too(tmp_path: Path) -> None:
    own = tmp_path / "memory/job"
    own.mkdir(parents=True)
    mounts = f"31 23 0:28 /docker/abc {tmp_path}/memory rw - cgroup cgroup rw,memory\n"
    groups = "4:memory:/docker/abc/job\n8:pids:/docker/abc\n"
    homes = find_group_homes(_made_up_proc(tmp_path, mounts, groups))
    assert homes == GroupHomes(1, own, None)
    group = ControlGroup(homes, memory=1000, processes=7)
    (folder,) = own.iterdir()
    assert (folder / "memory.limit_in_bytes").read_text() == "1000"
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\noom_kill 1\n")
    assert (group.memory_kills(), group.refused_processes()) == (1, 0)


def test_groups_of_a_killed_grader_are_removed_and_no_others(tmp_path: Path) -> None:
    names = ("exposure-lab-999999999-ab", f"exposure-lab-{os.getpid()}-ab", "x")
    gone, ours, other = (tmp_path / name for name in names)
    for folder in (gone, ours, other):
        folder.mkdir()
    remove_leftovers(GroupHomes(2, tmp_path, tmp_path))
    assert [folder.exists() for folder in (gone, ours, other)] == [False, True, True]


def test_no_group_is_left_behind(tmp_path: Path) -> None:
    homes = find_group_homes()
    if homes.memory is None:
        pytest.skip("No control groups can be made here.")
    before = set(homes.memory.iterdir())
    group = ControlGroup(homes, 2**20, 10)
    assert len(set(homes.memory.iterdir()) - before) == 1
    group.remove()
    assert set(homes.memory.iterdir()) == before


def test_without_groups_the_worker_limits_itself() -> None:
    limits = Limits(memory=1000, processes=5)
    assert set(limits.own(memory=False, processes=False)) == {
        "RLIMIT_FSIZE",
        "RLIMIT_NOFILE",
        "RLIMIT_CORE",
    }
    own = limits.own(memory=True, processes=False)
    assert own["RLIMIT_DATA"] == 1000
    # Torch maps more addresses than it uses: below 4 GiB it cannot be imported.
    assert own["RLIMIT_AS"] >= 4 * 2**30
    assert Limits().own(memory=True, processes=False)["RLIMIT_AS"] >= 6 * 2**30


@pytest.fixture
def pipe() -> Any:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield CappedReader(reader), writer
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(
    "line",
    [
        b"[1, 2]",
        b"no JSON",
        b'{"a": NaN}',
        b'{"a": 1e999999, "a": -Infinity}',
        b"[" * 50_000,
        b'{"a": "\\ud800"}',
        b"\xff\xfe",
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
)
def test_the_reader_passes_over_what_is_no_record(line: bytes, pipe: Any) -> None:
    reader, writer = pipe
    os.write(writer, line + b'\n{"value": "\\ud83d\\ude00"}\n')
    assert list(reader.read(1.0)) == [{"value": "😀"}]


def test_the_reader_takes_no_line_without_end(pipe: Any) -> None:
    reader, writer = pipe
    with pytest.raises(TooMuch):
        for _ in range(100):
            os.write(writer, b"x" * 65536)
            assert list(reader.read(1.0)) == []


def test_the_reader_takes_so_many_lines_and_no_more(pipe: Any) -> None:
    reader, writer = pipe
    with pytest.raises(TooMuch):
        for _ in range(10):
            os.write(writer, b"\n" * 60_000)
            assert list(reader.read(1.0)) == []


def test_a_small_line_of_very_many_values_is_passed_over(pipe: Any) -> None:
    reader, writer = pipe
    found = []
    for part in (b'{"v": [', *[b"[]," * 20_000] * 25, b"[]]}\n"):
        os.write(writer, part)
        found += reader.read(1.0)
    os.write(writer, b'{"v": 1}\n')
    assert [*found, *reader.read(1.0)] == [{"v": 1}]


def test_questions_share_a_worker_unless_one_needs_what_another_leaves_out() -> None:
    srgb, blocks = "exposure_lab.images.srgb", "exposure_lab.networks.blocks"
    rendering = "exposure_lab.data.synthesis.exposure"
    questions = [
        asked("a", leaves_out=(srgb,)),
        asked("b", leaves_out=(blocks,)),
        asked("c", needs=(rendering,)),  # which imports srgb
        asked("d", leaves_out=("exposure_lab.images",), needs=(blocks,)),
    ]
    assert "images.srgb" in with_imports(["data.synthesis.exposure"])
    groups = [[question.name for question in group] for group in group_questions(questions)]
    assert groups == [["a", "b"], ["c"], ["d"]]


def test_a_question_that_leaves_out_what_it_needs_is_refused() -> None:
    question = asked("a", leaves_out=("exposure_lab.images",), needs=("exposure_lab.images.srgb",))
    with pytest.raises(GradingError, match=r"01\.a to leave out nothing that it needs"):
        group_questions([question])


def test_a_module_that_is_not_there_is_named_and_not_overlooked(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match=r"Unknown module 'images\.sgrb'; did you mean"):
        stage_package(["exposure_lab.images.sgrb"], tmp_path)


def test_a_staged_package_has_no_trace_of_what_is_left_out(tmp_path: Path) -> None:
    staged = stage_package(["exposure_lab.images.srgb", "exposure_lab.networks"], tmp_path)
    package = staged / "packages/exposure_lab"
    names = {str(path.relative_to(package)) for path in package.rglob("*")}
    assert "images/array.py" in names and "data/sample" in names
    assert any(name.startswith("images/__pycache__/array.") for name in names)
    left_out = ("srgb", "networks", "course", "results", "study", "publishing", "weights")
    assert not [name for name in names if set(left_out) & set(Path(name).parts)]
    assert not [name for name in names if Path(name).name.startswith("srgb.")]
    assert stage_package(["images.srgb", "networks"], tmp_path) == staged


def test_a_newer_package_is_staged_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_mark", stage._mark.__wrapped__)  # no cache
    older = stage_package(["images.srgb"], tmp_path)
    monkeypatch.setattr(stage, "package_digest", lambda: "another version")
    assert stage_package(["images.srgb"], tmp_path) != older


def test_every_installed_copy_of_the_package_is_hidden(tmp_path: Path) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    (site / "exposure_lab").mkdir(parents=True)
    python = Interpreter(Path("/usr/bin/python3"), (), (site,), (site / "exposure_lab",))
    words = command(["true"], python, tmp_path, Limits(), threads=1)
    shown, hidden = words.index(str(site)), words.index(str(site / "exposure_lab"))
    assert words[shown - 1 : shown + 2] == ["--ro-bind", str(site), str(site)]
    assert words[hidden - 1] == "--tmpfs" and hidden > shown
    assert this_interpreter().executable.is_file()


def test_the_environment_of_the_grader_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADING_TOKEN", "secret")
    words = command(["true"], this_interpreter(), Path("/nowhere"), Limits(), threads=1)
    assert "--clearenv" in words
    assert "GRADING_TOKEN" not in environment(1)
