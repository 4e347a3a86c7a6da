"""Chapters run in the interpreter that was asked for, whatever a machine calls `python3`."""

import json
import os
import sys
from pathlib import Path

import pytest
from stub_chapters import code, exercise, write_chapter

from exposure_lab.publishing.nbval_check import check_chapters
from exposure_lab.publishing.notebook_files import read_notebook
from exposure_lab.publishing.own_kernel import own_kernel
from exposure_lab.publishing.run_chapters import run_chapters

SAY_WHO = "import sys\nprint(sys.executable)"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A description of `python3` that some other program installed, of a Python that is gone."""
    folder = tmp_path / "other jupyter"
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    gone = str(tmp_path / "gone" / "bin" / "python")
    argv = [gone, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Gone", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    return folder


@pytest.mark.slow
def test_a_chapter_runs_in_this_interpreter(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_chapter(tmp_path, "01_stub", code(SAY_WHO), *exercise())
    (result,) = run_chapters(root=tmp_path, say=lambda _: None)
    assert result.ran, result
    outputs = [
        output
        for cell in read_notebook(tmp_path / "build" / "chapters" / "01_stub.ipynb").cells
        for output in cell.get("outputs", [])
    ]
    assert outputs[0].text == f"{sys.executable}\n"
    assert check_chapters(tmp_path, say=print) == 0, capsys.readouterr().out


def test_other_descriptions_are_found_as_before(installed: Path, tmp_path: Path) -> None:
    """A chapter may start a kernel of its own choice."""
    folders = own_kernel(tmp_path / "scratch")["JUPYTER_PATH"].split(os.pathsep)
    assert folders[1:] == [str(installed)]
    spec = json.loads(Path(folders[0], "kernels", "python3", "kernel.json").read_text())
    assert spec["argv"][0] == sys.executable
