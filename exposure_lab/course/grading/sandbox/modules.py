"""Modules of this package: their files, and what each imports as soon as it is imported."""

import ast
from collections.abc import Iterable
from functools import cache

from exposure_lab.course.grading.sandbox.interpreter import PACKAGE
from exposure_lab.errors import GradingError, unknown_name


@cache
def all_modules() -> frozenset[str]:
    """Names of all modules and packages below this package, such as ``images.srgb``."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        names.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return frozenset(names - {""})


def in_short(names: Iterable[str]) -> tuple[str, ...]:
    """Names of modules without the package's own, in order, each once.

    Raises:
        GradingError: there is no such module, so that leaving it out would leave an answer in.
    """
    short = sorted({name.removeprefix(f"{PACKAGE.name}.") for name in names})
    for name in short:
        if name not in all_modules():
            sentence = unknown_name("module", name, sorted(all_modules()))
            raise GradingError(f"{sentence} Mend what the question leaves out or needs.")
    return tuple(short)


def overlap(left_out: Iterable[str], needed: Iterable[str]) -> set[str]:
    """Needed modules that are left out, by themselves or with the package that they are in."""
    left_out = set(left_out)
    return {name for name in needed if left_out & {name, *_packages_of(name)}}


def with_imports(names: Iterable[str]) -> set[str]:
    """Modules, and all of this package that importing them imports."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imports(name) - found
    return found


@cache
def _imports(name: str) -> frozenset[str]:
    """Modules of this package that a module imports at its top, outside of functions."""
    path = PACKAGE.joinpath(*name.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    short = {module.removeprefix(f"{PACKAGE.name}.") for module in found}
    return frozenset(short & all_modules())


def _packages_of(name: str) -> list[str]:
    """Packages that a module is in: ``a.b.c`` is in ``a`` and ``a.b``."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
