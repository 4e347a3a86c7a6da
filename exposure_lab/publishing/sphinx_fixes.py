"""Sphinx extension that repairs what the theme and its helpers leave wrong on our pages.

Chapters are numbered by their file names, so that Figure 6.1 keeps its number when a chapter is
added before it. Named in `_config.yml`; nothing else imports it.
"""

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util import logging

from exposure_lab.publishing.figure_files import ShowVersions

logger = logging.getLogger(__name__)

CHAPTER = re.compile(r"book/(\d\d)_")

ARRAY = re.compile(
    r"~?(?:numpy\.)?ndarray\[tuple\[~?(?:typing\.)?Any, \.\.\.\], "
    r"~?(?:numpy\.)?dtype\[~?(?:numpy\.)?float32\]\]"
)

# Without a reader's choice the theme's own script has no mode, and complains of it; and it sets the
# colours only after the page was drawn.
FOLLOW_SYSTEM = """(function (page) {
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (!page.mode) { page.mode = "auto"; }
  if (page.mode === "auto") { page.theme = dark ? "dark" : "light"; }
})(document.documentElement.dataset);"""

REPAIRS = (
    # Sphinx gives a section without a number that of its page.
    (re.compile(r'(<h[2-6]>)<span class="section-number">[^<]*</span>'), r"\1"),
    # docutils calls a bibliography a list whose items are none, with roles that are retired.
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
    (re.compile(r' role="doc-(?:biblioentry|noteref|backlink)"'), ""),
    # The label hides the text that is there, so that "click Show a solution" finds nothing.
    (re.compile(r' aria-label="Toggle hidden content"'), ""),
)


def number_chapters(collector: TocTreeCollector, env: BuildEnvironment) -> None:
    """Give every chapter the number of its file name, before its figures are numbered."""
    for page in env.found_docs:
        if chapter := CHAPTER.match(page):
            number = (int(chapter[1]),)
            env.toc_secnumbers[page] = {"": number}
            env.titles[page]["secnumber"] = number
            for reference in env.tocs[page].findall(nodes.reference):
                if reference["anchorname"] == "":
                    reference["secnumber"] = number


def check_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of a picture without alternative text; a warning stops the build."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning("picture %s has no alternative text", image["uri"], location=image)


def shorten_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str
) -> tuple[str | None, str | None]:
    """Write `Array`, which is the library's own word, where autodoc spells the type out."""
    short = [ARRAY.sub("Array", text) if text else text for text in (signature, returns)]
    return short[0], short[1]


def repair_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Remove from a page scripts that it has twice and roles that confuse a screen reader."""
    if "body" in context:
        for pattern, replacement in REPAIRS:
            context["body"] = pattern.sub(replacement, context["body"])
    # Sphinx lists an inline script once under None and once under "", and the second copy of
    # `const THEBE_JS_URL` is a syntax error on every page.
    seen: set[str] = set()
    kept = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        if body and body in seen:
            continue
        seen.add(body or "")
        kept.append(script)
    context["script_files"] = kept


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the repairs; called by Sphinx."""
    original = TocTreeCollector.assign_section_numbers

    def assign_section_numbers(self: TocTreeCollector, env: BuildEnvironment) -> list[str]:
        rewritten = original(self, env)
        number_chapters(self, env)
        return rewritten

    # No event lies between the numbering of sections and that of figures.
    TocTreeCollector.assign_section_numbers = assign_section_numbers  # type: ignore[method-assign]
    app.add_js_file(None, body=FOLLOW_SYSTEM, priority=1)
    app.add_post_transform(ShowVersions)
    app.connect("doctree-read", check_pictures)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("html-page-context", repair_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
