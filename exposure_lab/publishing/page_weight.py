"""Sphinx extension that keeps pages light: no script, icon or index that a page does not use.

The theme hands all two thousand icons of Font Awesome to every page, and with them the whole search
index; Sphinx hands MathJax to a page whose neighbours have formulas. What is left out here is never
called: a browser test opens every page and sees that each icon shows and nothing complains.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx

from exposure_lab.errors import ChapterError

ICONS = Path("_static/scripts/fontawesome.js")

ICON = re.compile(
    r'"?(?P<name>[a-z0-9-]+)"?:\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\[[^\]]*\])\],?'
)
"""One icon in Font Awesome's script: its name, size, other names, code and outline."""

USED = re.compile(r"\bfa-([a-z0-9-]+)")

SEARCH = re.compile(
    r' *<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>\n'
)


def keep_icons(script: str, names: Iterable[str]) -> str:
    """Cut the script of Font Awesome down to some icons; its licence and its code stay.

    Args:
        script: text of ``fontawesome.js``.
        names: of the icons, their own or older ones, without ``fa-``; others are no icons.

    Raises:
        ChapterError: the script has no icons as Font Awesome 6 writes them.
    """
    wanted = set(names)

    def choose(found: re.Match[str]) -> str:
        known = {found["name"], *re.findall(r'"([^"]+)"', found["aliases"])}
        return found[0] if known & wanted else ""

    smaller, icons = ICON.subn(choose, script)
    if not icons:
        raise ChapterError(
            "Expected the icons of Font Awesome 6 in the theme's fontawesome.js, but there are "
            "none: look at what pydata-sphinx-theme ships now."
        )
    return re.sub(r"//# sourceMappingURL=.*", "", smaller)


def drop_mathjax(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave MathJax out of a page without formulas; Sphinx looks at the pages below it as well."""
    if 'class="math ' not in context.get("body", ""):
        context["script_files"] = [
            script for script in context["script_files"] if "mathjax" not in str(script)
        ]


def slim(app: Sphinx, exception: Exception | None) -> None:
    """Take icons and search scripts away that no page of the site uses."""
    icons = Path(app.outdir) / ICONS
    if exception is not None or not icons.is_file():
        return
    names: set[str] = set()
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        names.update(USED.findall(text))
        if page.name != "search.html" and SEARCH.search(text):
            page.write_text(SEARCH.sub("", text), encoding="utf-8")
    for script in icons.parent.parent.rglob("*.js"):
        if script.name != icons.name:  # scripts put icons in, too
            names.update(USED.findall(script.read_text(encoding="utf-8")))
    smaller = keep_icons(icons.read_text(encoding="utf-8"), names)
    icons.write_text(smaller, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it all; called by Sphinx."""
    app.connect("html-page-context", drop_mathjax, priority=950)
    app.connect("build-finished", slim, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
