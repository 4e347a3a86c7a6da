"""Right answers to chapter 01 in the variants of a release, for the benchmark of grading."""

import json
from pathlib import Path
from typing import Any

from exposure_lab.course.release.manifest import Manifest

RENDER = """
def render_ev(srgb, ev):
    stops = {sign} * ev / {units_in_a_stop}
    return linear_to_srgb(np.minimum(srgb_to_linear(srgb) * 2.0**stops, 1.0))
"""

CLIPPED = """
def share_of_clipped(photo):
    stored = np.floor(photo * {largest} + 0.5)
    black, white = stored <= 0, stored >= {largest}
    return float(({ends}).{channels}(axis=2).mean())
"""

PSNR = """
def psnr_per_ev(photos, evs, render):
    return {{
        ev: float(np.{summary}([psnr(render(p, ev), render(p, {beside})) for p in photos]))
        for ev in evs
    }}
"""

PREDICT = """
light = srgb_to_linear(np.array([{stored} / 255]))
predicted = float(linear_to_srgb({gain} * light)[0]) * 255
"""


def right_answers(manifest: Manifest) -> dict[str, str]:
    """Question to the code of a right answer, in the variants of a release."""
    variants = {entry.id: entry.variant for entry in manifest.questions}
    render, clipped = variants["01.render-ev"], variants["01.clipped-share"]
    summary = {"median": "median", "lowest": "min", "highest": "max"}
    score, pixel = variants["01.psnr-per-ev"], variants["01.predict-stop"]
    return {
        "01.predict-stop": PREDICT.format(**pixel, gain=2.0 if pixel["brighter"] else 0.5),
        "01.render-ev": RENDER.format(**render, sign=1 if render["larger_is"] == "more" else -1),
        "01.clipped-share": CLIPPED.format(
            largest=2 ** clipped["bits"] - 1,
            ends="black" if clipped["ends"] == "black" else "black | white",
            channels={"one": "any", "all": "all"}[clipped["channels"]],
        ),
        "01.psnr-per-ev": PSNR.format(summary=summary[score["summary"]], beside=score["beside"]),
        "01.explain": f"true_sentences = {_right_letters(variants['01.explain'])!r}",
    }


def _right_letters(variant: dict[str, Any]) -> set[str]:
    from exposure_lab.course.graded.registry import graded_questions

    letters: set[str] = graded_questions("01")["01.explain"].reference(variant)
    return letters


def write_class(
    release: Path, manifest: Manifest, folder: Path, students: int, *, answered: bool = True
) -> None:
    """Write submissions to the only chapter of a release, of which no two are equal.

    Args:
        release: folder of the release.
        manifest: its manifest.
        folder: new folder of the submissions.
        students: how many.
        answered: rightly, as only chapter 01 can be; else each cell is as it was handed out, below
            a remark.
    """
    (chapter,) = manifest.chapters
    notebook = json.loads((release / "student" / chapter.file).read_text(encoding="utf-8"))
    answers = right_answers(manifest) if answered else {}
    folder.mkdir(parents=True)
    asked = [cell for cell in notebook["cells"] if "answer" in cell["metadata"].get("tags", ())]
    handed_out = ["".join(cell["source"]) for cell in asked]
    for number in range(students):
        for cell, stub in zip(asked, handed_out, strict=True):
            question = cell["metadata"]["exposure_lab"]["question"]
            cell["source"] = f"# student {number}\n{answers.get(question, stub)}"
        path = folder / f"student{number:04}.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
