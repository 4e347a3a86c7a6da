"""Capstone: released by its name, as its variant asks, and never among the chapters by accident."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from exposure_lab.course.graded.ch90_variant import BOOK as AS_THE_TEMPLATE
from exposure_lab.course.graded.registry import graded_questions
from exposure_lab.course.release.choice import CAPSTONE_FILE, CAPSTONE_SOURCE
from exposure_lab.course.release.release import Course, Release
from exposure_lab.errors import ConfigError
from exposure_lab.publishing.contract import problems
from exposure_lab.publishing.reading_time import UNREAD

BOOK = Path(__file__).resolve().parents[3] / "book"


@cache
def released(seed: int, *chapters: str) -> Release:
    return Course(BOOK, seed, chapters).release()


def cells(release: Release) -> dict[str, str]:
    notebook = json.loads(release.files[CAPSTONE_FILE])
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}


def template() -> Any:
    return json.loads((BOOK / CAPSTONE_SOURCE).read_text(encoding="utf-8"))


def test_name_and_number_choose_it() -> None:
    made = released(4, "capstone")
    assert list(made.files) == [CAPSTONE_FILE, "README.md", "ASSISTANTS.md"]
    assert made.manifest == released(4, "90").manifest
    (chapter,) = made.manifest.chapters
    assert (chapter.number, chapter.file) == ("90", CAPSTONE_FILE)
    assert {one.id for one in made.manifest.questions} == set(graded_questions("90"))
    assert {one.tier for one in made.manifest.questions} == {"A", "B", "C"}
    assert len(made.manifest.written) == 2


def test_the_handout_names_its_three_files() -> None:
    """As the capstone's own first cell asks for them, and no other chapter."""
    three = f"hree files for `{CAPSTONE_FILE}`, namely the notebook, `weights.safetensors` and "
    alone, both = (released(4, *names).files["README.md"] for names in (["90"], ["01", "90"]))
    for readme in (alone, both):
        assert f"{three}`history.json`. The last two are written by its last cells" in readme
    assert "one file a chapter" not in alone
    assert "one file a chapter, but three files for" in both
    (asked,) = (text for text in cells(released(4, "90")).values() if "Hand in three files" in text)
    assert all(f"`{name}`" in asked for name in ("weights.safetensors", "history.json"))
    plain = released(4, "01").files["README.md"]
    assert "one file a chapter, under the name that it has" in plain
    assert "weights" not in plain and "apstone" not in plain


@pytest.mark.slow
def test_nobody_gets_it_unasked() -> None:
    assert CAPSTONE_FILE not in released(4).files
    assert CAPSTONE_FILE not in released(4, "all").files
    both = released(4, "all", "capstone").files
    assert both.keys() == released(4, "all").files.keys() | {CAPSTONE_FILE}


def test_a_book_without_it_says_so(tmp_path: Path) -> None:
    shutil.copy(BOOK / "01_exposure.ipynb", tmp_path)
    with pytest.raises(ConfigError, match="which has 01, but got 90"):
        Course(tmp_path, 4, ("capstone",)).release()


def test_the_text_says_what_the_variant_asks() -> None:
    for seed in (1, 2, 3):
        made = released(seed, "capstone")
        text, variants = cells(made), {one.id: one.variant for one in made.manifest.questions}
        unet, losses = variants["90.unet"], variants["90.losses"]
        assert f"The first gives {unet['width']} channels" in text["exercise-unet"]
        assert f"slope {unet['slope']:g} follows" in text["exercise-unet"]
        assert f"answer {losses['real']:g} to a real picture" in text["exercise-losses"]
        assert f"plus {losses['lambda_l1']} times" in text["exercise-losses"]
        smallest = variants["90.verdict"]["smallest"]
        assert f"at least {smallest:g} dB" in text["exercise-verdict"]
        assert f'"width": {unet["width"]}' in text["check-90-unet"]


def test_questions_of_one_release_fit_together() -> None:
    """What two questions share, such as how PSNR is measured, has one value a release."""
    for seed in range(20):
        seen: dict[str, Any] = {}
        for question in graded_questions("90").values():
            variant = question.variant(seed)
            assert all(seen.setdefault(key, value) == value for key, value in variant.items())
            changed = [key for key in variant if variant[key] != AS_THE_TEMPLATE[key]]
            assert changed, f"{question.id} asks what the template does"


def test_no_solution_is_handed_out() -> None:
    text = released(4, "capstone").files[CAPSTONE_FILE]
    assert "SOLUTION" not in text
    for cell in template()["cells"]:
        source = "".join(cell["source"])
        for block in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL):
            lines = [line.strip() for line in block.splitlines() if len(line.strip()) > 35]
            for line in lines:
                if line not in cells(released(4, "capstone"))["ablations"]:
                    assert json.dumps(line)[1:-1] not in text, line


def test_the_template_keeps_the_contract_of_a_chapter(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    shutil.copy(BOOK / CAPSTONE_SOURCE, tmp_path / "book" / CAPSTONE_FILE)
    # A whole network is longer than what a chapter shows; and a template is worked on, no page.
    expected = ("answer-90-unet has", "at most in open code", "minutes to read")
    assert [line for line in problems(tmp_path) if not any(e in line for e in expected)] == []


def test_the_prose_is_short_and_states_the_hours() -> None:
    markdown = [c for c in template()["cells"] if c["cell_type"] == "markdown"]
    prose = "\n".join("".join(cell["source"]) for cell in markdown)
    count = len(
        re.findall(
            r"[\w'.-]+", re.sub(r"^:label:.*$|`{3}.*", "", UNREAD.sub(" ", prose), flags=re.M)
        )
    )
    assert 900 <= count <= 1530  # symbols such as (B, 3, S, S) count as words here
    assert "Work: twelve to sixteen hours" in prose
