"""Code cells of a student's own notebook, whatever an editor made of its format."""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exposure_lab.errors import ChapterError

LARGEST = 300_000_000
"""Bytes of a notebook, at most; pictures of a long run take some tens of millions."""


@dataclass(frozen=True)
class OwnQuestion:
    """Question that the notebook asks."""

    id: str
    name: str
    """What its answer defines."""
    variant: Mapping[str, Any]
    private: bool = False
    """Whether only the grader knows it."""


@dataclass(frozen=True)
class OwnCell:
    """Code cell of the notebook."""

    number: int
    """Place among all cells, from 1."""
    source: str
    id: str
    own: Mapping[str, Any]
    """Metadata ``exposure_lab``."""
    is_check: bool


def read_cells(path: Path) -> dict[str, Any]:
    """Read the JSON of a notebook of format 4, with its list ``cells``. Raises ChapterError."""
    sentence = None
    try:
        if path.stat().st_size > LARGEST:
            sentence = f"it has more than {LARGEST // 10**6} MB: clear its outputs"
        else:
            content = json.loads(path.read_bytes().decode("utf-8-sig"))
            if isinstance(content, dict) and isinstance(content.get("cells"), list):
                return content
            sentence = "it has no cells: save it in Jupyter or Colab as .ipynb"
    except FileNotFoundError:
        sentence = "there is no such file: check the path"
    except OSError as error:
        sentence = f"it cannot be read ({error.strerror}): check the path"
    except (ValueError, RecursionError):
        sentence = "it is none inside: save it in Jupyter or Colab as .ipynb"
    raise ChapterError(f"Expected a notebook at {path}, but {sentence}.")


def code_cells(cells: list[Any]) -> list[OwnCell]:
    """Code cells of a notebook's JSON; what is no cell is left out."""
    found = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        metadata = cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        own, tags = metadata.get("exposure_lab"), metadata.get("tags")
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        source = source.replace("\r\n", "\n")
        tagged = isinstance(tags, list) and "check" in tags
        name = str(cell.get("id") or metadata.get("id") or "")
        is_check = tagged or name.startswith("check-") or check_call(source) is not None
        own = own if isinstance(own, dict) else {}
        found.append(OwnCell(number, source, name, own, is_check))
    return found


def check_call(source: str) -> OwnQuestion | None:
    """Read ``check("01.render-ev", render_ev, variant={...})`` as data; None for other code."""
    body = statements(source)
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return None
    call = body[0].value
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "check" or len(call.args) != 2:
        return None
    try:
        question = ast.literal_eval(call.args[0])
        given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    except ValueError:
        return None
    return OwnQuestion(str(question), ast.unparse(call.args[1]), given.get("variant") or {})


def defined_names(source: str) -> set[str]:
    """Names that a cell defines or assigns outside of functions."""
    names = set()
    for node in statements(source):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def statements(source: str) -> list[ast.stmt]:
    """Statements of a cell, without its magic commands; none where it does not parse."""
    plain = re.sub(r"^[ \t]*[%!].*$", "", source, flags=re.MULTILINE)
    try:
        return ast.parse(plain).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
