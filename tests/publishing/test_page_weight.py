"""Pages without what they don't use: icons, search index, MathJax; the bibliography's addresses."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from exposure_lab.errors import ChapterError
from exposure_lab.publishing.page_weight import drop_mathjax, keep_icons, slim

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = (
    "/*! licence in fontawesome.js.LICENSE.txt */\nvar p={"
    'sun:[512,512,[9728],"f185","M361"],"up-long":[320,512,["long-arrow-alt-up"],"f30c","M318"],'
    'file:[384,512,[],"f15b",["M320","M0"]],github:[496,512,[],"f09b","M165"]};use(p);'
    "\n//# sourceMappingURL=fontawesome.js.map"
)


def icons_in(script: str) -> list[str]:
    return re.findall(r'[{,]"?([a-z-]+)"?:\[', script)


def test_icons_are_kept_by_their_own_and_their_older_names() -> None:
    kept = keep_icons(SCRIPT, ["sun", "long-arrow-alt-up", "lg"])
    assert icons_in(kept) == ["sun", "up-long"]
    assert kept.startswith("/*! licence") and "};use(p);" in kept
    assert ".map" not in kept  # the map beside it fits the whole script only


def test_a_script_of_another_make_is_refused() -> None:
    with pytest.raises(ChapterError, match=r"the icons of Font Awesome 6 .* but there are none"):
        keep_icons("var icons = new Map()", ["sun"])


def test_a_site_loses_icons_and_search_scripts_that_no_page_uses(tmp_path: Path) -> None:
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "fontawesome.js").write_text(SCRIPT)
    (scripts / "theme.js").write_text("button.innerHTML = '<i class=\"fa-solid fa-file\"></i>'")
    search = '    <script src="../searchindex.js"></script>\n'
    page = f'<head>\n{search}</head><i class="fab fa-github"></i>'
    for name in ("page.html", "search.html"):
        (tmp_path / name).write_text(page)
    slim(SimpleNamespace(outdir=tmp_path), None)  # type: ignore[arg-type]
    assert icons_in((scripts / "fontawesome.js").read_text()) == ["file", "github"]
    assert "searchindex" not in (tmp_path / "page.html").read_text()
    assert "searchindex" in (tmp_path / "search.html").read_text()


@pytest.mark.parametrize(
    ("body", "scripts"),
    [
        ('<span class="math notranslate">x</span>', ["mathjax.js", "doctools.js"]),
        ('<section class="tex2jax_ignore mathjax_ignore">', ["doctools.js"]),
    ],
)
def test_a_page_without_formulas_loads_no_mathjax(body: str, scripts: list[str]) -> None:
    context = {"body": body, "script_files": ["mathjax.js", "doctools.js"]}
    drop_mathjax(None, "page", "page.html", context, None)  # type: ignore[arg-type]
    assert context["script_files"] == scripts


def test_every_work_has_an_address_or_says_why_not() -> None:
    text = (ROOT / "book" / "references.bib").read_text("utf-8")
    entries = re.findall(r"^@(\w+)\{(\w+),\n(.*?)\n\}$", text, re.DOTALL | re.MULTILINE)
    assert len(entries) == text.count("\n@") + 1
    fields = {
        key: dict(re.findall(r"^  (\w+) *= \{(.+)\}", body, re.M)) for _, key, body in entries
    }
    by_kind = {key: kind for kind, key, _ in entries}
    lacking = [
        key
        for key, field in fields.items()
        if by_kind[key] != "techreport" and not field.keys() & {"doi", "url", "eprint", "nolink"}
    ]
    assert lacking == []
    assert sum("nolink" in field for field in fields.values()) <= 3
    for field in fields.values():
        assert re.fullmatch(r"10\.\d{4,5}/\S+", field.get("doi", "10.1000/x"))
        assert re.fullmatch(r"\d{4}\.\d{4,5}", field.get("eprint", "0000.0000"))
        assert field.get("url", "https://").startswith("https://")
