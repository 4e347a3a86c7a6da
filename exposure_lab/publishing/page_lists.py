"""Sphinx extension that lists what lies across pages: all figures, and where a work is cited.

`{list-of-figures}` stands where the list of figures goes. Every entry of a bibliography gets links
back to the pages that cite it.
"""

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.docutils import SphinxDirective


class figures(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils names visitors by it
    """Place of the list of figures, until every figure has its number."""


class ListOfFigures(SphinxDirective):
    """`{list-of-figures}`: every numbered figure of the book with its caption, by page."""

    def run(self) -> list[nodes.Node]:
        """Leave the place; what stands there is known when all pages have been read."""
        return [figures()]


def fill_lists(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the list of figures where its place is, and links back below a bibliography."""
    for place in list(doctree.findall(figures)):
        place.replace_self(_list_figures(app.builder, page))
    if any(doctree.findall(nodes.citation)):
        _add_backlinks(app.builder, doctree, page)


def _list_figures(builder: Builder, page: str) -> list[nodes.Node]:
    result: list[nodes.Node] = []
    env = builder.env
    for other in _pages_in_order(builder):
        numbers = env.toc_fignumbers.get(other, {}).get("figure", {})
        items = []
        for figure in env.get_doctree(other).findall(nodes.figure) if numbers else ():
            caption = next(iter(figure.findall(nodes.caption)), None)
            name = next((one for one in figure["ids"] if one in numbers), None)
            if caption is None or name is None:
                continue
            number = ".".join(map(str, numbers[name]))
            paragraph = nodes.paragraph()
            paragraph += _link(builder, page, other, name, f"Figure {number}")
            paragraph += nodes.Text(f": {caption.astext()}")
            items.append(nodes.list_item("", paragraph))
        if items:
            title = env.titles[other].astext()
            result += [nodes.rubric("", title), nodes.bullet_list("", *items)]
    return result


def _pages_in_order(builder: Builder) -> list[str]:
    """List the pages as the table of contents has them."""
    env = builder.env
    order, stack = [], [env.config.root_doc]
    while stack:
        page = stack.pop()
        order.append(page)
        stack += reversed(env.toctree_includes.get(page, []))
    return order


def _add_backlinks(builder: Builder, doctree: nodes.document, page: str) -> None:
    """Write below each entry on which pages it is cited, with a link to the first place on each."""
    domain: Any = builder.env.get_domain("cite")
    entries = {citation.citation_id: citation.key for citation in domain.citations}
    order = {name: place for place, name in enumerate(_pages_in_order(builder))}
    cited: dict[str, dict[str, str]] = {}
    for reference in sorted(domain.citation_refs, key=lambda one: (order[one.docname], one.line)):
        for target in reference.targets:
            places = cited.setdefault(target.key, {})
            places.setdefault(reference.docname, reference.citation_ref_id)
    for citation in doctree.findall(nodes.citation):
        key = next((entries[one] for one in citation["ids"] if one in entries), None)
        places = {name: ref for name, ref in cited.get(key or "", {}).items() if name != page}
        if not places:
            continue
        paragraph = nodes.paragraph(classes=["cited-in"])
        paragraph += nodes.Text("Cited in ")
        for place, (other, reference) in enumerate(places.items()):
            if place:
                paragraph += nodes.Text(", ")
            title = builder.env.titles[other]
            number = title.get("secnumber")
            words = f"chapter {number[0]}" if number else title.astext()
            paragraph += _link(builder, page, other, reference, words)
        citation += paragraph


def _link(builder: Builder, page: str, other: str, anchor: str, text: str) -> nodes.reference:
    address = f"{builder.get_relative_uri(page, other)}#{anchor}"
    return nodes.reference("", text, refuri=address, internal=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the lists; called by Sphinx."""
    app.add_node(figures)
    app.add_directive("list-of-figures", ListOfFigures)
    app.connect("doctree-resolved", fill_lists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
