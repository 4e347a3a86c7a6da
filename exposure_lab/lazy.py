"""Names of a package that are imported from their modules when they are first asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make ``__getattr__`` and ``__dir__`` for a package whose names live in other modules.

    Args:
        package: its ``__name__``.
        homes: name to the module that it is imported from, such as ``images.io``.

    Source:
        PEP 562, module attributes.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"exposure_lab.{homes[name]}"), name)

    return get, lambda: sorted(homes)
