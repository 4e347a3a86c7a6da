"""HTML pages of a grading: templates in which every text is escaped, without script or address.

A page brings its style, which its content security policy names by hash; nothing else may load or
run in it, whatever a student wrote.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from exposure_lab.course.grading.batch_folder import folder_name
from exposure_lab.course.grading.gradebook.shown_text import cut, one_line, visible
from exposure_lab.files.csv_table import tidy_number

TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    """Fill in a template of this package."""
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = _environment().get_template(template).render(style=style, policy=policy, **values)
    return page.encode("utf-8", "replace").decode()


def student_page_path(student: str) -> str:
    """Path of a student's page below the folder of grades."""
    return f"students/{folder_name(student)}/feedback.html"


def plural(count: float, one: str, many: str = "") -> str:
    """Count with its noun, such as "1 student" and "2 students"."""
    return f"{count:g} {one if count == 1 else many or f'{one}s'}"


def _points(value: float) -> str:
    return f"{tidy_number(value):g}" if value < 100_000 else f"{value:.0f}"


def _text(text: str, most: int = 5_000) -> str:
    return cut(visible(text), most)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"line": one_line, "points": _points, "text": _text, "plural": plural}
    return environment
