"""What the book's links open is made: by the release that the public workflow publishes."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from exposure_lab.course.release.links import PUBLIC_SEED
from exposure_lab.course.release.release import Course, Release

ROOT = Path(__file__).resolve().parents[3]
RELEASE = "exposure-lab course release"
PUBLISHED = re.compile(r"/blob/student/book/([\w.-]+)")
MYST = re.compile(
    r"^```\{|^:::\{|\{(?:cite|eq|numref|term|ref)[\w:]*\}`|BEGIN SOLUTION", re.MULTILINE
)


def published_options() -> list[str]:
    """Arguments of the release that the workflow pushes to the branch `student`."""
    text = (ROOT / ".github" / "workflows" / "student.yml").read_text("utf-8")
    runs = [step.get("run", "") for step in yaml.safe_load(text)["jobs"]["release"]["steps"]]
    (command,) = [run for run in runs if RELEASE in run]
    return shlex.split(command.partition(RELEASE)[2])


@pytest.fixture(scope="module")
def release() -> Release:
    """The release with the workflow's own arguments."""
    options = published_options()
    chapters = options[options.index("--chapters") + 1].split(",")
    seed = int(options[options.index("--seed") + 1])
    assert seed == PUBLIC_SEED
    return Course(ROOT / "book", seed, tuple(chapters)).release()


@pytest.mark.slow
def test_every_link_to_the_branch_names_a_file_that_is_published(release: Release) -> None:
    sources = [*ROOT.glob("book/**/*.ipynb"), *ROOT.glob("book/**/*.md"), ROOT / "README.md"]
    linked = {name for path in sources for name in PUBLISHED.findall(path.read_text("utf-8"))}
    assert len(linked) >= 11
    assert linked <= set(release.files)
    branch = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["branch"]
    pages = {path.name for path in ROOT.glob("book/[0-9][0-9]_*.ipynb")}
    assert branch == "student" and pages <= set(release.files), "the page's own button, too"


@pytest.mark.slow
def test_what_colab_and_jupyterlab_open_is_plain_and_without_solutions(release: Release) -> None:
    notebooks = {name: text for name, text in release.files.items() if name.endswith(".ipynb")}
    assert len(notebooks) >= 11
    for name, text in notebooks.items():
        cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
        assert [found for cell in cells for found in MYST.findall(cell)] == [], name
