"""Runs of chapters: judged by what happened in the cells, in an empty folder, into a copy."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from nbformat.v4 import new_notebook, new_output
from stub_chapters import code, exercise, odd_program, text, write_chapter

from exposure_lab.errors import ChapterError, ConfigError, FilesError
from exposure_lab.files.ownership import LOCK
from exposure_lab.publishing import run_chapters as module
from exposure_lab.publishing.chapter_names import select_chapters
from exposure_lab.publishing.contract import problems
from exposure_lab.publishing.nbval_check import check_chapters
from exposure_lab.publishing.notebook_files import (
    clean,
    failure,
    private_folders,
    question_id,
    read_notebook,
)
from exposure_lab.publishing.papermill_run import CELL_TIMEOUT, Execution, execute
from exposure_lab.publishing.run_chapters import executed, run_chapters
from exposure_lab.publishing.stored_outputs import store_checks

ROOT = Path(__file__).resolve().parents[2]


def quiet(_: str) -> None:
    """Take a line and say nothing."""


def printed(path: Path) -> str:
    """All that the cells of a notebook printed."""
    outputs = [o for c in read_notebook(path).cells for o in c.get("outputs", [])]
    return "".join(o.text for o in outputs if o.output_type == "stream")


class TestSelect:
    def test_by_name_by_number_and_in_the_books_order(self, tmp_path: Path) -> None:
        for name in ("06_training", "01_exposure", "notes"):
            write_chapter(tmp_path, name)

        def select(*names: str) -> list[str]:
            return [path.stem for path in select_chapters(names, tmp_path)]

        assert select() == ["01_exposure", "06_training"]
        assert select("06", "book/01_exposure.ipynb") == ["01_exposure", "06_training"]
        assert select("6") == select("06_training", "6") == ["06_training"]

    def test_unknown_chapter_names_those_there_are(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_exposure")
        with pytest.raises(ConfigError, match=r"Unknown chapter '7'; known: 01_exposure\."):
            select_chapters(["1", "7"], tmp_path)
        with pytest.raises(ConfigError, match=r"did you mean '01_exposure'\?"):
            run_chapters(["01_exposur"], root=tmp_path, say=quiet)
        with pytest.raises(ConfigError, match="Unknown chapter 'notes'"):
            problems(tmp_path, ["notes"])

    def test_no_checkout(self, tmp_path: Path) -> None:
        with pytest.raises(ChapterError, match="there are none"):
            run_chapters(root=tmp_path)


class TestRefusedBeforeAnythingRuns:
    def test_unknown_parameter(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub")
        with pytest.raises(
            ChapterError, match=r"parameter steps of 01_stub.*known: data, profile\."
        ):
            run_chapters(root=tmp_path, parameters={"steps": 3}, say=quiet)
        assert not (tmp_path / "build").exists()

    def test_no_parameters_cell(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub", text("# Title"), complete=False)
        with pytest.raises(ChapterError, match="tagged `parameters`"):
            run_chapters(root=tmp_path, say=quiet)

    def test_unknown_profile(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub")
        with pytest.raises(ConfigError, match="smok"):
            run_chapters(root=tmp_path, profile="smok", say=quiet)

    def test_a_notebook_that_no_run_made(self, tmp_path: Path) -> None:
        """Such as the chapters themselves, or those that a reader works in."""
        mine = tmp_path / "mine"
        source = write_chapter(tmp_path, "01_stub")
        own = write_chapter(mine, "01_stub", code("# my own answers"))
        note = mine / "01_stub.json"
        note.write_text("[]")
        kept = {path: path.read_bytes() for path in (source, own, note)}
        for out in (source.parent, own.parent, mine):
            with pytest.raises(ChapterError, match=r"is there and no earlier run made it: move it"):
                run_chapters(root=tmp_path, out=out, say=quiet)
        assert all(path.read_bytes() == content for path, content in kept.items())

    def test_a_full_disk(self, tmp_path: Path, tiny_disk: Path) -> None:
        """A chapter may take minutes, whose result could not be written."""
        write_chapter(tmp_path, "01_stub", code("raise SystemExit", "never"))
        lines: list[str] = []
        with pytest.raises(FilesError, match=r"Expected 10 MB free at .*, but there are 0 MB"):
            run_chapters(root=tmp_path, out=tiny_disk / "chapters", say=lines.append)
        assert lines == []

    def test_not_a_notebook(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub").write_text("{")
        with pytest.raises(ChapterError, match="does not parse"):
            run_chapters(root=tmp_path, say=quiet)


@pytest.mark.posix("a program by its first line")
def test_whatever_papermill_writes_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told to write UTF-8; what is none all the same ends nothing."""
    monkeypatch.setattr(sys, "executable", odd_program(tmp_path))
    chapter = write_chapter(tmp_path, "01_stub")
    notebook, error, retry = execute(chapter, {"profile": "smoke"}, threading.Event())
    assert notebook is None and retry
    assert error == "utf-8: \u0394 and \ufffd"


class TestWhatStandsWhileAChapterRuns:
    """The copy of the last good run, which only the end of the next one takes away."""

    @pytest.fixture
    def copy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An executed copy, as a run without a kernel would make it."""
        monkeypatch.setattr(module, "execute", self.ends_well)
        write_chapter(tmp_path, "01_stub", code("old = 1"))
        assert run_chapters(root=tmp_path, say=quiet)[0].ran
        write_chapter(tmp_path, "01_stub", code("new = 1"))
        return tmp_path / "build" / "chapters" / "01_stub.ipynb"

    @staticmethod
    def ends_well(source: Path, *_: object) -> Execution:
        return Execution(read_notebook(source), None, retry=False)

    @staticmethod
    def holds(copy: Path, word: str) -> bool:
        return f"{word} = 1" in copy.read_text()

    def test_an_interrupted_run_leaves_it(
        self, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = {path: path.read_bytes() for path in (copy, copy.with_suffix(".json"))}

        def interrupted(*_: object) -> Execution:
            assert copy.exists()
            raise KeyboardInterrupt

        for force in (False, True):
            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(module, "execute", interrupted)
                run_chapters(root=tmp_path, force=force, say=quiet)
            assert {path: path.read_bytes() for path in files} == files
        assert run_chapters(root=tmp_path, say=quiet)[0].ran and self.holds(copy, "new")

    @pytest.mark.parametrize("step", ["write_json", "write_notebook"])
    @pytest.mark.parametrize("after", [False, True])
    @pytest.mark.parametrize("force", [False, True])
    def test_a_kill_never_lets_it_pass_for_the_new_one(
        self,
        copy: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        step: str,
        after: bool,
        force: bool,
    ) -> None:
        write = getattr(module, step)

        def killed(*arguments: object) -> None:
            if after:
                write(*arguments)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(module, step, killed)
            run_chapters(root=tmp_path, force=force, say=quiet)
        assert self.holds(copy, "old") or self.holds(copy, "new")
        assert executed("01_stub", tmp_path)[1] == "smoke"
        assert run_chapters(root=tmp_path, say=quiet)[0].ran
        assert self.holds(copy, "new")
        assert not run_chapters(root=tmp_path, say=quiet)[0].ran

    def test_a_failed_run_takes_it_away(
        self, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failed = copy.with_name("01_stub.failed.ipynb")

        def fails(source: Path, *_: object) -> Execution:
            assert copy.exists() and not failed.exists()
            return Execution(read_notebook(source), "cell 3 raised", retry=False)

        with monkeypatch.context() as patch:
            patch.setattr(module, "execute", fails)
            assert run_chapters(root=tmp_path, say=quiet)[0].path == failed
        assert sorted(path.name for path in copy.parent.iterdir()) == [LOCK, failed.name]
        assert run_chapters(root=tmp_path, say=quiet)[0].ran
        assert self.holds(copy, "new") and not failed.exists()


class TestJudging:
    def test_a_cell_that_did_not_run_is_a_failure(self) -> None:
        notebook = new_notebook(cells=[code("1", "first"), code("2", "second")])
        notebook.cells[0].execution_count = 1
        fault = failure(notebook)
        assert fault is not None and not fault.raised
        assert fault.sentence == "cell 2 (second) did not run"

    def test_an_error_is_a_failure_unless_the_cell_promises_one(self) -> None:
        notebook = new_notebook(cells=[code("1/0", "only")])
        notebook.cells[0].execution_count = 1
        notebook.cells[0].outputs = [new_output("error", ename="E", evalue="why\nmore")]
        fault = failure(notebook)
        assert fault is not None and fault.raised
        assert fault.sentence == "cell 1 (only) raised E: why"
        notebook.cells[0].metadata["tags"] = ["raises-exception"]
        assert failure(notebook) is None

    def test_empty_cells_need_not_run(self) -> None:
        assert failure(new_notebook(cells=[code("  \n"), text("words")])) is None


class TestCleaning:
    def test_what_a_page_must_not_hold_is_gone(self, tmp_path: Path) -> None:
        cell = code("x", tags=[], papermill={"duration": 1}, execution={"iopub": "now"})
        view = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "HBox()"}
        cell.outputs = [
            new_output("stream", text=f"wrote {tmp_path}/run and {tmp_path}-other"),
            new_output("display_data", data=view),
            new_output("execute_result", data={"text/html": f"<b>{Path.home()}/x</b>"}),
            new_output("stream", name="stderr", text="/tmp/ipykernel_12/345.py:1: careful"),
        ]
        injected = code("profile = 'smoke'", tags=["injected-parameters"])
        banner = code("", tags=["papermill-error-cell-tag"])
        notebook = new_notebook(cells=[banner, cell, injected])
        notebook.metadata |= {"papermill": {"input_path": "/x"}, "widgets": {"state": {}}}
        clean(notebook, private_folders(tmp_path))
        assert notebook.metadata == {}
        assert [c.metadata for c in notebook.cells] == [
            {},
            {"tags": ["injected-parameters", "remove-cell"]},
        ]
        stream, html, warning = cell.outputs
        assert stream.text == f"wrote ./run and {tmp_path}-other"
        assert html.data == {"text/html": "<b>~/x</b>"}
        assert warning.text == "<cell>:1: careful"

    def test_a_question_is_found_by_metadata_then_by_id(self) -> None:
        assert question_id(code("", "cell-9", exposure_lab={"question": "02.a"})) == "02.a"
        assert question_id(code("", "answer-02-unet-block")) == "02.unet-block"
        assert question_id(code("", "other")) is None


@pytest.mark.slow
class TestRunning:
    def test_runs_a_copy_in_an_empty_folder_once(self, tmp_path: Path) -> None:
        look = (
            "import os; print(profile, data, os.listdir('.'), os.environ['EXPOSURE_LAB_PROFILE'])"
        )
        source = write_chapter(tmp_path, "01_stub", code(look), code("open('made', 'w').close()"))
        committed = source.read_bytes()
        lines: list[str] = []
        first = run_chapters(root=tmp_path, say=lines.append)[0]
        assert first.ok and first.ran
        assert source.read_bytes() == committed
        assert printed(first.path) == "smoke auto [] smoke\n"
        assert sorted(p.name for p in source.parent.iterdir()) == ["01_stub.ipynb"]

        second = run_chapters(root=tmp_path, say=lines.append)[0]
        assert second.ok and not second.ran and "unchanged" in lines[-1]
        assert run_chapters(root=tmp_path, parameters={"data": "x"}, say=quiet)[0].ran
        write_chapter(tmp_path, "01_stub", code("print('new')"))
        third = run_chapters(root=tmp_path, say=quiet)[0]
        assert third.ran and printed(third.path) == "new\n"

    def test_temporary_files_go_with_the_run(self, tmp_path: Path) -> None:
        leaves = "import tempfile\nprint(tempfile.mkdtemp())"
        warns = "import warnings\nwarnings.warn('careful')"
        write_chapter(tmp_path, "01_stub", code(leaves), code(warns))
        (result,) = run_chapters(root=tmp_path, say=quiet)
        folder = printed(result.path).splitlines()[0]
        assert folder.startswith("./temporary/"), "in the run's own folder, which is gone"
        assert "<cell>:2: UserWarning" in printed(result.path)
        assert ".<cell>" not in printed(result.path)

    def test_what_else_lies_in_build_stays(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub")
        names = (
            "notes.txt",
            "chapters/01_stub.txt",
            "chapters/02_own.ipynb",
            "chapters/01_stub.png",
        )
        others = [tmp_path / "build" / name for name in names]
        others[1].parent.mkdir(parents=True)
        for path in others:
            path.write_text("own")
        assert run_chapters(root=tmp_path, say=quiet)[0].ok
        assert run_chapters(root=tmp_path, force=True, say=quiet)[0].ran
        assert [path.read_text() for path in others] == ["own"] * len(names)

    def test_a_failure_is_named_leaves_no_old_copy_and_stops_no_other(self, tmp_path: Path) -> None:
        write_chapter(tmp_path, "01_stub")
        write_chapter(tmp_path, "02_stub")
        run_chapters(root=tmp_path, say=quiet)
        write_chapter(tmp_path, "01_stub", code("1 / 0", "wrong"))
        bad, good = run_chapters(root=tmp_path, say=quiet)
        assert bad.error == "cell 3 (wrong) raised ZeroDivisionError: division by zero"
        assert bad.path.name == "01_stub.failed.ipynb" and bad.path.exists()
        assert not (tmp_path / "build" / "chapters" / "01_stub.ipynb").exists()
        assert good.ok and not good.ran

    def test_a_cell_that_takes_too_long_is_stopped_and_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(CELL_TIMEOUT, "smoke", 2)
        write_chapter(tmp_path, "01_stub", code("while True:\n    pass", "endless"))
        lines: list[str] = []
        result = run_chapters(root=tmp_path, say=lines.append)[0]
        assert result.error == "cell 3 (endless) took longer than a cell may, and was stopped"
        assert len(lines) == 1, "it would take as long again"

    def test_a_dead_kernel_is_tried_again(self, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        dies = f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})"
        dies += "\nif not mark.exists():\n    mark.touch()\n    os._exit(9)"
        write_chapter(tmp_path, "01_stub", code(dies))
        lines: list[str] = []
        assert run_chapters(root=tmp_path, say=lines.append)[0].ok
        assert "Kernel died" in lines[0] and lines[0].endswith("once more")

    def test_nbval_compares_the_checks_and_only_them(self, tmp_path: Path) -> None:
        changing = code("import time; print(time.time())")
        changing.execution_count = 1
        changing.outputs = [new_output("stream", text="0\n")]
        path = write_chapter(tmp_path, "01_stub", changing, *exercise())
        assert check_chapters(tmp_path) == 0
        path.write_text(path.read_text().replace("double: right\\n", "double: wrong\\n"))
        write_chapter(tmp_path, "02_stub", code("1 / 0", "broken"))
        lines: list[str] = []
        assert check_chapters(tmp_path, ["1"], say=lines.append) == 1
        assert any("1 failed" in line for line in lines)
        output = "\n".join(lines)
        assert "01_stub.ipynb::Cell 3 (check-01-double) _" in output
        assert "\nCell 3 (check-01-double): Cell outputs differ" in output
        assert "02_stub" not in output and "\x1b[9" not in output
        write_chapter(tmp_path, "01_stub", *exercise())
        assert check_chapters(tmp_path, say=lines.append) == 1
        assert "Cell 1 (broken): Cell execution caused an exception" in lines
        assert len(list(path.parent.iterdir())) == 2, "nothing but the notebooks"

    def test_check_lines_are_stored_from_the_executed_copy(self, tmp_path: Path) -> None:
        cells = [code("2 + 2", "sum"), *exercise()]
        cells[-1].outputs, cells[-1].execution_count = [], None
        path = write_chapter(tmp_path, "01_stub", *cells)
        assert any("must hold the line" in sentence for sentence in problems(tmp_path))
        with pytest.raises(ChapterError, match="no such file"):
            store_checks(tmp_path)
        run_chapters(root=tmp_path, say=quiet)
        assert store_checks(tmp_path) == [path]
        assert printed(path) == "double: right\n"
        assert store_checks(tmp_path) == []
        assert not [s for s in problems(tmp_path) if "check" in s or "outputs" in s]


def test_the_module_needs_no_torch() -> None:
    program = "import sys, exposure_lab.publishing.run_chapters; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_committed_chapters_keep_the_contract() -> None:
    assert problems(ROOT) == []
