"""Chapter 01 as it is released: with right answers its whole notebook runs to its end."""

import json
from pathlib import Path
from typing import Any

import pytest
from made_up_batch import needs_sandbox

from exposure_lab.course.grading.formative.run_notebook import NotebookRun, stage
from exposure_lab.course.grading.formative.whole_notebook import rebuild
from exposure_lab.course.grading.submissions.answers import read_answers
from exposure_lab.course.release.manifest import STUDENT, read_manifest
from exposure_lab.course.release.release import Course
from exposure_lab.course.release.release_folder import write_release

BOOK = Path(__file__).parents[4] / "book"
FILE = "01_exposure.ipynb"

OF_THIS_RELEASE = {
    # The numbers that seed 20271 draws: a quarter of a stop each, and the value of start.md.
    "01.predict-stop": "predicted = 161",
    "01.render-ev": (
        "def render_ev(srgb, ev):\n"
        "    light = srgb_to_linear(srgb) * 2 ** (-ev / 4)\n"
        "    return linear_to_srgb(np.minimum(light, 1))"
    ),
}


def solutions() -> dict[str, str]:
    """Answers of the public chapter by question."""
    cells: Any = json.loads((BOOK / FILE).read_text(encoding="utf-8"))["cells"]
    return {
        cell["metadata"]["exposure_lab"]["question"]: "".join(cell["source"])
        for cell in cells
        if "answer" in cell["metadata"].get("tags", [])
    }


@needs_sandbox
@pytest.mark.slow
def test_chapter_01_runs_to_its_end(tmp_path: Path) -> None:
    release = tmp_path / "release"
    write_release(release, Course(BOOK, 20271, chapters=["01"]).release())
    answers = solutions() | OF_THIS_RELEASE
    notebook: Any = json.loads((release / STUDENT / FILE).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "answer" in cell["metadata"].get("tags", []):
            cell["source"] = answers[cell["metadata"]["exposure_lab"]["question"]]
    handed_in = tmp_path / FILE
    handed_in.write_text(json.dumps(notebook), encoding="utf-8")
    manifest = read_manifest(release)
    cells = rebuild(release, manifest, read_answers(handed_in, manifest))
    run = NotebookRun(cells, 300)
    run.run(stage(tmp_path / "stages"))
    assert run.stop is None and run.ran == len(cells) > 30
    lines = {one.question: one.line for one in run.checks}
    assert lines.keys() == answers.keys()
    assert lines["01.predict-stop"] == "01.predict-stop: right, 1 point."
    assert lines["01.render-ev"] == "01.render-ev: right, 4 points."
