"""Pages of students and of the class: structure, safety, contrast."""

import base64
import hashlib
import re
from datetime import timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from made_up_grades import (
    BAD_NAMES,
    DUE,
    REVERSED,
    SCRIPT,
    made_up_manifest,
    made_up_record,
    made_up_run,
    question_mark,
)
from parsed_html import elements, parse, text

from exposure_lab.course.grading.formative.result import CheckLine, Formative, Results, Stop
from exposure_lab.course.grading.gradebook.alike import find_alike
from exposure_lab.course.grading.gradebook.overview_page import overview_page
from exposure_lab.course.grading.gradebook.pages import TEMPLATES
from exposure_lab.course.grading.gradebook.standing import StudentStanding, standings
from exposure_lab.course.grading.gradebook.student_page import student_page
from exposure_lab.course.grading.late import LatePolicy
from exposure_lab.course.grading.record import Record, WrittenMark

MANIFEST = made_up_manifest()
LATE = LatePolicy({("", ""): DUE})


def hostile_records(name: str) -> list[Record]:
    """Two chapters in which every text is the name of somebody who means ill."""
    question = question_mark("01.scale", ["positive values"], printed=name, remark=name)
    parts = tuple(part.model_copy(update={"reason": name}) for part in question.parts)
    written = WrittenMark(id="01.in-your-words", points=2, text=name, comment=name, mark=1)
    first = made_up_record(
        "key",
        name=name,
        questions=(question.model_copy(update={"parts": parts}),),
        written=(written,),
        problems=(name,),
        notes=(name,),
        submitted=DUE + timedelta(days=1),
    )
    return [first, made_up_record("key", "02", name=name)]


def student(records: list[Record]) -> StudentStanding:
    (one,) = standings(records, LATE)
    return one


def hostile_run(name: str) -> Formative:
    """Run of a whole notebook in which every text is the name of somebody who means ill."""
    stop = Stop(cell=3, kind="check", question=name, line=name, error=name)
    return made_up_run(stop, checks=(CheckLine(question=name, line=name),))


def overview(records: list[Record], code: str = "", runs: Results | None = None) -> str:
    students = standings(records, LATE)
    sources = {one.student: {"01.scale": code} for one in students} if code else {}
    return overview_page(students, MANIFEST, find_alike(sources, {}), sources, (SCRIPT,), runs)


def pages(name: str) -> dict[str, str]:
    records = hostile_records(name)
    other = [made_up_record("other", name=name)]
    code = "\n".join(f"x{i} = [{i}, {name!r}]" for i in range(20))
    return {
        "student": student_page(student(records), MANIFEST, {("key", "01"): hostile_run(name)}),
        "class": overview(records + other, code, {("key", "01"): hostile_run(name)}),
    }


def assert_asks_for_nothing(page: str) -> None:
    """No script, no handler, no address but those within the grades, and a policy that says so."""
    root = parse(page)
    assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form"} & {
        element.tag for element in root.iter()
    }
    for element in root.iter():
        assert not any(name.startswith("on") or name == "style" for name in element.attrib)
        href = element.get("href", "#")
        assert re.fullmatch(r"#[\w-]+|#|students/[\w.-]+/feedback\.html", href), href
        assert "src" not in element.attrib
    (style,) = elements(root, "style")
    assert not re.search(r"url\(|@import|https?:", style.text or "")
    (policy,) = elements(root, "meta", http_equiv="Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    assert policy.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def assert_readable_by_a_screen_reader(page: str) -> None:
    root = parse(page)
    (html,) = elements(root, "html")
    assert html.get("lang") == "en" and text(elements(root, "title")[0])
    assert [len(elements(root, tag)) for tag in ("h1", "main", "header", "footer")] == [1] * 4
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in elements(root, "table"):
        assert text(elements(table, "caption")[0])
        assert all(e.get("scope") in ("col", "row") for e in elements(table, "th"))
        assert elements(table, "th", scope="col") and elements(table, "th", scope="row")
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert element.get("aria-labelledby", ids[0]) in ids
        href = element.get("href", "")
        assert not href.startswith("#") or href[1:] in ids
    for picture in elements(root, "svg"):
        assert picture.get("aria-hidden") == "true"  # its number stands beside it


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("kind", ["student", "class"])
def test_page_is_safe_and_readable_whatever_stands_in_it(name: str, kind: str) -> None:
    page = pages(name)[kind]
    assert_asks_for_nothing(page)
    assert_readable_by_a_screen_reader(page)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", page)


def verdicts(page: str) -> list[tuple[str, str, str]]:
    rows = [e for table in elements(parse(page), "table") for e in elements(table, "tr")[1:]]
    return [
        (text(elements(row, "th")[0]), *(text(cell) for cell in elements(row, "td")))  # type: ignore[misc]
        for row in rows
    ]


def test_student_reads_what_passed_and_what_did_not_and_why() -> None:
    wrong = question_mark("01.scale", ["negative values"], printed="step 1", limit="time")
    record = made_up_record("ana", name="Ana", questions=(wrong,), submitted=DUE)
    page = student_page(student([record]), MANIFEST)
    right, lost = verdicts(page)
    assert right == ("positive values", "2 of 2", "✓ right")
    assert lost[0].startswith("negative values") and "but they were divided" in lost[0]
    assert lost[1:] == ("0 of 1", "✗ not yet")
    words = text(parse(page))
    assert "2 of 5 points" in words and "longer than the time" in words and "step 1" in words
    assert "waits for a mark" in words


def test_student_reads_marks_comments_lateness_and_problems() -> None:
    written = WrittenMark(id="01.in-your-words", points=2, text="Mine", mark=1.5, comment="Nice.")
    record = made_up_record(
        "ana",
        written=(written,),
        submitted=DUE + timedelta(hours=1),
        problems=("Expected one notebook, but got two: the newer counts.",),
    )
    words = text(parse(student_page(student([record]), MANIFEST)))
    assert "01.in-your-words: 1.5 of 2 points" in words and "Comment: Nice." in words
    assert "1 day late: 90 % of the points stay" in words
    assert "4.5 points became 4.05." in words and "4.05 of 5 points" in words
    assert "the newer counts" in words


def test_which_attempt_counted_stands_on_both_pages() -> None:
    note = "Of the 2 attempts at chapter 01 the newest counts, 01_exposure-1.ipynb."
    records = [made_up_record("ana", name="Ana", notes=(note,)), made_up_record("ben")]
    root = parse(overview(records))
    assert rows(find_table(root, "1 decision made")) == [["Ana", note]]
    assert "Decided" in text(parse(student_page(student(records[:1]), MANIFEST)))
    assert note in text(parse(student_page(student(records[:1]), MANIFEST)))
    assert "decided" not in overview(records[1:])


def test_student_page_holds_neither_seed_nor_ids_of_other_systems() -> None:
    record = made_up_record("ana", ids={"email": "ana@example.org"}, judged_by="f00dfeed")
    page = student_page(student([record]), MANIFEST)
    assert not any(secret in page for secret in (str(record.seed), "example.org", "f00dfeed"))


def test_long_print_and_name_are_cut() -> None:
    wrong = question_mark("01.scale", printed="x" * 5_000)
    page = student_page(
        student([made_up_record("a", name="N" * 300, questions=(wrong,))]), MANIFEST
    )
    root = parse(page)
    assert len(text(elements(root, "h1")[0])) <= 120
    assert len(text(elements(root, "pre")[0])) <= 2_000


def test_name_that_reverses_the_line_is_shown_with_its_code() -> None:
    page = student_page(student([made_up_record("a", name=REVERSED)]), MANIFEST)
    assert text(elements(parse(page), "h1")[0]) == "Ana ⟨U+202E⟩gnirts⟨U+202C⟩ Marker"


def find_table(root: Element, caption: str) -> Element:
    (table,) = (
        table for table in elements(root, "table") if caption in text(elements(table, "caption")[0])
    )
    return table


def rows(table: Element) -> list[list[str]]:
    return [[text(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")][
        1:
    ]


def test_class_page_counts_points_and_the_most_frequent_reason() -> None:
    wrong = question_mark("01.scale", ["negative values"])
    records = [
        made_up_record("a", questions=(wrong,)),
        made_up_record("b", questions=(wrong,)),
        made_up_record("c"),
        made_up_record("d", "", name="Nobody", problems=("Expected a notebook.",)),
    ]
    root = parse(overview(records))
    spread = find_table(root, "Points of 3 students, 2.33 of 3 on average")
    assert [row[:2] for row in rows(spread)] == [["0", "0"], ["1", "0"], ["2", "2"], ["3", "1"]]
    bars = [element.get("width") for element in elements(spread, "rect")]
    assert bars == ["0.0", "0.0", "100.0", "50.0"]
    (lost,) = rows(find_table(root, "Where points of 01.scale were lost"))
    assert "but they were divided. (2 of 2)" in lost[0] and lost[1] == "2"
    assert rows(find_table(root, "to look at")) == [["Nobody", "Expected a notebook."]]
    words = text(root)
    assert "3 texts wait for a mark" in words and "median of 3 gradings" in words


def test_class_page_shows_like_answers_and_accuses_nobody() -> None:
    code = "\n".join(f"x{i} = np.roll(values, {i})" for i in range(12))
    words = text(parse(overview([made_up_record("ana"), made_up_record("bo")], code)))
    assert "01.scale: 2 students ana, bo The same but for comments and names." in words
    assert "no accusation" in words and "Short tasks lead honest people to the same" in words


def colours() -> dict[str, dict[str, str]]:
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, "relative luminance"."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough_in_both_schemes(scheme: str) -> None:
    """At least 4.5 for text, WCAG 2.2 (1.4.3), and 3 for bars (1.4.11)."""
    named = colours()[scheme]
    least = dict.fromkeys(("ink", "muted", "link", "accent", "right", "not-right"), 4.5)
    for name, ratio in {**least, "bar": 3.0}.items():
        for ground in ("ground", "sheet", "soft"):
            bright, dim = sorted((luminance(named[name]), luminance(named[ground])), reverse=True)
            assert (bright + 0.05) / (dim + 0.05) >= ratio, (name, ground)
