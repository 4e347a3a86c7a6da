"""Build the site: put executed chapters and pages into a staging folder and run Sphinx there.

- `build/book-src/` is what Sphinx reads: pages, styles, executed copies; made anew each time.
- `build/book-out/` is what Sphinx writes, deleted before each build: with old doctrees it would
  report success for pages whose warnings it no longer sees.
- `build/html/` is the site, moved into place when the build ended well.

The first two carry a mark, and are removed only with it.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from exposure_lab.errors import ChapterError, FilesError
from exposure_lab.files.atomic import replace_folder, sweep_leftovers, write_text
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.files.ownership import folder_lock, recreate_folder
from exposure_lab.fingerprints import PAGE_PACKAGES, digest, package_digest, tree_digest, versions
from exposure_lab.publishing.figure_files import write_figures
from exposure_lab.publishing.made_parts import make_parts
from exposure_lab.publishing.notebook_files import (
    CHAPTER_NAME,
    find_chapters,
    read_notebook,
    write_notebook,
)
from exposure_lab.publishing.page_cells import for_the_page
from exposure_lab.publishing.run_chapters import Say, executed, run_chapters

# The distribution that carries MathJax, so that formulas need no request to another site, and the
# hash of `es5/tex-svg.js` as MathJax 3.2.2 was released.
MATHJAX = "sphinx-mathjax-offline"
MATHJAX_FILE = "sphinx-mathjax-offline/static/mathjax/tex-svg.js"
MATHJAX_SHA256 = "d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882"


def build_book(root: Path | str = ".", *, force: bool = False, say: Say = print) -> Path:
    """Run the chapters whose inputs have changed, then build the site without a single warning.

    A chapter is run at the profile of its last run, or at smoke. Where nothing has changed, the
    site stays as it is.

    Args:
        root: a checkout.
        force: build even so.
        say: takes one line per step.

    Returns:
        The folder of the site; its first page is ``index.html``.

    Raises:
        ChapterError: a chapter failed, or Sphinx warned; `build/book.log` says of what.
        FilesError: the disk refuses, or one of its folders holds what no build of the book made.
    """
    root = Path(root).resolve()
    build, html = root / "build", root / "build" / "html"
    if html.exists() and not (build / "book.json").exists():
        raise FilesError(
            f"Expected {html} to be free or a site that was built here, but it is something else: "
            "move it away."
        )
    _execute_chapters(root, say)
    with folder_lock(build):
        sweep_leftovers(build, html.name)
        staged = stage(root, build / "book-src")
        key = digest(tree_digest(staged), package_digest(), versions(PAGE_PACKAGES))
        if not force and html.is_dir() and _read_key_of_site(build) == key:
            say("the book            unchanged")
            return html
        new_site = _run_sphinx(staged, build)
        write_json(build / "book.json", {"key": "none yet"})  # the site is ours while it is moved
        replace_folder(new_site, html)
        write_json(build / "book.json", {"key": key})
    return html


def stage(root: Path, target: Path) -> Path:
    """Copy everything that Sphinx reads into ``target``, replacing what an earlier call copied.

    Raises:
        ChapterError: no configuration, a chapter that was not run, a part that can't be made, or
            MathJax is not installed.
        FilesError: ``target`` holds something else.
    """
    recreate_folder(target)
    for name in ("_config.yml", "_toc.yml"):
        if not (root / name).is_file():
            raise ChapterError(
                f"Expected {name} in {root}, but there is none: run this in a checkout."
            )
        shutil.copyfile(root / name, target / name)
    hidden = shutil.ignore_patterns(".*", "__pycache__")
    for name in ("book", "site_assets"):
        shutil.copytree(root / name, target / name, ignore=hidden)
    appendix = target / "book" / "appendix"
    for card in (root / "exposure_lab" / "weights").glob("*.md"):
        shutil.copyfile(card, appendix / f"card_{card.name}")
        if (picture := card.with_suffix(".jpg")).exists():
            shutil.copyfile(picture, appendix / picture.name)
    for path in (target / "book").glob("*.ipynb"):
        if CHAPTER_NAME.fullmatch(path.stem):
            copy, _ = executed(path.stem, root)
            notebook = for_the_page(read_notebook(copy))
            write_figures(notebook, target)
            write_notebook(path, notebook)
    make_parts(target)
    _copy_mathjax(target / "site_assets" / "vendor" / "mathjax" / "tex-svg.js")
    return target


def _execute_chapters(root: Path, say: Say) -> None:
    failed = []
    for path in find_chapters(root):
        _, profile = executed(path.stem, root)
        results = run_chapters([path.stem], profile or "smoke", root, say=say)
        failed += [result for result in results if not result.ok]
    if failed:
        raise ChapterError(
            f"Expected every chapter to run, but {', '.join(r.name for r in failed)} failed: "
            f"{failed[0].error}; look at {failed[0].path}."
        )


def _run_sphinx(staged: Path, build: Path) -> Path:
    out, log = recreate_folder(build / "book-out"), build / "book.log"
    # The package can't be run with -m, and its script may not be on the PATH.
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(staged), "--path-output", str(out)]
    command += ["-n", "-W", "--keep-going"]
    own = {"NO_COLOR": "1", "EXPOSURE_LAB_HEADLESS": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    output = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)  # colours, which it writes even to a file
    write_text(log, output)
    if done.returncode:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        marked = [line for line in lines if "WARNING: " in line or "ERROR: " in line]
        raise ChapterError(
            f"Expected the book to build without a warning, but Sphinx stopped at "
            f"{'; '.join((marked or lines[-1:])[:3])}: read {log}."
        )
    return out / "_build" / "html"


def _read_key_of_site(build: Path) -> str | None:
    try:
        return str(read_json(build / "book.json")["key"])
    except (FilesError, KeyError, TypeError):
        return None


def _copy_mathjax(target: Path) -> None:
    try:
        source = Path(str(distribution(MATHJAX).locate_file(MATHJAX_FILE)))
        content = source.read_bytes()
    except (PackageNotFoundError, OSError) as error:
        raise ChapterError(
            f"Expected the package {MATHJAX}, but it is not installed: install exposure-lab[book]."
        ) from error
    if hashlib.sha256(content).hexdigest() != MATHJAX_SHA256:
        raise ChapterError(
            f"Expected MathJax 3.2.2 as it was released, but {source} is another file: "
            f"install {MATHJAX}==0.0.2 again."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
