"""Cells as a page shows them: what is folded, under which name, and what shares a fold."""

from typing import Any

from nbformat.v4 import new_notebook, new_output
from stub_chapters import code, exercise, parameters, text

from exposure_lab.publishing.page_cells import for_the_page


def page(*cells: Any) -> list[Any]:
    """The cells of a page made of these cells."""
    return list(for_the_page(new_notebook(cells=list(cells))).cells)


def folded(name: str, source: str = "1", **output: str) -> Any:
    """A folded cell, with an output where one is given."""
    cell = code(source, name, tags=["hide-input"])
    cell.outputs = [new_output("display_data", data=output)] if output else []
    return cell


def bar(cell: Any) -> str:
    """What the bar of a closed fold says; empty where the cell has none."""
    return str(cell.metadata.get("mystnb", {}).get("code_prompt_show", ""))


def test_an_answer_and_its_check_share_one_closed_fold() -> None:
    solution, other = page(*exercise(), code("other"))
    assert solution.source.startswith("def double(x):\n    return 2 * x\n\n\nprint(")
    assert solution.outputs[0].text == "double: right\n"
    assert "hide-cell" in solution.metadata["tags"]  # the output too, unlike hide-input
    assert bar(solution) == "Show a solution"
    assert "tags" not in other.metadata


def test_no_check_prints_before_a_reader_opens_it() -> None:
    answer, check = exercise()
    shown = page(answer, text("Between the two."), check)
    prints = [cell for cell in shown if cell.cell_type == "code" and cell.outputs]
    assert prints and all("hide-cell" in cell.metadata["tags"] for cell in prints)
    assert [bar(cell) for cell in shown] == ["Show a solution", "", "Show the check"]


def test_a_fold_is_named_for_what_it_holds() -> None:
    picture, widget = {"image/png": "x"}, {"text/html": '<div class="xl-widget">'}
    shown = page(
        folded("losses", **picture),
        folded("scores", **{"text/html": '<table class="table">'}),
        folded("slider", **widget),
        folded("draw"),
        text("Between the two."),
        folded("imports"),
    )
    assert [bar(cell) for cell in shown if cell.cell_type == "code"] == [
        "Show the code of this figure",
        "Show the code of this table",
        "Show the code of this widget",
        "Show the code",
        "Show the imports",
    ]


def test_a_cell_may_name_its_own_fold() -> None:
    own = folded("grid")
    own.metadata["mystnb"] = {"code_prompt_show": "Show the drawing of the grid"}
    first, second = page(own, folded("imports"))
    assert (bar(first), bar(second)) == ("Show the drawing of the grid", "Show the imports")


def test_folds_in_a_row_are_one() -> None:
    first, second = page(
        folded("imports", "import a"),
        folded("helpers", "def b(): ..."),
        folded("helpers-more", "def d(): ..."),
        code("c()", "open"),
    )
    assert first.source == "import a\n\n\ndef b(): ...\n\n\ndef d(): ..."
    assert bar(first) == "Show the imports and helpers"
    assert (second.source, bar(second)) == ("c()", "")


def test_code_that_draws_joins_the_figure_and_leaves_its_caption() -> None:
    figure = folded("figure-grid", "draw()", **{"image/png": "x"})
    figure.metadata["mystnb"] = {"figure": {"name": "fig-grid"}}
    (shown,) = page(folded("draw-grid", "def draw(): ..."), figure)
    assert shown.source == "def draw(): ...\n\n\ndraw()"
    assert shown.metadata["mystnb"]["figure"] == {"name": "fig-grid"}
    assert bar(shown) == "Show the code of this figure"
    assert shown.outputs


def test_a_cell_that_shows_something_is_not_joined_with_the_next() -> None:
    picture = {"image/png": "x"}
    assert len(page(folded("figure-a", **picture), folded("figure-b", **picture))) == 2


def test_the_code_of_a_chapters_tables_of_claims_is_folded() -> None:
    cells = [code("claims()", name) for name in ("claims", "closing-verdicts")]
    for cell in cells:
        cell.outputs = [new_output("display_data", data={"text/html": '<table class="table">'})]
    assert [bar(cell) for cell in page(*cells)] == ["Show the code of this table"] * 2


def test_the_set_up_is_one_fold_and_what_it_says_stays() -> None:
    start = code("session = start()", "start")
    start.outputs = [new_output("stream", name="stdout", text="profile smoke")]
    injected = code("profile = 1", "injected", tags=["injected-parameters", "remove-cell"])
    (shown,) = page(folded("install"), parameters(), injected, start)
    assert bar(shown) == "Show the set-up"
    assert "hide-input" in shown.metadata["tags"] and shown.outputs[0].text == "profile smoke"
