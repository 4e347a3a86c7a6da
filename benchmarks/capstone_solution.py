"""The capstone's own solutions, fitted to a release: a submission that earns every automatic point.

What a student has to do by reading a release is done here by replacing passages of the template's
solutions. Tests hand the result in, and `capstone_thresholds.py` trains it over seeds.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from exposure_lab.course.release.choice import CAPSTONE_FILE, CAPSTONE_NUMBER, CAPSTONE_SOURCE
from exposure_lab.course.release.manifest import Manifest

BOOK = Path(__file__).resolve().parent.parent / "book"

NOT_RUN = ("install", "claims", "stamp")
"""Cells that do nothing for a hand-in."""

Variant = Mapping[str, Any]


def solve(release: Path, manifest: Manifest) -> Any:
    """Student's notebook of a release with every answer in its cell, as JSON."""
    notebook = json.loads((release / "student" / CAPSTONE_FILE).read_text(encoding="utf-8"))
    for question in manifest.questions:
        if question.chapter != CAPSTONE_NUMBER:
            continue
        (cell,) = [cell for cell in notebook["cells"] if cell["id"] == question.cell_id]
        cell["source"] = fitted(question.id, question.variant)
    return notebook


def fitted(question: str, variant: Variant | None) -> str:
    """Code of the template's solution to a question, fitted to a variant where there is one."""
    code = template()[f"answer-{question.replace('.', '-')}"]
    source = re.sub(r"^ *### (?:BEGIN|END) SOLUTION\n?", "", code, flags=re.M)
    return FITS[question](source, variant) if variant and question in FITS else source


@cache
def template() -> dict[str, str]:
    """Source of each cell of the template, by its id."""
    content = json.loads((BOOK / CAPSTONE_SOURCE).read_text(encoding="utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in content["cells"]}


def write_texts(notebook: Any, text: str) -> None:
    """Write a text into each cell that asks for one."""
    for cell in notebook["cells"]:
        if "written" in cell["metadata"].get("exposure_lab", {}):
            cell["source"] = text


def run_notebook(
    notebook: Any, folder: Path, settings: str = "", last: str | None = None
) -> dict[str, Any]:
    """Run the code cells of a notebook but for its checks, in this process; gives their names.

    Args:
        notebook: JSON of a notebook.
        folder: where it writes its files.
        settings: code that runs behind the cell with the settings, such as ``steps = 100``.
        last: id of the last cell that runs; None for all.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    before = Path.cwd()
    os.chdir(folder)
    try:
        for cell in notebook["cells"]:
            name = cell["id"]
            if cell["cell_type"] != "code" or name in NOT_RUN or name.startswith("check-"):
                continue
            exec(compile("".join(cell["source"]), f"<{name}>", "exec"), names)
            if name == "settings":
                exec(settings, names)
            if name == last:
                break
    finally:
        os.chdir(before)
    return names


def _replace(source: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        if source.count(old) != 1:
            raise ValueError(f"Expected once in a solution, but not so: {old!r}. Mend this file.")
        source = source.replace(old, new)
    return source


def _pairs(source: str, variant: Variant) -> str:
    key = {
        "scene, darkest first": '(pair["scene"], pair["ev"])',
        "scene, brightest first": '(pair["scene"], -pair["ev"])',
        "exposure first": '(pair["ev"], pair["scene"])',
        "brightest first": '(-pair["ev"], pair["scene"])',
    }[variant["sorted"]]
    return _replace(source, ('(pair["scene"], pair["ev"])', key))


def _cut(source: str, variant: Variant) -> str:
    lines = {
        "top": "    top = int(rng.integers(height - side + 1))\n",
        "left": "    left = int(rng.integers(width - side + 1))\n",
        "mirror": "    mirrored = rng.random() < 0.5\n",
    }
    ordered = "".join(lines[name] for name in variant["draws"])
    return _replace(source, ("".join(lines.values()), ordered), ("< 0.5", f"< {variant['mirror']}"))


def _unet(source: str, variant: Variant) -> str:
    widths = f"{variant['width']} * min(2**i, {variant['times']})"
    down_first = variant["beside"] == "the way down first"
    return _replace(
        source,
        ("16 * min(2**i, 8)", widths),
        ("range(6)", f"range({variant['halvings']})"),
        ("nn.Conv2d(a, b, 4, 2, 1)", f"nn.Conv2d(a, b, {variant['kernel']}, 2, 1)"),
        ("nn.LeakyReLU(0.2)", f"nn.LeakyReLU({variant['slope']})"),
        ("[x, maps.pop()]", "[maps.pop(), x]" if down_first else "[x, maps.pop()]"),
    )


def _patchgan(source: str, variant: Variant) -> str:
    width, strided = variant["d_width"], variant["strided"]
    channels = [6, *(width * 2**i for i in range(strided + 1))]
    picture_first = variant["pair"] == "the picture first"
    return _replace(
        source,
        ("[6, 16, 32, 64], [2, 2, 1]", f"{channels}, {[2] * strided + [1]}"),
        ("  # a logit sees 34 px", ""),
        (
            "[real_input, picture]",
            "[picture, real_input]" if picture_first else "[real_input, picture]",
        ),
    )


def _losses(source: str, variant: Variant) -> str:
    return _replace(
        source,
        ("(real_logits, 1.0)", f"(real_logits, {variant['real']})"),
        ("(fake_logits, 0.0)", f"(fake_logits, {variant['fake']})"),
        ("(fake_logits, 1.0) + 100", f"(fake_logits, {variant['real']}) + {variant['lambda_l1']}"),
    )


def _step(source: str, variant: Variant) -> str:
    head, of_d, of_g = source.split("\n\n")
    of_g, returned = of_g.split("    return ")
    for number in (0, 1):
        clip = f"torch.nn.utils.clip_grad_norm_(networks[{number}].parameters(), "
        step = f"    optimizers[{number}].step()"
        parts = [_cut_gradients(part, step, clip, variant["longest"]) for part in (of_d, of_g)]
        of_d, of_g = parts
    if variant["shown"] == "after":
        of_d = of_d.replace("fake.detach()", "generator(real_input).detach()")
    turns = [of_d, of_g] if variant["turn"] == "D" else [of_g, of_d]
    return "\n\n".join([head, *(turn.rstrip() for turn in turns)]) + f"\n    return {returned}"


def _cut_gradients(part: str, step: str, clip: str, longest: float) -> str:
    return part.replace(step, f"    {clip}{longest})\n{step}") if longest else part


def _resume(source: str, variant: Variant) -> str:
    old = ["networks", "optimizers", "random", "kept"]
    pairs = zip(old, variant["entries"], strict=True)
    return _replace(source, *((f'"{name}":', f'"{new}":') for name, new in pairs))


def _evaluate(source: str, variant: Variant) -> str:
    border = variant["border"]
    source = _replace(
        source,
        (
            "np.square(differences)",
            f"np.square(differences[:, {border}:-{border}, {border}:-{border}])",
        ),
    )
    if variant["mean"] == "errors":
        source = _replace(
            source,
            ("    decibels = 10 * np.log10(255**2 / np.maximum(errors, 255**2 / 1e6))\n", ""),
            (
                "float(decibels[evs == ev].mean())",
                "float(10 * np.log10(255**2 / max(errors[evs == ev].mean(), 255**2 / 1e6)))",
            ),
        )
    return source


def _verdict(source: str, variant: Variant) -> str:
    smallest = variant["smallest"]
    source = _replace(
        source,
        ("< 2:", f"< {variant['at_least']}:"),
        ("low >= 0.3", f"low >= {smallest}"),
        ("high < 0.3", f"high < {smallest}"),
    )
    if variant["rule"] == "mean":
        error = "    error = differences.std(ddof=1) / np.sqrt(len(differences))\n"
        middle = "differences.mean() - 2 * error, differences.mean() + 2 * error"
        source = _replace(
            source,
            (
                "    low, high = differences.min(), differences.max()",
                f"{error}    low, high = {middle}",
            ),
        )
    return source


FITS: dict[str, Callable[[str, Variant], str]] = {
    "90.pairs": _pairs,
    "90.cut": _cut,
    "90.unet": _unet,
    "90.patchgan": _patchgan,
    "90.losses": _losses,
    "90.step": _step,
    "90.resume": _resume,
    "90.evaluate": _evaluate,
    "90.verdict": _verdict,
}
"""Question to what fits the template's solution to a variant."""
