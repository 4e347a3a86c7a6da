"""Pages without what they don't use: icons, search index, MathJax; the bibliography's addresses."""

import io
import re
import shutil
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont

from exposure_lab.errors import ChapterError
from exposure_lab.publishing.page_weight import (
    drop_mathjax,
    keep_icons,
    keep_rules,
    letters_in,
    slim,
    subset_font,
)

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = (
    "/*! licence in fontawesome.js.LICENSE.txt */\nvar p={"
    'sun:[512,512,[9728],"f185","M361"],"up-long":[320,512,["long-arrow-alt-up"],"f30c","M318"],'
    'file:[384,512,[],"f15b",["M320","M0"]],github:[496,512,[],"f09b","M165"]};use(p);'
    "\n//# sourceMappingURL=fontawesome.js.map"
)


THEME = Path(str(files("pydata_sphinx_theme") / "theme" / "pydata_sphinx_theme" / "static"))


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


def test_styles_keep_the_rules_of_icons_in_use_and_all_else() -> None:
    styles = (
        'p{margin:0}.fa-sun:before{content:"\\f185"}.fa-plus:before,.fa-add:before{content:"\\2b"}'
        '.fa-bell::before{content:"\\f0f3"}.note{content:"\uf05a";color:"\\f071"}'
    )
    kept = keep_rules(styles, ["add"])
    assert kept == styles.replace('.fa-sun:before{content:"\\f185"}', "").replace(
        '.fa-bell::before{content:"\\f0f3"}', ""
    )
    assert letters_in(kept) == {0xF05A, 0xF071}


def test_the_theme_s_styles_still_have_the_icons_of_its_notes() -> None:
    styles = (THEME / "styles" / "pydata-sphinx-theme.css").read_text("utf-8")
    letters = letters_in(keep_rules(styles, ["github"]))
    assert {0xF05A, 0xF0EB, 0xF071, 0xF09B} <= letters  # note, tip, warning; the page's own
    assert len(letters) < 40 < len(letters_in(styles))


def test_a_font_keeps_the_outlines_of_its_letters() -> None:
    whole = (THEME / "vendor" / "fontawesome" / "webfonts" / "fa-solid-900.woff2").read_bytes()
    smaller = subset_font(whole, {0xF05A, 0xF0EB, 0xE999})  # no such letter as the last
    before, after = (TTFont(io.BytesIO(font)) for font in (whole, smaller))
    assert set(after.getBestCmap()) == {0xF05A, 0xF0EB}
    for letter in (0xF05A, 0xF0EB):
        one, other = (font["glyf"][font.getBestCmap()[letter]] for font in (before, after))
        assert one == other
    assert len(smaller) < len(whole) / 50


def test_a_site_loses_icons_and_search_scripts_that_no_page_uses(tmp_path: Path) -> None:
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "fontawesome.js").write_text(SCRIPT)
    (scripts / "theme.js").write_text("button.innerHTML = '<i class=\"fa-solid fa-file\"></i>'")
    search = '    <script src="../searchindex.js"></script>\n'
    page = f'<head>\n{search}</head><i class="fab fa-github"></i>'
    for name in ("page.html", "search.html"):
        (tmp_path / name).write_text(page)
    (tmp_path / "theme.css").write_text(
        '.fa-sun:before{content:"\\f185"}.fa-github:before{content:"\\f09b"}', "utf-8"
    )
    font = tmp_path / "webfonts" / "fa-brands-400.woff2"
    font.parent.mkdir()
    shutil.copyfile(THEME / "vendor" / "fontawesome" / "webfonts" / font.name, font)
    slim(SimpleNamespace(outdir=tmp_path), None)  # type: ignore[arg-type]
    assert list(TTFont(font).getBestCmap()) == [0xF09B]
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
