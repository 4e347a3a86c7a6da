"""A chapter's figures as files of the site."""

import base64
import hashlib
import json
from pathlib import Path

import nbformat
from parsed_html import parse

from exposure_lab.publishing.figure_files import figure_html, write_figures

PNG = b"\x89PNG of a figure"
SIZES = {
    "light-wide": [900, 300],
    "dark-wide": [900, 300],
    "light-narrow": [796, 1200],
    "dark-narrow": [796, 1200],
}


def executed_copy() -> nbformat.NotebookNode:
    """A notebook with one figure in four versions, and one output of text."""
    versions = {
        kind: {"webp": base64.b64encode(kind.encode()).decode(), "width": width, "height": height}
        for kind, (width, height) in SIZES.items()
    }
    cell = nbformat.v4.new_code_cell("figure")
    cell.outputs = [
        nbformat.v4.new_output("stream", text="words"),
        nbformat.v4.new_output(
            "display_data",
            data={"image/png": base64.b64encode(PNG).decode()},
            metadata={"image/png": {"variants": versions}},
        ),
    ]
    return nbformat.v4.new_notebook(cells=[cell])


def test_versions_become_files_and_leave_the_notebook(tmp_path: Path) -> None:
    notebook = executed_copy()
    write_figures(notebook, tmp_path)
    folder = tmp_path / "site_assets" / "figures"
    written = {path.stem[17:]: path.read_bytes() for path in folder.glob("*.webp")}
    assert written == {kind: kind.encode() for kind in SIZES}
    listed = json.loads((folder / "figures.json").read_text("utf-8"))
    assert listed == {hashlib.sha256(PNG).hexdigest(): SIZES}
    assert "variants" not in json.dumps(notebook)


def test_chapters_add_to_one_list(tmp_path: Path) -> None:
    for png in (b"one", b"two"):
        notebook = executed_copy()
        notebook.cells[0].outputs[1].data["image/png"] = base64.b64encode(png).decode()
        write_figures(notebook, tmp_path)
    listed = json.loads((tmp_path / "site_assets/figures/figures.json").read_text("utf-8"))
    assert len(listed) == 2


def test_a_picture_for_each_theme_with_its_size_and_words() -> None:
    figure = parse(figure_html("../_static/figures/ab", SIZES, 'a "quoted" line & <more>'))
    pictures = list(figure.iter("picture"))
    assert [picture.get("class") for picture in pictures] == ["only-light", "only-dark"]
    for picture, theme in zip(pictures, ("light", "dark"), strict=True):
        source, image = picture.find("source"), picture.find("img")
        assert source is not None and image is not None
        assert source.get("srcset") == f"../_static/figures/ab-{theme}-narrow.webp"
        assert source.get("media") == "(max-width: 600px)"
        assert (source.get("width"), source.get("height")) == ("398", "600")
        assert image.get("src") == f"../_static/figures/ab-{theme}-wide.webp"
        assert (image.get("width"), image.get("height")) == ("900", "300")
        assert image.get("alt") == 'a "quoted" line & <more>'
        assert image.get("loading") == "lazy"


def test_without_narrow_versions_the_wide_one_serves_all() -> None:
    wide = {kind: size for kind, size in SIZES.items() if kind.endswith("wide")}
    assert "<source" not in figure_html("ab", wide, "words")
