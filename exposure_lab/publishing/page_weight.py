"""Sphinx extension that keeps pages light: no script, icon or index that a page does not use.

The theme hands all two thousand icons of Font Awesome to every page, as outlines in a script and as
letters of a font, and with them the whole search index; Sphinx hands MathJax to a page whose
neighbours have formulas. What is left out here is never called: a browser test opens every page and
sees that each icon shows and nothing complains.
"""

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

from exposure_lab.errors import ChapterError

ICONS = Path("_static/scripts/fontawesome.js")

ICON = re.compile(
    r'"?(?P<name>[a-z0-9-]+)"?:\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"[0-9a-f]+",'
    r'(?:"[^"]*"|\[[^\]]*\])\],?'
)
"""One icon in Font Awesome's script: its name, size, other names, code and outline."""

ICON_RULE = re.compile(
    r'(?P<names>(?:\.fa-[a-z0-9-]+::?before,?)+)\{content:"\\[0-9a-f]+(?:\\fe0e)?"\}'
)
"""The rule of one icon in the theme's styles: its names and the letter that draws it."""

LETTER = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")
"""A letter of an icon font in styles, escaped or as it is."""

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


def keep_rules(styles: str, names: Iterable[str]) -> str:
    """Cut the rules of Font Awesome down to those of some icons; they serve where no script runs.

    Args:
        styles: text of a file of styles.
        names: of the icons, without ``fa-``.
    """
    wanted = {f".fa-{name}" for name in names}

    def choose(found: re.Match[str]) -> str:
        rule = {name.partition(":")[0] for name in found["names"].split(",")}
        return found[0] if rule & wanted else ""

    return ICON_RULE.sub(choose, styles)


def letters_in(styles: str) -> set[int]:
    """Find the letters of an icon font that styles show, as code points."""
    found = LETTER.findall(styles)
    return {int(escaped, 16) if escaped else ord(plain) for escaped, plain in found}


def subset_font(font: bytes, letters: Iterable[int]) -> bytes:
    """Cut a WOFF2 font down to some letters, code points; those that it lacks are left out."""
    options = Options(flavor="woff2", notdef_outline=True, name_IDs=["*"])
    opened = TTFont(io.BytesIO(font))
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(opened)
    smaller = io.BytesIO()
    opened.flavor = "woff2"
    opened.save(smaller)
    return smaller.getvalue()


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
    site = Path(app.outdir)
    icons = site / ICONS
    if exception is not None or not icons.is_file():
        return
    names: set[str] = set()
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        names.update(USED.findall(text))
        if page.name != "search.html" and SEARCH.search(text):
            page.write_text(SEARCH.sub("", text), encoding="utf-8")
    for script in icons.parent.parent.rglob("*.js"):
        if script.name != icons.name:  # scripts put icons in, too
            names.update(USED.findall(script.read_text(encoding="utf-8")))
    smaller = keep_icons(icons.read_text(encoding="utf-8"), names)
    icons.write_text(smaller, encoding="utf-8")
    letters: set[int] = set()
    for path in site.rglob("*.css"):
        styles = keep_rules(path.read_text(encoding="utf-8"), names)
        path.write_text(styles, encoding="utf-8")
        letters |= letters_in(styles)
    for path in site.rglob("webfonts/*.woff2"):
        path.write_bytes(subset_font(path.read_bytes(), letters))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it all; called by Sphinx."""
    app.connect("html-page-context", drop_mathjax, priority=950)
    app.connect("build-finished", slim, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
