"""Sphinx extension for the library's pages: settings as a table in words, and the public names.

autodoc would write a setting's type as pydantic spells it, once in the signature and again below;
here a class of settings has one table, with its types and ranges in words.
"""

from importlib import import_module
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from docutils.statemachine import StringList  # type: ignore[import-untyped]
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx
from sphinx.ext.autosummary import Autosummary
from sphinx.pycode import ModuleAnalyzer

TYPES = {int: "whole number", float: "number", bool: "true or false", str: "text"}

LIMITS = {"gt": "above {}", "ge": "at least {}", "lt": "below {}", "le": "at most {}"}


def in_words(field: FieldInfo) -> str:
    """Say which values a setting takes: its type, its range, and what it is where none is given."""
    said = _type_in_words(field.annotation)
    limits = {
        name: getattr(item, name)
        for item in field.metadata
        for name in LIMITS
        if hasattr(item, name)
    }
    if field.annotation is int:  # above 0 is from 1
        limits |= {"ge": limits.pop("gt") + 1} if "gt" in limits else {}
        limits |= {"le": limits.pop("lt") - 1} if "lt" in limits else {}
    if "ge" in limits and "le" in limits:
        said += f" from {_number(limits['ge'])} to {_number(limits['le'])}"
    elif limits:
        said += " " + " and ".join(LIMITS[key].format(_number(n)) for key, n in limits.items())
    if not field.is_required() and isinstance(field.default, (bool, int, float, str)):
        said += f"; {field.default} where not given"
    return said


def _number(value: float) -> str:
    return f"{int(value) if value == int(value) else value:,}"


def _type_in_words(kind: Any) -> str:
    if get_origin(kind) is Literal:
        *most, last = (f"``{value}``" for value in get_args(kind))
        return f"{', '.join(most)} or {last}" if most else last
    if get_origin(kind) is Annotated:
        return _type_in_words(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f":class:`~{kind.__module__}.{kind.__qualname__}`"
    if kind in TYPES:
        return TYPES[kind]
    parts = [_type_in_words(part) for part in get_args(kind) if part is not NoneType]
    return " or ".join(parts) if parts else str(getattr(kind, "__name__", kind))


def describe_settings(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Append the table of its settings to the text of a class of settings."""
    if what != "class" or not _is_settings(obj):
        return
    told = ModuleAnalyzer.for_module(obj.__module__).find_attr_docs()
    lines += ["", ".. list-table::", "   :header-rows: 1", "", "   * - setting", "     - value"]
    lines += ["     - what it is"]
    for key, field in obj.model_fields.items():
        text = " ".join(told.get((obj.__qualname__, key), []))
        lines += [f"   * - ``{key}``", f"     - {in_words(field)}", f"     - {text}"]
    lines.append("")


def drop_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str, None] | None:
    """Leave out the signature of a class of settings, which its table says."""
    return ("", None) if what == "class" and _is_settings(obj) else None


def skip_settings(
    app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out single settings, and what pydantic adds to a class of them."""
    owner = app.env.temp_data.get("autodoc:class")
    module = app.env.temp_data.get("autodoc:module")
    if what != "class" or owner is None or module is None:
        return None
    cls = getattr(import_module(module), owner.rpartition(".")[2], None)
    fields = getattr(cls, "model_fields", {}) if _is_settings(cls) else {}
    return True if name in fields or (fields and name == "model_config") else None


def _is_settings(obj: Any) -> bool:
    return isinstance(obj, type) and issubclass(obj, BaseModel)


class PublicNames(Autosummary):
    """`public-names`: a table of what a face of the library offers, with links; in reST only."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[Any]:
        """Fill the table from the module's own list of names."""
        homes: dict[str, str] = import_module(self.arguments[0])._HOMES
        names = [f"~exposure_lab.{homes[name]}.{name}" for name in sorted(homes, key=str.lower)]
        self.content = StringList(names, source=self.arguments[0])
        self.options["nosignatures"] = True
        return list(super().run())


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it all; called by Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.autosummary")
    app.connect("autodoc-process-docstring", describe_settings, priority=900)
    app.connect("autodoc-process-signature", drop_signature, priority=400)
    app.connect("autodoc-skip-member", skip_settings)
    app.add_directive("public-names", PublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
