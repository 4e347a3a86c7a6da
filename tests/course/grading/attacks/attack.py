"""Attack as data: what a hostile student hands in, and what must come of it.

Each is aimed at ``01.scale`` of the small release, worth three points, with a wrong answer; the
answer to ``01.square`` in the same notebook is right, worth two. An attack that forges comes with a
control: the same cells before a check that stock nbval runs in the student's own kernel, where the
wrong answer must pass, so that nothing harmless counts as stopped.
"""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Cells = list[dict[str, Any]]
Change = Callable[[Cells], None]

ANSWER, CHECK = "answer-01-scale", "check-01-scale"
"""Ids of the cell of the attacked question and of its check, in the release and in controls."""

WRONG = "def scale(x):\n    return x"

NOT_READ = "Expected a notebook"
VALUES = "the values differ"

FACTOR, SECRET = 7, "the-instructor's-password-4711"
RIGHT_LINE, WRONG_LINE = "01.scale: right", "01.scale: not yet"

# 217 is 7 * 31: an int that Python keeps once for all, and that nothing else in a kernel needs.
ASSERTED = "assert scale(31) == 217"
PRINTED = f'expected = 217\nprint("{RIGHT_LINE}" if scale(31) == expected else "{WRONG_LINE}")'
CLOSE = "import numpy as np\n\nassert np.allclose(scale(np.ones(3)), 7 * np.ones(3))"


@dataclass(frozen=True)
class Place:
    """What attacks are aimed at on this machine; controls have a place of their own."""

    root: Path
    """Folder of the class, with submissions, release and grades."""
    mark: Path
    """File that only code outside the sandbox could make."""
    canary: Path
    """File with a secret, which must stay as it is."""
    port: int = 0
    """Port of this machine at which somebody listens."""
    factor: int = FACTOR
    """What a right answer multiplies by."""

    def fill(self, text: str) -> str:
        """Put what is on this machine into the text of an attack."""
        for name in ("root", "mark", "canary", "port", "factor"):
            text = text.replace(f"@{name.upper()}@", str(getattr(self, name)))
        return text.replace("@SECRET@", SECRET)


@dataclass(frozen=True)
class Control:
    """How stock nbval, in the student's kernel, judges the same cells."""

    check: str
    """Code of the check: it prints `RIGHT_LINE`, or raises nothing, for a right answer."""
    own_file: bool = False
    """Whether nbval runs the notebook as it was handed in; else our check is put back first."""
    alone: bool = False
    """Whether it gets a pytest of its own, as for what reaches other notebooks."""
    timeout: float = 60.0
    """Seconds that nbval gives each cell."""
    first: str | None = None
    """Code of a notebook that is run before, by a friend."""


HandIn = Callable[[Path, dict[str, Any], Place], None]
"""Hands in something else than a notebook.

Takes the path of the submission without a suffix, and the notebook.
"""


@dataclass(frozen=True)
class Attack:
    """What a student hands in, and what must come of it."""

    family: str
    name: str
    answer: str = WRONG
    """Code of the cell of ``01.scale``."""
    squared: str | None = None
    """Code of the cell of ``01.square``; None for a right answer."""
    words: str = "A stop is a doubling of the light."
    change: Change | None = None
    """What else it does to the cells of the notebook, in place."""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Files beside the notebook, which then lies in a folder."""
    hand_in: HandIn | None = None
    file_name: str = ""
    """Name of the file or folder, where it is part of the attack."""
    says: str = VALUES
    """Part of the sentence on the attacked question or, where nothing is graded, on the files."""
    graded: bool = True
    """Whether the notebook is one that can be graded."""
    square: int = 2
    """Points of the other question: those of a right answer, unless the attack hits itself."""
    control: Control | None = None
    """None where nothing is forged."""

    @property
    def student(self) -> str:
        """Key of the student."""
        return self.file_name or f"{self.family} {self.name}".replace(" ", "-").replace("/", "-")


def code(text: str) -> str:
    """Code of a cell from an indented text."""
    return textwrap.dedent(text).strip()


def cell_of(cells: Cells, id_: str) -> dict[str, Any]:
    """Cell of an id."""
    return next(cell for cell in cells if cell.get("id") == id_)


def stream(text: str) -> dict[str, Any]:
    """Stored output of a cell that printed a line."""
    return {"output_type": "stream", "name": "stdout", "text": f"{text}\n"}
