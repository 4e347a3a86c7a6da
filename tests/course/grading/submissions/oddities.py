"""What editors and habits of honest students do to a notebook, each as a change in place."""

from collections.abc import Callable
from typing import Any

from notebook_maker import Notebook, answer, code, text


def cell_of(content: Notebook, id_: str) -> dict[str, Any]:
    return next(cell for cell in content["cells"] if cell.get("id") == id_)


def place(content: Notebook, id_: str) -> int:
    return content["cells"].index(cell_of(content, id_))


def with_noise(content: Notebook) -> None:
    stderr = {"output_type": "stream", "name": "stderr", "text": "UserWarning: noise"}
    cell_of(content, "answer-01-render-ev")["outputs"] = [stderr]


def with_huge_outputs(content: Notebook) -> None:
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "A" * 8_000_000},
        "metadata": {},
    }
    printed = {"output_type": "stream", "name": "stdout", "text": ["[[0, 1], {}]\n"] * 200_000}
    cell_of(content, "training")["outputs"] = [picture, printed]


def with_extra_cells(content: Notebook) -> None:
    content["cells"].insert(0, code("scratch = 1"))
    content["cells"].insert(5, text("My notes"))
    content["cells"].append(code(""))
    content["cells"].append({"cell_type": "raw", "source": "x", "metadata": {}})


def reordered(content: Notebook) -> None:
    content["cells"].reverse()


def without_training(content: Notebook) -> None:
    content["cells"].remove(cell_of(content, "training"))


def split(content: Notebook) -> None:
    """As JupyterLab splits a cell: the marks of both are the same, and once so was the id."""
    whole = cell_of(content, "answer-01-render-ev")
    first, second = whole["source"].split("\n", 1)
    content["cells"].insert(place(content, whole["id"]) + 1, {**whole, "source": second})
    whole["source"] = first


def copied(content: Notebook) -> None:
    """A cell that was copied, tried out and kept."""
    old = answer("01.render-ev", "def render_ev(srgb, ev):\n    return srgb")
    content["cells"].insert(place(content, "answer-01-render-ev"), old)


def with_windows_line_ends(content: Notebook) -> None:
    for cell in content["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def with_lines(content: Notebook) -> None:
    for cell in content["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def in_format(minor: int) -> Callable[[Notebook], None]:
    def change(content: Notebook) -> None:
        content["nbformat_minor"] = minor
        for cell in content["cells"]:
            cell.pop("id", None)

    return change


def from_colab(content: Notebook) -> None:
    """Colab renames cells and adds its own metadata."""
    content["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    for number, cell in enumerate(content["cells"]):
        cell["metadata"]["id"] = cell["id"] = f"aB3_{number}xyz"


def with_other_kernel(content: Notebook) -> None:
    content["metadata"]["kernelspec"] = {"name": "julia-1.10", "display_name": "Jules"}


def without_kernel(content: Notebook) -> None:
    content["metadata"].pop("kernelspec")


def without_marks(content: Notebook) -> None:
    """As a tool that cleans metadata leaves it: the ids are all there is."""
    content["metadata"] = {}
    for cell in content["cells"]:
        cell["metadata"] = {}


def without_marks_and_ids(content: Notebook) -> None:
    without_marks(content)
    in_format(4)(content)


def with_helper_elsewhere(content: Notebook) -> None:
    content["cells"].insert(1, code("def gain(ev):\n    return 2.0**ev"))
    cell_of(content, "answer-01-render-ev")["source"] = (
        "def render_ev(srgb, ev):\n    return srgb * gain(ev)"
    )


def with_helper_in_given_cell(content: Notebook) -> None:
    cell_of(content, "imports")["source"] += (
        "\nimport math\nfrom functools import cache\nBASE = 2.0  # light"
    )
    cell_of(content, "training")["source"] += (
        "\n\n@cache\ndef gain(ev):\n    return math.pow(BASE, ev)\n\nprint(history)"
    )
    cell_of(content, "answer-01-render-ev")["source"] = (
        "def render_ev(srgb, ev):\n    return srgb * gain(ev)"
    )


def with_helper_in_a_copied_given_cell(content: Notebook) -> None:
    content["cells"].insert(
        2, code("def gain(ev):\n    x = 2.0**ev\n    return x", {"given": True})
    )
    cell_of(content, "answer-01-render-ev")["source"] = (
        "def render_ev(srgb, ev):\n    return srgb * gain(ev)"
    )


def merged_with_given(content: Notebook) -> None:
    """Two cells made one keep the marks of the first."""
    mine = cell_of(content, "answer-01-render-ev")
    content["cells"].remove(mine)
    cell_of(content, "imports")["source"] += "\n\n" + mine["source"]


def with_imports_inside(content: Notebook) -> None:
    cell_of(content, "answer-01-render-ev")["source"] = (
        "import math\n\n\ndef render_ev(srgb, ev):\n    from math import pow\n"
        "    return srgb * pow(2.0, ev)"
    )


def in_another_language(content: Notebook) -> None:
    cell_of(content, "answer-01-render-ev")["source"] = (
        '# 露出を変える\ndef render_ev(srgb, ev):\n    """Más luz: ½ → 1."""\n'
        "    lumière = 2.0**ev\n    return srgb * lumière"
    )


def with_magics(content: Notebook) -> None:
    mine = cell_of(content, "answer-01-render-ev")
    mine["source"] = f"%%time\n%matplotlib inline\n!pip install nothing\n{mine['source']}"


def with_unpaired_surrogate(content: Notebook) -> None:
    cell_of(content, "answer-01-render-ev")["source"] += "\n# \ud83d"


def with_odd_metadata(content: Notebook) -> None:
    cell_of(content, "training")["metadata"] = None
    content["cells"].append({"cell_type": "code"})
    content["cells"].append("no cell")
    content["cells"].append(code("x = 1", id=17))
    content["cells"].append({**code("y = 1"), "metadata": {"exposure_lab": [], "tags": "check"}})


def with_wrong_id(content: Notebook) -> None:
    """Metadata count, not ids."""
    mine, other = (cell_of(content, f"answer-01-{name}") for name in ("render-ev", "predict-stop"))
    mine["id"], other["id"] = other["id"], mine["id"]


def with_answer_of_an_exercise_without_points(content: Notebook) -> None:
    ungraded = answer("01.for-fun", "def gain(ev):\n    return 2.0**ev")
    content["cells"].insert(1, ungraded)
    cell_of(content, "answer-01-render-ev")["source"] = (
        "def render_ev(srgb, ev):\n    return srgb * gain(ev)"
    )


ODDITIES = [
    with_noise,
    with_huge_outputs,
    with_extra_cells,
    without_training,
    split,
    copied,
    with_windows_line_ends,
    with_lines,
    *(in_format(minor) for minor in range(6)),
    from_colab,
    with_other_kernel,
    without_kernel,
    without_marks,
    without_marks_and_ids,
    with_helper_elsewhere,
    with_helper_in_given_cell,
    with_helper_in_a_copied_given_cell,
    merged_with_given,
    with_imports_inside,
    in_another_language,
    with_magics,
    with_unpaired_surrogate,
    with_odd_metadata,
    with_wrong_id,
    with_answer_of_an_exercise_without_points,
    reordered,
]
