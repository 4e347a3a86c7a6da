"""Plain Markdown for Colab: every role and directive that a chapter may use."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from stub_chapters import code, text

from exposure_lab.errors import ChapterError
from exposure_lab.publishing.colab_markdown import flatten
from exposure_lab.publishing.myst_roles import read_references
from exposure_lab.publishing.notebook_files import find_chapters, read_notebook

ROOT = Path(__file__).resolve().parents[2]
REFERENCES = {"isola2017": "Isola et al., 2017", "report2022": "Student report, 2022"}


def flat(source: str, *more: str) -> str:
    """One Markdown cell of chapter 6, made plain; ``more`` follows in cells of its own."""
    notebook = new_notebook(cells=[text(part) for part in (source, *more)])
    cells = flatten(notebook, "06_stub", REFERENCES).cells
    return "\n".join(str(cell.source) for cell in cells)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("as {cite}`isola2017` says", "as (Isola et al., 2017) says"),
        ("{cite:p}`isola2017, report2022`", "(Isola et al., 2017; Student report, 2022)"),
        ("{cite:t}`isola2017` say", "Isola et al. (2017) say"),
        ("a {term}`stop`", "a stop"),
        ("two {term}`stops <stop>`", "two stops"),
        ("see {doc}`the glossary <appendix/glossary>`", "see the glossary"),
        ("{math}`x^2`", "$x^2$"),
        ("the code `{eq}` stays", "the code `{eq}` stays"),
        ("```python\n{cite}`x`\n```", "```python\n{cite}`x`\n```"),
        ("(label)=\n## Heading", "## Heading"),
        ("# Training", "# 6. Training"),
        ("# 6. Training", "# 6. Training"),
        ("```{note}\nMind {term}`stop`.\n```", "> **Note.** Mind stop."),
        (":::{admonition} Why?\nFor *this*.\n:::", "> **Why?.** For *this*."),
        (
            "```{dropdown} More\nhidden\n```",
            "<details><summary>More</summary>\n\nhidden\n\n</details>",
        ),
        ("```{figure} a.png\n:alt: A dot.\n\nA caption.\n```", "![A dot.](a.png)\n\nA caption."),
    ],
)
def test_one_at_a_time(source: str, expected: str) -> None:
    assert flat(source) == expected


def test_equations_are_numbered_as_on_the_page() -> None:
    source = "$$ a $$\n\n$$\nx = 1\n$$ (eq-one)\n\n```{math}\n:label: eq-two\ny\n```\n{eq}`eq-two`"
    expected = "$$ a $$\n\n$$\nx = 1 \\tag{6.1}\n$$\n\n$$\ny \\tag{6.2}\n$$\n(6.2)"
    assert flat(source) == expected


def test_exercises_and_solutions() -> None:
    source = (
        "```{exercise} Doubling\n:label: ex-06-double\n\nDouble it, see {ref}`ex-06-double`.\n```"
    )
    assert flat(source) == "**Exercise 6.1 (Doubling).** Double it, see Exercise 6.1."
    solution = "````{solution} ex-06-double\n:class: dropdown\n\n```python\n2 * x\n```\n````"
    expected = "<details><summary>Solution of exercise 6.1</summary>\n\n```python\n2 * x\n```"
    assert flat(source, solution).endswith(expected + "\n\n</details>")


def test_a_figure_gets_its_number_and_its_caption() -> None:
    own = {"figure": {"caption": "A {term}`stop`.", "name": "fig-06-a"}}
    drawn = code("draw()", "draw", mystnb=own)
    notebook = new_notebook(cells=[new_markdown_cell("See {numref}`fig-06-a`."), drawn])
    original = nbformat.writes(notebook)
    plain = flatten(notebook, "06_stub", REFERENCES)
    assert [cell.source for cell in plain.cells] == [
        "See Figure 6.1.",
        "draw()",
        "**Figure 6.1.** A stop.",
    ]
    assert plain.cells[2]["id"] == "caption-fig-06-a"
    nbformat.validate(plain)
    assert nbformat.writes(notebook) == original


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{cite}`nobody1999`", "nobody1999"),
        ("{numref}`fig-99`", "label of this chapter"),
        ("{glue}`x`", "'glue' has none"),
        ("```{tabbed} x\n```", "'tabbed' has none"),
    ],
)
def test_what_has_no_plain_form_is_named_with_its_cell(source: str, expected: str) -> None:
    with pytest.raises(ChapterError, match=rf"In cell .* of 06_stub: .*{expected}"):
        flat(source)


def test_the_books_chapters_have_a_plain_form() -> None:
    references = read_references(ROOT / "book" / "references.bib")
    assert references["demir2018"] == "Demir and Ünal, 2018"
    for path in find_chapters(ROOT):
        plain = flatten(read_notebook(path), path.stem, references)
        nbformat.validate(plain)
        words = "\n".join(c.source for c in plain.cells if c.cell_type == "markdown")
        assert not re.search(r"\{[a-z:-]+\}`|^(```|:::)\{", words, re.MULTILINE)
        names = [cell["id"] for cell in plain.cells]
        assert len(names) == len(set(names))
