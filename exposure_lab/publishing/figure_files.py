"""Versions of a chapter's figures as files of the site, and the HTML that shows the right one.

A chapter that was run for the book keeps four versions of each figure beside its PNG: light and
dark, wide and narrow. `write_figures` makes files of them while the site is staged; `ShowVersions`
is the part of Sphinx that puts them where the PNG would stand.
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

from exposure_lab.files.atomic import write_bytes
from exposure_lab.files.json_files import read_json, write_json
from exposure_lab.publishing.notebook_files import Notebook

FOLDER = "site_assets/figures"
"""Folder of the versions in the staged book; a folder of static files, which Sphinx copies."""

PUBLISHED = "_static/figures"
"""The same on the site."""

PHONE = "(max-width: 600px)"
"""Windows that get the narrow version."""

SHARPNESS = 2
"""Pixels of a narrow version for one CSS px."""


def write_figures(notebook: Notebook, staged: Path) -> None:
    """Write the versions of a chapter's figures as files, and remove them from the notebook.

    Args:
        notebook: executed copy, which loses the versions that its outputs hold.
        staged: folder of the staged book; ``figures.json`` there lists sizes by the PNG's hash.
    """
    sizes = _read_sizes(staged)
    for output in _outputs(notebook):
        versions = output.get("metadata", {}).get("image/png", {}).pop("variants", None)
        if not versions:
            continue
        # Named as myst-nb names the PNG that it makes of the output.
        name = hashlib.sha256(b64decode(output["data"]["image/png"])).hexdigest()
        for kind, version in versions.items():
            path = staged / FOLDER / f"{name[:16]}-{kind}.webp"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, b64decode(version["webp"]))
        sizes[name] = {kind: [v["width"], v["height"]] for kind, v in versions.items()}
    write_json(staged / FOLDER / "figures.json", sizes)


class ShowVersions(SphinxPostTransform):
    """Sphinx transform that puts the versions of a figure where its PNG would stand."""

    default_priority = 600
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace every picture that has versions."""
        sizes = _read_sizes(Path(self.app.srcdir))
        folder = relative_uri(self.app.builder.get_target_uri(self.env.docname), PUBLISHED)
        for image in list(self.document.findall(nodes.image)):
            name = Path(image["uri"]).stem
            if name in sizes:
                markup = figure_html(f"{folder}/{name[:16]}", sizes[name], image.get("alt", ""))
                image.replace_self(nodes.raw("", markup, format="html"))


def figure_html(start: str, sizes: dict[str, list[int]], alt: str) -> str:
    """Write the HTML of a figure: one picture for each theme, each wide or narrow by the window.

    The theme hides one of the two, from eyes and screen readers, and what is hidden is not loaded.

    Args:
        start: what the addresses of the versions begin with.
        sizes: kind of version to (width, height), pixels.
        alt: text for those who don't see it.
    """
    themes = "".join(_picture_html(start, sizes, theme, alt) for theme in ("light", "dark"))
    return f'<span class="xl-figure">{themes}</span>'


def _picture_html(start: str, sizes: dict[str, list[int]], theme: str, alt: str) -> str:
    source = ""
    if narrow := sizes.get(f"{theme}-narrow"):
        width, height = (round(side / SHARPNESS) for side in narrow)
        source = (
            f'<source media="{PHONE}" srcset="{start}-{theme}-narrow.webp" '
            f'width="{width}" height="{height}">'
        )
    width, height = sizes[f"{theme}-wide"]
    return (
        f'<picture class="only-{theme}">{source}<img src="{start}-{theme}-wide.webp" '
        f'alt="{escape(alt)}" width="{width}" height="{height}" loading="lazy"></picture>'
    )


def _outputs(notebook: Notebook) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def _read_sizes(staged: Path) -> dict[str, dict[str, list[int]]]:
    path = staged / FOLDER / "figures.json"
    sizes: dict[str, dict[str, list[int]]] = read_json(path) if path.exists() else {}
    return sizes
