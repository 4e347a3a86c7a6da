"""The site, built from executed copies in a small checkout of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml
from stub_chapters import code, exercise, odd_program, text, write_chapter

from exposure_lab.errors import ChapterError, FilesError
from exposure_lab.files.ownership import MADE
from exposure_lab.publishing import site
from exposure_lab.publishing.notebook_files import read_notebook, write_notebook
from exposure_lab.publishing.site import build_book, stage

ROOT = Path(__file__).resolve().parents[2]

STUB = """A line about {cite}`isola2017`, the {term}`stop`, and {eq}`eq-stub`.

$$
y = x
$$ (eq-stub)

:::{figure} ../site_assets/logo.svg
:name: fig-stub
:alt: The book's sign.

A sign of *light*.
:::
"""


def quiet(_: str) -> None:
    """Take a line and say nothing."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project's own configuration and looks over one stub chapter and a short appendix."""
    shutil.copyfile(ROOT / "_config.yml", tmp_path / "_config.yml")
    shutil.copytree(ROOT / "site_assets", tmp_path / "site_assets")
    write_chapter(tmp_path, "06_stub", text(STUB), *exercise())
    pages = tmp_path / "book"
    shutil.copyfile(ROOT / "book" / "references.bib", pages / "references.bib")
    glossary = (
        "# Words\n\n```{glossary}\nstop\n    Twice the light.\n```\n\n```{bibliography}\n```\n\n"
        "```{list-of-figures}\n```\n"
    )
    (pages / "words.md").write_text(glossary)
    (pages / "index.md").write_text("# A stub\n\nNothing here.\n")
    toc = {"format": "jb-book", "root": "book/index"}
    chapters = [{"file": "book/06_stub"}, {"file": "book/words"}]
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc | {"chapters": chapters}))
    return tmp_path


def pretend_executed(root: Path, name: str) -> None:
    """Put the committed notebook where an executed copy belongs."""
    target = root / "build" / "chapters" / f"{name}.ipynb"
    write_notebook(target, read_notebook(root / "book" / f"{name}.ipynb"))


def test_stage_takes_the_executed_copy_and_the_released_mathjax(checkout: Path) -> None:
    with pytest.raises(ChapterError, match="06_stub"):
        stage(checkout, checkout / "build" / "staged")
    pretend_executed(checkout, "06_stub")
    staged = stage(checkout, checkout / "build" / "staged")
    assert "### BEGIN SOLUTION" not in (staged / "book" / "06_stub.ipynb").read_text()
    vendor = staged / "site_assets" / "vendor" / "mathjax"
    assert sorted(p.name for p in vendor.iterdir()) == ["LICENSE", "tex-svg.js"]
    assert "### BEGIN SOLUTION" in (checkout / "book" / "06_stub.ipynb").read_text()
    assert not (checkout / "site_assets" / "vendor" / "mathjax" / "tex-svg.js").exists()


def test_another_mathjax_than_the_released_one_is_refused(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_executed(checkout, "06_stub")
    monkeypatch.setattr(site, "MATHJAX_SHA256", "0" * 64)
    with pytest.raises(ChapterError, match="as it was released"):
        stage(checkout, checkout / "build" / "staged")
    monkeypatch.setattr(site, "MATHJAX", "no-such-distribution")
    with pytest.raises(ChapterError, match=r"install exposure-lab\[book\]"):
        stage(checkout, checkout / "build" / "staged")


def test_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(ChapterError, match="there are none"):
        build_book(tmp_path, say=quiet)


def test_a_site_that_somebody_else_built_is_refused(checkout: Path) -> None:
    own = checkout / "build" / "html" / "index.html"
    own.parent.mkdir(parents=True)
    own.write_text("own")
    with pytest.raises(FilesError, match=r"html to be free or a site that was built here.*move it"):
        build_book(checkout, say=quiet)
    assert own.read_text() == "own"


@pytest.mark.parametrize("name", ["book-src", "book-out"])
def test_a_folder_that_no_build_made_is_left_alone(
    checkout: Path, no_kernel: None, name: str
) -> None:
    own = checkout / "build" / name / "notes.txt"
    own.parent.mkdir(parents=True)
    own.write_text("own")
    with pytest.raises(
        FilesError, match=rf"{name} to be free or made here, .* notes\.txt: move it"
    ):
        build_book(checkout, say=quiet)
    assert own.read_text() == "own"


@pytest.fixture
def no_kernel(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chapter counts as run, and Sphinx makes one page."""
    pretend_executed(checkout, "06_stub")
    monkeypatch.setattr(site, "_execute_chapters", lambda *_: None)

    def sphinx(command: list[str], **_: object) -> CompletedProcess[str]:
        page = Path(command[command.index("--path-output") + 1]) / "_build" / "html" / "index.html"
        page.parent.mkdir(parents=True)
        page.write_text((checkout / "book" / "index.md").read_text())
        return CompletedProcess(command, 0, stdout="built")

    monkeypatch.setattr("subprocess.run", sphinx)


def test_a_site_survives_the_kill_of_the_build_that_replaces_it(
    checkout: Path, no_kernel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two renames; the next build puts it back before it does anything that may fail."""
    html = build_book(checkout, say=quiet)
    page = (html / "index.html").read_text()
    (checkout / "book" / "index.md").write_text("# Another stub\n")
    replace = os.replace

    def killed(source: Path, target: Path) -> None:
        if Path(target) == html:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", killed)
        build_book(checkout, say=quiet)
    assert not html.exists()
    with monkeypatch.context() as patch, pytest.raises(ChapterError):
        patch.setattr(site, "MATHJAX", "no-such-distribution")
        build_book(checkout, say=quiet)
    assert (html / "index.html").read_text() == page
    build_book(checkout, say=quiet)
    assert (html / "index.html").read_text() == "# Another stub\n"
    names = [".exposure-lab.lock", "book-out", "book-src", "book.json", "book.log", "chapters"]
    assert sorted(os.listdir(checkout / "build")) == [*names, "html"]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("built", [False, True])
def test_clean_removes_what_was_made_and_nothing_else(tmp_path: Path, built: bool) -> None:
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    build = tmp_path / "build"
    for name in ("book-src/page", "book-out/page", "html/page", "notes.txt", ".html-old/page"):
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).touch()
    (build / f".exposure-lab-new-{'0' * 8}-{'1' * 16}").mkdir()
    if built:
        (build / "book-src" / MADE).touch()
        (build / "book-out" / MADE).touch()
        (build / "book.json").touch()
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    left = [".html-old", *([] if built else ["book-out", "book-src", "html"]), "notes.txt"]
    assert sorted(os.listdir(build)) == left


@pytest.mark.posix("a program by its first line")
def test_whatever_sphinx_writes_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told to write UTF-8; what is none all the same ends nothing."""
    monkeypatch.setattr(sys, "executable", odd_program(tmp_path))
    with pytest.raises(ChapterError, match="Sphinx stopped at utf-8: \u0394 and \ufffd: read "):
        site._run_sphinx(tmp_path, tmp_path)
    assert (tmp_path / "book.log").read_text("utf-8") == "utf-8: \u0394 and \ufffd\n"


@pytest.mark.slow
def test_build_once_then_not_again_and_stop_at_a_warning(checkout: Path) -> None:
    lines: list[str] = []
    others = [checkout / "build" / name for name in ("notes.txt", "lib/x.py", "book-src.old/y")]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("own")
    html = build_book(checkout, say=lines.append)
    assert [path.read_text() for path in others] == ["own"] * 3
    assert html == checkout / "build" / "html"
    page = (html / "book" / "06_stub.html").read_text()
    assert "(6.1)" in page and "Isola" in page
    (solution,) = re.findall(r"<details.*?</details>", page[page.index("Isola") :], re.DOTALL)
    assert "Show a solution" in solution and "double: right" in solution
    assert page.count("double: right") == solution.count("double: right")
    assert "injected-parameters" not in page and 'profile = "smoke"' not in page
    assert page.count("THEBE_JS_URL") == 1
    words_page = (html / "book" / "words.html").read_text()
    assert '<a class="reference internal" href="06_stub.html#fig-stub">Figure 6.1</a>' in words_page
    assert "A sign of light." in words_page
    assert re.search(r'Cited in <a [^>]*href="06_stub.html#id1">chapter 6</a>', words_page)
    assert "tex-svg.js" in page and "tex-svg.js" not in words_page
    assert (html / "_static" / "scripts" / "fontawesome.js").stat().st_size < 150_000
    assert (html / "index.html").exists()
    assert (html / "_static" / "vendor" / "mathjax" / "tex-svg.js").exists()
    loaded = re.findall(r'<(?:script|img|iframe)[^>]+src="([^"]+)"', page)
    loaded += re.findall(r'<link(?![^>]+rel="canonical")[^>]+href="([^"]+)"', page)
    assert loaded and not [address for address in loaded if "//" in address]
    sources = html / "_sources" / "book" / "06_stub.ipynb"
    assert "papermill" not in json.loads(sources.read_text())["metadata"]

    inode = (html / "index.html").stat().st_ino
    build_book(checkout, say=lines.append)
    assert (html / "index.html").stat().st_ino == inode
    assert lines[-1].endswith("unchanged")

    words = checkout / "book" / "words.md"
    words.write_text(words.read_text() + "\n{term}`no such word`\n\n![](../site_assets/logo.svg)\n")
    for _ in range(2):  # the second time, Sphinx alone would have forgotten the warning
        with pytest.raises(ChapterError, match=r"read .*book\.log"):
            build_book(checkout, say=quiet)
    log = (checkout / "build" / "book.log").read_text()
    assert "no such word" in log and "has no alternative text" in log and "\x1b" not in log
    assert (html / "index.html").stat().st_ino == inode  # the last good site stays


@pytest.mark.slow
def test_a_failing_chapter_stops_the_book(checkout: Path) -> None:
    write_chapter(checkout, "06_stub", code("1 / 0", "wrong"))
    with pytest.raises(ChapterError, match=r"06_stub failed: cell 3 \(wrong\) raised"):
        build_book(checkout, say=quiet)
    assert not (checkout / "build" / "html").exists()
