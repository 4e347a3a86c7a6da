"""exposure-lab course release and check, on the chapters of the book."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner

from exposure_lab.cli.main import app
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.release.manifest import Manifest, read_manifest

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
Cli = Callable[..., int]


@cache
def committed(file: str) -> Any:
    return nbformat.read(BOOK / file, as_version=4)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release of all chapters, also of those without graded questions."""
    out = tmp_path_factory.mktemp("every") / "out"
    release(out, BOOK, "1", "--seed", "7", "--chapters", "all")
    return out


def release(out: Path, book: Path, hash_seed: str, *more: str) -> None:
    """Run the command in a process with this PYTHONHASHSEED."""
    command = [sys.executable, "-c", "from exposure_lab.cli.main import main; main()"]
    command += ["course", "release", str(out), "--book", str(book), *more]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def editions(out: Path) -> Iterator[Path]:
    found = sorted((out / "student").glob("*.ipynb"))
    assert [path.name for path in found] == sorted(path.name for path in BOOK.glob("*.ipynb"))
    yield from found


@pytest.mark.slow
def test_same_bytes_elsewhere_and_with_other_hashes(every: Path, tmp_path: Path) -> None:
    shutil.copytree(BOOK, tmp_path / "other" / "chapters")
    more = ("--seed", "7", "--chapters", "all")
    release(tmp_path / "again", tmp_path / "other" / "chapters", "2", *more)
    assert contents(tmp_path / "again") == contents(every)


def solution_lines(cell: Any) -> list[str]:
    blocks = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.slow
def test_no_line_of_any_solution_is_left(every: Path) -> None:
    """A line is counted, since the chapter's own cells may hold the same one, such as ``else:``."""
    checked = 0
    for path in editions(every):
        before = [cell for cell in committed(path.name).cells if cell.cell_type == "code"]
        answers = [cell for cell in before if "answer" in cell.metadata.get("tags", [])]
        given = [cell.source for cell in before if cell not in answers]
        starts = [re.sub(r"(?s)### BEGIN.*?### END SOLUTION", "", a.source) for a in answers]
        there = Counter(line.strip() for text in given + starts for line in text.splitlines())
        after = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        left = Counter(line.strip() for text in after for line in text.splitlines())
        for cell in answers:
            for line in solution_lines(cell):
                assert left[line] <= there[line], (path.name, cell.id, line)
                checked += 1
        assert "SOLUTION" not in path.read_text(encoding="utf-8")
    assert checked > 150


def test_long_lines_of_solutions_are_nowhere_in_the_text(every: Path) -> None:
    """Not in prose, nor in metadata or outputs; nor are the comments that explain an answer."""
    everything = "".join(path.read_text("utf-8") for path in (every / "student").iterdir())
    given = "".join(
        cell.source
        for path in editions(every)
        for cell in committed(path.name).cells
        if "answer" not in cell.metadata.get("tags", [])
    )
    for path in editions(every):
        for cell in committed(path.name).cells:
            for line in solution_lines(cell):
                if len(line) > 30 and line not in given:
                    assert json.dumps(line, ensure_ascii=False)[1:-1] not in everything, line


def test_notebooks_are_valid_and_keep_their_cells(every: Path) -> None:
    for path in editions(every):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(ids) == len(set(ids))
        assert [id_ for id_ in ids if not id_.startswith(("caption-", "prompt-", "written-"))] == [
            cell.id for cell in committed(path.name).cells
        ]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)
                assert cell.outputs == [] and cell.execution_count is None
            else:
                assert not re.search(r"\{[a-z:-]+\}`|^(```|:::)\{", cell.source, re.MULTILINE)


def test_each_exercise_shows_its_points(every: Path) -> None:
    manifest = read_manifest(every)
    points = {question.id: question.points for question in manifest.questions}
    for path in editions(every):
        notebook = nbformat.read(path, as_version=4)
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        answers = [c for c in notebook.cells if "answer" in c.metadata.get("tags", [])]
        graded = [c for c in answers if c.metadata["exposure_lab"]["points"]]
        assert prose.count("*(no points in this course)*") == len(answers) - len(graded)
        for cell in graded:
            own = cell.metadata["exposure_lab"]
            assert own["points"] == points[own["question"]]
    assert "*(4 points: " in (every / "student" / "01_exposure.ipynb").read_text("utf-8")


def test_two_seeds_give_other_variants(call: Cli, every: Path, tmp_path: Path) -> None:
    assert call("course", "release", tmp_path / "out", "--seed", 8, "--book", BOOK) == 0
    seven, eight = read_manifest(every), read_manifest(tmp_path / "out")
    assert {question.id for question in seven.questions} == {q.id for q in eight.questions}
    drawn = [
        (a.variant, b.variant)
        for a, b in zip(seven.questions, eight.questions, strict=True)
        if a.variant
    ]
    assert sum(a != b for a, b in drawn) > len(drawn) / 2
    of_chapters = {name for name in graded_questions() if not name.startswith("90.")}
    assert of_chapters == {question.id for question in eight.questions}


def test_release_says_what_it_made(
    call: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ("--book", BOOK, "--chapters", "01")
    assert call("course", "release", tmp_path / "out", *arguments) == 0
    said = capsys.readouterr().out
    assert read_manifest(tmp_path / "out").release in said
    assert "in 1 chapter, by" in said and "Seed 0 is that of the public edition" in said
    readme = (tmp_path / "out" / "student" / "README.md").read_text("utf-8")
    assert "/blob/student/book/01_exposure.ipynb)" in readme
    assert call("course", "release", tmp_path / "out", *arguments, "--seed", 1) == 1
    assert "Error: Expected no other release" in capsys.readouterr().err
    assert call("course", "release", tmp_path / "out", *arguments, "--seed", 1, "--overwrite") == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--book", "nowhere"], 1, "name its folder with --book"),
        (["--chapters", "01,77"], 2, "but got 77"),
        (["--questions", "nowhere"], 1, "files such as ch01.py"),
        (["--published", "nowhere"], 2, "Expected a folder such as"),
        (["--seed", "-1"], 2, ""),
    ],
)
def test_wrong_usage_is_one_sentence(
    call: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    code: int,
    sentence: str,
) -> None:
    book = [] if "--book" in arguments else ["--book", BOOK]
    assert call("course", "release", tmp_path / "out", *book, *arguments) == code
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


SOLVED = """
from exposure_lab.course.graded.registry import graded_questions
{name} = graded_questions("01")["{id}"].reference({variant!r})
"""


@pytest.fixture
def solved(every: Path) -> dict[str, Any]:
    """Chapter 01 with the references of its variants as answers."""
    content = json.loads((every / "student" / "01_exposure.ipynb").read_text("utf-8"))
    for question in first_chapter(read_manifest(every)):
        own = {"name": question.name, "id": question.id, "variant": question.variant}
        answer_cell(content, question.id)["source"] = SOLVED.format(**own).splitlines(True)
    return content


def first_chapter(manifest: Manifest) -> list[Any]:
    return [question for question in manifest.questions if question.chapter == "01"]


def answer_cell(content: dict[str, Any], question: str) -> dict[str, Any]:
    return next(
        cell
        for cell in content["cells"]
        if cell["cell_type"] == "code"
        and cell["metadata"]["exposure_lab"].get("question") == question
        and "answer" in cell["metadata"]["tags"]
    )


def check(call: Cli, path: Path, content: dict[str, Any]) -> int:
    path.write_text(json.dumps(content), encoding="utf-8")
    return call("course", "check", path)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


@pytest.mark.slow
def test_right_answers_pass_without_ids_and_in_an_older_format(
    call: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    solved: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torch.py").write_text("raise ImportError('shadowed')\n")
    count = len([c for c in solved["cells"] if c["id"].startswith("check-")])
    assert check(call, Path("mine.ipynb"), solved) == 0
    assert f"{count} of {count} right" in capsys.readouterr().out
    solved["nbformat_minor"] = 2
    for cell in solved["cells"]:
        del cell["id"]
    assert check(call, Path("old.ipynb"), solved) == 0


@pytest.mark.slow
def test_wrong_missing_and_doubled_answers_are_named(
    call: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path, solved: dict[str, Any]
) -> None:
    cells = solved["cells"]
    cells.remove(answer_cell(solved, "01.explain"))
    cells.append(dict(answer_cell(solved, "01.predict-stop")))
    answer_cell(solved, "01.render-ev")["source"] = "%matplotlib inline\nrender_ev = 1"
    answer_cell(solved, "01.clipped-share")["source"] = "x = 1"
    answer_cell(solved, "01.psnr-per-ev")["source"] = "import os\nos._exit(0)"
    cells.append(cells.pop(cells.index(answer_cell(solved, "01.psnr-per-ev"))))
    assert check(call, tmp_path / "mine.ipynb", solved) == 1
    lines = {
        match[1]: match[0] for match in re.finditer(r".*(01\.[a-z-]+).*", capsys.readouterr().out)
    }
    assert "it is missing" in lines["01.explain"]
    assert "right, 1 point." in lines["01.predict-stop"]
    assert re.search(r"cells \d+ and \d+ of the notebook", lines["01.predict-stop"])
    assert "a command of the notebook in line 1" in lines["01.render-ev"]
    assert "define share_of_clipped, but it does not" in lines["01.clipped-share"]
    assert "the process ended" in lines["01.psnr-per-ev"]


@pytest.mark.slow
def test_an_edition_that_nobody_worked_on_is_not_right(
    call: Cli, capsys: pytest.CaptureFixture[str], every: Path
) -> None:
    assert call("course", "check", every / "student" / "01_exposure.ipynb") == 1
    said = capsys.readouterr().out
    assert "0 of " in said and "still to be written" in said and "there is none" in said


@pytest.mark.parametrize("command", ["release", "check"])
def test_help_of_course_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(app, ["course", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: exposure-lab course {command}" in result.output


def test_check_of_what_is_no_notebook(
    call: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.ipynb").write_text("no notebook")
    assert call("course", "check", tmp_path / "a.ipynb") == 1
    assert capsys.readouterr().err.startswith("Error: Expected a notebook at ")
