"""Handouts beside the notebooks of a release: how to work and hand in, what assistants may do."""

from importlib.resources import files
from string import Template

from exposure_lab.course.grading.trained.handed_in import HISTORY, WEIGHTS, takes_files
from exposure_lab.course.release.links import COLAB, SITE, Links, book_page
from exposure_lab.course.release.manifest import Manifest, ManifestChapter


def write_readme(manifest: Manifest, links: Links) -> str:
    """Make README.md for students: chapters, points, how to check, what to hand in."""
    rows = [_row(manifest, chapter, links) for chapter in manifest.chapters]
    first = manifest.chapters[0].file
    if links.folder:
        opening = (
            "Click the badge of a chapter. Then save a copy in your Drive: File > Save a copy."
        )
    else:
        opening = (
            f"Open [Colab]({COLAB}), choose File > Upload notebook, and take a chapter's file, "
            f"such as `{first}`."
        )
    return _fill(
        "README.md",
        rows="\n".join(rows),
        opening=opening,
        first=first,
        handed_in=_handed_in(manifest),
        site=f"{SITE}/",
        release=manifest.release,
        version=manifest.version,
    )


def write_assistants(manifest: Manifest) -> str:
    """Make ASSISTANTS.md: how an AI assistant may help without doing a student's work."""
    names = "\n".join(f"- `{entry.id}`, answered by `{entry.name}`" for entry in manifest.questions)
    return _fill("ASSISTANTS.md", questions=names, release=manifest.release)


def _row(manifest: Manifest, chapter: ManifestChapter, links: Links) -> str:
    points = sum(one.points for one in manifest.entries if one.chapter == chapter.number)
    cells = [
        f"[{chapter.number}. {chapter.title}]({chapter.file})",
        str(points) if points else "none",
        links.badge(chapter.file) or f"upload `{chapter.file}`",
        f"[page]({book_page(chapter.file)})" if chapter.number < "90" else "none",
    ]
    return f"| {' | '.join(cells)} |"


def _handed_in(manifest: Manifest) -> str:
    """Say which files are handed in: a notebook a chapter, and what some take beside it."""
    ways = "under the names that they have, through the system that your course uses."
    one = "The notebook with your answers, one file a chapter"
    more = [one.file for one in manifest.chapters if takes_files(manifest, one.number)]
    if not more:
        return f"{one}, under the name that it has, through the system that your course uses."
    names = " and for ".join(f"`{file}`" for file in more)
    three = f"three files for {names}, namely the notebook, `{WEIGHTS}` and `{HISTORY}`"
    end = f"The last two are written by its last cells; hand them in together, {ways}"
    if len(manifest.chapters) == 1:
        return f"{three[0].upper()}{three[1:]}. {end}"
    return f"{one}, but {three}. {end}"


def _fill(name: str, **values: str) -> str:
    template = files("exposure_lab.course.release").joinpath("templates", name)
    return Template(template.read_text(encoding="utf-8")).substitute(values)
