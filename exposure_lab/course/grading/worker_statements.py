"""Statements of a cell inside the sandbox: what each binds and mentions, and how it runs.

A name of the library that the sandbox leaves out becomes a placeholder, which raises a sentence
when it is used.
"""

import __future__

import ast
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any

PACKAGE = "exposure_lab"

EVERYTHING = "*"
"""Stands for all names, where it cannot be read off the code which ones are bound or needed."""

DYNAMIC = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "setattr", "__import__", "import_module"}
)
"""Names by which code may bind or use others that cannot be read off it."""

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

IMPORTS = (ast.Import, ast.ImportFrom)

PLAIN = (*DEFINITIONS, *IMPORTS, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass)

BLOCKS = (ast.If, ast.Try, ast.With)

MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|\w[\w, ]*=\s*[%!].*|[\w.]+\?{1,2}\s*)$", re.MULTILINE)
"""Line that only IPython reads: a magic, a command of the shell, a question mark for help."""

Namespace = dict[str, Any]


class NotThere(Exception):
    """A name of the library was used that is not there while answers are graded."""


class Placeholder:
    """What stands for a name of the library that the sandbox leaves out."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def _raise(self, *_arguments: Any, **_options: Any) -> Any:
        raise NotThere(
            f"`{self.__dict__['name']}` is not there while answers are graded: write out what you "
            "need of it"
        )

    __getattr__ = __setattr__ = __call__ = __getitem__ = __iter__ = __len__ = __bool__ = _raise
    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = _raise


class Statement:
    """Statement of a cell: the names that it binds, and those that it mentions."""

    def __init__(self, node: ast.stmt, flags: int) -> None:
        self.is_expression = isinstance(node, ast.Expr)
        self.is_plain = _is_plain(node)
        self.is_variable = not isinstance(node, DEFINITIONS + IMPORTS)
        self.binds = set(_bound(node))
        self.imports = set(_packages(node))
        self._imports = list(_single_imports(node)) if isinstance(node, IMPORTS) else None
        self._code = compile(ast.Module([node], []), "<cell>", "exec", flags, dont_inherit=True)
        self.mentions = set() if self._imports else set(_mentioned(self._code))
        self.is_dynamic = bool(self.mentions & DYNAMIC) or EVERYTHING in self.binds

    def run(self, namespace: Namespace, needed: set[str]) -> None:
        """Run it; of an import only the names that are needed."""
        if self._imports is None:
            exec(self._code, namespace)
            return
        failed: Exception | None = None
        for node, name in self._imports:
            if name not in needed and EVERYTHING not in needed | {name}:
                continue
            try:
                exec(compile(ast.Module([node], []), "<cell>", "exec"), namespace)
            except Exception as error:
                if PACKAGE not in self.imports:
                    failed = failed or error
                elif name != EVERYTHING:
                    namespace[name] = Placeholder(name)
        if failed is not None:
            raise failed


class Cell:
    """Cell of a notebook: its statements, and why it could not be read where that is so."""

    def __init__(self, source: str, question: str | None = None) -> None:
        self.question = question
        self.error: BaseException | None = None
        self.statements: list[Statement] = []
        try:
            nodes = _parse(source)
            flags = _future_flags(nodes)
            self.statements = [Statement(node, flags) for node in nodes]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.error = error


def _parse(source: str) -> list[ast.stmt]:
    """Statements of a cell, without the lines that only IPython reads where there are some."""
    source = source.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        return ast.parse(source).body
    except SyntaxError:
        # Only now: in a cell that Python reads, such a line is part of a text or an expression.
        without_magics = MAGIC.sub(r"\1pass", source)
        if without_magics == source:
            raise
        return ast.parse(without_magics).body


def _future_flags(nodes: list[ast.stmt]) -> int:
    flags = 0
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _is_plain(node: ast.AST) -> bool:
    """Whether it only imports, defines and assigns, in blocks or not, and loops over nothing."""
    if isinstance(node, BLOCKS):
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
        for handler in getattr(node, "handlers", []):
            inner += handler.body
        return all(map(_is_plain, inner))
    return isinstance(node, PLAIN)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds, or whose value it changes by an index or an attribute."""
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, IMPORTS):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        yield from (part.id for part in ast.walk(node.value) if isinstance(part, ast.Name))
    for child in ast.iter_child_nodes(node):
        yield from _bound(child)


def _packages(node: ast.AST) -> Iterator[str]:
    """Packages that a statement imports, at once or later."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield (part.module or "").partition(".")[0]


def _single_imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[ast.stmt, str]]:
    """Imports of one name each, with that name."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            one: ast.stmt = ast.Import([alias])
        else:
            one = ast.ImportFrom(node.module, [alias], node.level)
        yield ast.copy_location(one, node), alias.asname or alias.name.partition(".")[0]


def _mentioned(code: CodeType) -> Iterator[str]:
    """Names that code may look up outside its functions, and texts that could be such names."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _mentioned(constant)
        elif isinstance(constant, str) and constant.isidentifier():
            yield constant
