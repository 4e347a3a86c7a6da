"""Parse the HTML of a widget or a table, so that tests ask for elements and attributes."""

import base64
import io
import json
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

import numpy as np
from PIL import Image

from exposure_lab.images.array import Array

VOID = {"br", "hr", "img", "input", "meta", "link", "source"}
"""Elements of HTML that have no content and no end tag."""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        name = tag.lower()
        assert self.open and self.open.pop() == name, f"</{name}> ends no open element"
        self.builder.end(name)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def parse(markup: str) -> Element:
    """Parse HTML whose every element is closed; the root is a ``body`` of its own."""
    parser = _Parser()
    parser.builder.start("body", {})
    parser.feed(markup)
    parser.close()
    assert not parser.open, f"never closed: {parser.open}"
    parser.builder.end("body")
    return parser.builder.close()


def elements(root: Element, tag: str = "*", **attributes: str) -> list[Element]:
    """Find elements in order; ``class_="x"`` matches one of several classes, others the value."""
    wanted_class = attributes.pop("class_", "")
    return [
        element
        for element in root.iter(tag)
        if (not wanted_class or wanted_class in element.get("class", "").split())
        and all(element.get(name.replace("_", "-")) == value for name, value in attributes.items())
    ]


def text(element: Element) -> str:
    """All text of an element, its white space reduced to single blanks."""
    return " ".join("".join(element.itertext()).split())


def data_of(root: Element, name: str) -> Any:
    """JSON in the one data attribute of this name: what the script reads."""
    (holder,) = (element for element in root.iter() if f"data-{name}" in element.attrib)
    return json.loads(holder.attrib[f"data-{name}"])


def pixels(image: Element) -> Array:
    """The picture that an ``img`` holds in its address, (H, W, 3) or (H, W), in [0, 1]."""
    kind, _, data = image.get("src", "").partition(";base64,")
    assert kind.startswith("data:image/"), kind
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), np.float32) / 255


def assert_stands_alone(root: Element) -> None:
    """Assert that a widget brings style and script, asks for nothing, and may stand there twice."""
    style, script = (text(element) for element in (root.find(".//style"), root.find(".//script")))
    assert style and script
    for code in (style, script):
        assert not any(word in code for word in ("http:", "https:", "url(", "@import"))
    for element in root.iter():
        assert "id" not in element.attrib and "href" not in element.attrib
        assert element.get("src", "data:").startswith("data:")
        assert not any("://" in value for value in element.attrib.values())
