"""Attacks on what a notebook stores: outputs, tags, markers, the check cells themselves.

Stock nbval runs the student's own file here, as one would who grades what was handed in.
"""

from attack import (
    ANSWER,
    ASSERTED,
    CHECK,
    PRINTED,
    WRONG_LINE,
    Attack,
    Cells,
    Change,
    Control,
    cell_of,
    code,
    stream,
)

FAMILY = "stored outputs, tags and markers"

OWN_PRINTED = Control(PRINTED, own_file=True)
OWN_ASSERTED = Control(ASSERTED, own_file=True)


def edit_output(cells: Cells) -> None:
    cell_of(cells, CHECK)["outputs"] = [stream(WRONG_LINE)]


def forget_the_run(cells: Cells) -> None:
    """nbval compares no cell that was never run."""
    cell_of(cells, CHECK).update(outputs=[], execution_count=None)


def delete_check(cells: Cells) -> None:
    cells.remove(cell_of(cells, CHECK))


def mark_to_skip(cells: Cells) -> None:
    check = cell_of(cells, CHECK)
    check["source"] = "# NBVAL_SKIP\n" + check["source"]


def expect_errors(id_: str) -> Change:
    """Change by which a cell may raise and show what it likes."""

    def change(cells: Cells) -> None:
        tags = cell_of(cells, id_)["metadata"].setdefault("tags", [])
        tags += ["raises-exception", "nbval-ignore-output"]

    return change


SLEEPING = code("""
    import time

    def scale(x):
        return x

    time.sleep(30)
""")

ATTACKS = (
    Attack(FAMILY, "output of the check edited", change=edit_output, control=OWN_PRINTED),
    Attack(FAMILY, "check never run", change=forget_the_run, control=OWN_PRINTED),
    Attack(FAMILY, "check deleted", change=delete_check, control=OWN_PRINTED),
    Attack(FAMILY, "marker skip", change=mark_to_skip, control=OWN_ASSERTED),
    Attack(
        FAMILY,
        "cell that sleeps past the timeout",
        SLEEPING,  # every cell behind it is expected to fail, so that none of them does
        change=expect_errors(ANSWER),
        says="in time",
        control=Control(ASSERTED, alone=True, timeout=3.0),
    ),
)
