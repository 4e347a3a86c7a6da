"""The ledger as a page, as text and as sentences; tests/browser sorts, searches and opens it."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from made_up_ledger import CLAIMS, made_up_ledger
from parsed_html import elements, parse, text
from study.synthetic import make_claim, make_results

from exposure_lab import notebook
from exposure_lab.errors import ChapterError, DataError
from exposure_lab.notebook.ledger_html import CHAPTERS, claim_html
from exposure_lab.notebook.ledger_plot import bounds_of, interval_svg
from exposure_lab.notebook.ledger_rows import LedgerRow, ledger_rows, our_judgements
from exposure_lab.notebook.ledger_table import Ledger, ledger
from exposure_lab.notebook.ledger_words import (
    MINUS,
    RULES,
    VERDICTS,
    mean_and_interval,
    number,
    rule_in_words,
)
from exposure_lab.notebook.tables import claims
from exposure_lab.study.claims import Verdict, all_claims
from exposure_lab.study.estimates import Estimate
from exposure_lab.study.figures import figures_of
from exposure_lab.study.judge import Judgement, judge_all
from exposure_lab.study.ledger import Entry
from exposure_lab.study.results import write_results
from exposure_lab.study.verdicts import RULES as RULE_FUNCTIONS

BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.fixture
def made_up(tmp_path: Path) -> Ledger:
    """A ledger in which the first arm is 1 dB better."""
    return made_up_ledger(tmp_path)


def opened(page: Element, name: str) -> Element:
    """The body of a claim in the table: its row, and what it opens to."""
    (body,) = (b for b in elements(page, "tbody") if text(elements(b, "code")[0]) == name)
    return body


def details(body: Element) -> dict[str, Element]:
    """What a claim opens to, by its terms."""
    return {
        text(term): said
        for term, said in zip(elements(body, "dt"), elements(body, "dd"), strict=True)
    }


def estimate(mean: float, error: float = 0.1) -> Estimate:
    """An estimate over 5 seeds and 20 scenes with many degrees of freedom: +-1.96 errors."""
    return Estimate(mean, error, 1e9, 5, 20)


def test_every_claim_has_a_row_without_any_results(tmp_path: Path) -> None:
    entries = ledger(tmp_path)
    page = parse(entries._repr_html_())
    bodies = elements(page, "tbody")
    assert [text(elements(body, "code")[0]) for body in bodies] == list(all_claims())
    for body, claim in zip(bodies, all_claims().values(), strict=True):
        assert body.get("data-verdict") == (claim.verdict or "not run")
        said = details(body)
        assert ("To make it again" in said) == (claim.kind != "assessment")
        assert not elements(body, "svg")
    assert text(elements(page, class_="xl-sum")[0]) == entries.summary
    assert re.match(r"Of \d+ claims ", entries.summary)


def test_chapters_get_the_function_and_no_module_of_its_name() -> None:
    assert notebook.ledger is ledger is notebook.ledger


def test_a_row_and_what_it_opens_to(made_up: Ledger) -> None:
    body = opened(parse(made_up._repr_html_()), "first-is-better")
    first, more = elements(body, "tr")
    cells = [text(cell) for cell in first]
    assert cells[1:3] == ["section 2", "by training"]
    assert [cell.rpartition(" ")[2] for cell in cells[3:]] == ["holds", "run"]
    assert more.get("class") == "xl-more" and elements(more, "td")[0].get("colspan") == "5"
    said = {term: text(element) for term, element in details(body).items()}
    assert "at or above +0.3 dB" in said["Rule, fixed before the runs"]
    assert said["Measured"] == "PSNR, a minus b"
    assert "+1.000 dB, 95 % interval +0.9" in said["At our scale"]
    assert "5 seeds, 20 scenes, profile study, made-up photos" in said["At our scale"]
    assert "It needs 5 seeds." in said["At the report's scale"]
    assert said["In the report"] == "section 2, sentence 1; taught in chapter 01"
    assert said["To make it again"] == (
        "exposure-lab study run made-up --data DIR; at the report's scale with --profile report"
    )


def test_verdicts_stand_beside_their_claims(made_up: Ledger) -> None:
    page = parse(made_up._repr_html_())
    found = {text(elements(b, "code")[0]): b.get("data-verdict") for b in elements(page, "tbody")}
    assert found == {
        "first-is-better": "holds",
        "second-is-better": "fails",
        "no-harm": "holds",
        "no-difference": "fails",
        "rests-on-less": "holds",
        "ten-seeds": "undecided",
        "elsewhere": "not run",
        "by-reading": "not testable",
    }
    for body in elements(page, "tbody"):
        sign, *_ = elements(body, aria_hidden="true")
        assert text(sign) and elements(body, class_="xl-verdict")


def test_a_premise_that_fails_is_named(made_up: Ledger) -> None:
    body = opened(parse(made_up._repr_html_()), "rests-on-less")
    assert "rests on a claim that fails" in text(elements(body, "tr")[0])
    assert text(details(body)["Rests on"]) == "second-is-better (fails)"


@pytest.mark.slow
def test_why_a_claim_is_undecided(tmp_path: Path) -> None:
    page = parse(made_up_ledger(tmp_path, 0.2, spread=0.6)._repr_html_())
    said = text(details(opened(page, "ten-seeds"))["At our scale"])
    assert "5 of 10 seeds were run." in said
    (seeds,) = re.findall(
        r"With (\d+) seeds its interval would be narrow enough",
        text(details(opened(page, "first-is-better"))["At our scale"]),
    )
    assert int(seeds) > 5


def test_a_claim_that_photos_leave_open_asks_for_no_seeds(tmp_path: Path) -> None:
    results = make_results(0.2, seeds=8, claims=CLAIMS)
    rng = np.random.default_rng(0)
    uneven = 4 * rng.normal(size=20)
    for row in results.rows:
        if row["arm"] == "a":  # each photo suits one arm, at every seed alike
            row["scores"]["psnr"] = (np.array(row["scores"]["psnr"]) + uneven).tolist()
    write_results(tmp_path / "made-up.json", results, {})
    judgement = judge_all(tmp_path, {"first-is-better": CLAIMS[0]})["first-is-better"]
    assert judgement.verdict == "undecided" and judgement.beyond_seeds
    row = LedgerRow(Entry(CLAIMS[0], judgement, Judgement(CLAIMS[0], "not run")))
    said = claim_html(row, 0, {})
    assert "Not even 100 seeds would decide it: more photos could." in said


def test_what_needs_no_scale_has_one_result(made_up: Ledger) -> None:
    said = details(opened(parse(made_up._repr_html_()), "by-reading"))
    assert "At our scale" not in said and "At the report's scale" not in said
    assert text(said["Result"]).endswith("No such text.")
    assert "Decided by reading" in text(said["Rule"])  # none was fixed, and nothing was run


def test_a_rule_that_came_after_the_runs_says_so(tmp_path: Path) -> None:
    late = make_claim(after_the_fact=make_claim().rule_hash)
    page = parse(made_up_ledger(tmp_path, claims=(), late=(late,))._repr_html_())
    body = opened(page, late.id)
    assert "Rule, fixed after the runs" in details(body)
    ours, report = elements(elements(body, "tr")[0], "td")[-2:]
    assert "its rule came after the runs" in text(ours), "without opening it"
    assert "rule" not in text(report), "there are no runs yet"


def test_a_claim_that_our_run_was_made_by_says_so(tmp_path: Path) -> None:
    ours = make_claim(own_run=True)
    page = parse(made_up_ledger(tmp_path, claims=(ours,))._repr_html_())
    assert "ours was made so" in text(elements(opened(page, ours.id), "tr")[0])


def test_texts_are_escaped(made_up: Ledger) -> None:
    page = parse(made_up._repr_html_())
    assert not elements(page, "b")
    reading = text(details(opened(page, "ten-seeds"))["Reading"])
    assert reading == "Stated. Asks for more <b>seeds</b> & more."
    assert "<b>seeds</b>" in opened(page, "ten-seeds").attrib["data-words"]


def test_it_stands_alone_and_may_stand_there_twice(made_up: Ledger) -> None:
    page = parse(made_up._repr_html_())
    for code in (page.find(".//style"), page.find(".//script")):
        assert code is not None
        assert not any(word in text(code) for word in ("http:", "https:", "url(", "@import"))
    assert not [element for element in page.iter() if {"id", "src"} & set(element.attrib)]
    links = {link.get("href") for link in elements(page, "a")}
    assert links == {"01_exposure.html", "04_augmentation.html"}  # chapter 12 is none of ours
    assert made_up._repr_html_() == made_up._repr_html_()


def test_controls_and_heads_have_names(made_up: Ledger) -> None:
    page = parse(made_up._repr_html_())
    labels = [text(label).split()[0] for label in elements(page, "label")]
    assert labels == ["Search", "Our", "Section", "Decided"]
    assert all(len(label) == 1 for label in elements(page, "label"))
    verdicts, sections, kinds = (
        [text(option) for option in elements(choice, "option")]
        for choice in elements(page, "select")
    )
    assert verdicts == ["all", "holds", "fails", "undecided", "not testable", "not run"]
    assert sections == ["all", "2", "3.1", "3.2", "9"]
    assert kinds == ["all", "reading", "training"]
    heads = elements(page, "th", scope="col")
    assert [head.get("aria-sort") for head in heads] == [None, "ascending", None, None, None]
    assert text(elements(page, role="status")[0]) == "8 of 8 claims"


def test_as_text(made_up: Ledger) -> None:
    lines = repr(made_up).splitlines()
    assert lines[0] == made_up.summary
    assert lines[0].startswith("Of 8 claims 3 hold, 2 fail, ")
    assert lines[1].split()[:2] == ["claim", "section"]
    assert lines[2].split() == ["first-is-better", "2", "training", "holds", "not", "run"]
    assert "holds; rests on a claim that fails" in lines[6]


def numbers_of(svg: str, name: str) -> list[float]:
    """Ends of the first line of a kind in a drawing, px."""
    (path,) = re.findall(rf'class="xl-{name}" d="M([\d.]+) [\d.]+L([\d.]+)', svg)[:1]
    return [float(end) for end in path]


def test_the_drawing_shows_on_which_side_of_the_bound_an_interval_is() -> None:
    claim = make_claim()
    for mean, side in ((1.0, 1), (-0.5, -1)):
        svg = interval_svg(claim, estimate(mean), "dB")
        bound, (low, high) = numbers_of(svg, "bound")[0], numbers_of(svg, "whole")
        assert (low - bound) * side > 0 and (high - bound) * side > 0
        inner = numbers_of(svg, "inner")
        assert low < inner[0] < inner[1] < high
        assert (low + high) / 2 == pytest.approx(
            float(re.findall(r'cx="([\d.]+)"', svg)[0]), abs=0.11
        )
    straight = interval_svg(claim, estimate(1.0), "dB")
    (mark,) = elements(parse(straight), "svg")
    assert mark.get("role") == "img"
    assert mark.get("aria-label") == (
        "Interval plot: +1.00 dB, 95 % interval +0.80 to +1.20; smallest effect that matters: +0.3 "
        "dB."
    )


def test_the_drawing_is_to_scale() -> None:
    svg = interval_svg(make_claim(), estimate(1.0), "dB")
    zero, bound = numbers_of(svg, "zero")[0], numbers_of(svg, "bound")[0]
    (mean,) = (float(x) for x in re.findall(r'cx="([\d.]+)"', svg))
    assert (mean - zero) / (bound - zero) == pytest.approx(1.0 / 0.3, rel=0.01)


def test_a_margin_is_a_band() -> None:
    claim = make_claim(rule="equivalent", margin=0.2)
    svg = interval_svg(claim, estimate(0.05, 0.05), "dB")
    (band,) = elements(parse(svg), "rect")
    left, width = float(band.attrib["x"]), float(band.attrib["width"])
    low, high = numbers_of(svg, "inner")
    assert left < low < high < left + width
    assert f"margin: {MINUS}0.2 dB and +0.2 dB" in svg
    assert not elements(parse(interval_svg(make_claim(), estimate(1.0), "dB")), "rect")


@pytest.mark.parametrize(
    ("fields", "bounds"),
    [
        ({"rule": "greater", "smallest_effect": 0.3}, (0.3,)),
        ({"rule": "less", "smallest_effect": 0.3}, (-0.3,)),
        ({"rule": "no-worse", "margin": 0.5}, (-0.5,)),
        ({"rule": "no-better", "margin": 0.5}, (0.5,)),
        ({"rule": "equivalent", "margin": 0.5}, (-0.5, 0.5)),
        ({"rule": "greater", "smallest_effect": 2.0, "reference": 25.0}, (27.0,)),
        ({"rule": "less", "smallest_effect": 2.0, "reference": 25.0}, (23.0,)),
        ({"rule": "equals", "expected": 4.0, "kind": "measured", "seeds": 0}, (4.0,)),
        ({"rule": "share", "kind": "measured", "seeds": 0}, (1.0,)),
    ],
)
def test_bounds_of_every_rule(fields: dict[str, object], bounds: tuple[float, ...]) -> None:
    assert bounds_of(make_claim(**fields)) == bounds


def test_an_exact_number_has_a_dot_and_no_interval() -> None:
    exact = Estimate(4.0, 0.0, float("inf"), 0, 1)
    claim = make_claim(rule="equals", expected=1.0, kind="measured", seeds=0, arms=())
    svg = interval_svg(claim, exact, "px")
    assert "xl-whole" not in svg and "xl-zero" not in svg and "<circle" in svg
    assert "4 px, exact; number in the report: 1 px" in svg
    same = interval_svg(claim, exact._replace(mean=1.0), "px")
    assert "NaN" not in same and 'cx="170.0"' in same  # in the middle of 340 px


@pytest.mark.parametrize(
    ("value", "unit", "signed", "expected"),
    [
        (1.0234, "dB", True, "+1.02 dB"),
        (-0.5, "", False, f"{MINUS}0.5"),
        (17675, "", False, "17,675"),
        (-1234.5, "", True, f"{MINUS}1,234"),
        (0.0, "dB", True, "0 dB"),
        (-0.0, "", False, "0"),
        (0.00012345, "", False, "0.000123"),
    ],
)
def test_numbers(value: float, unit: str, signed: bool, expected: str) -> None:
    assert number(value, unit, signed) == expected


@pytest.mark.parametrize(
    ("mean", "error", "expected"),
    [
        (0.0344, 0.116, ("+0.03 dB", f"{MINUS}0.19 to +0.26")),
        (-0.00061, 0.0058, (f"{MINUS}0.001 dB", f"{MINUS}0.012 to +0.011")),
        (0.001, 0.5, ("0.00 dB", f"{MINUS}0.98 to +0.98")),
        (41.3, 6.1, ("+41 dB", "+29 to +53")),
        (1234.6, 100.0, ("+1,235 dB", "+1,039 to +1,431")),
        (41.3, 0.0, ("+41.3 dB", "")),
    ],
)
def test_a_mean_has_as_many_decimals_as_its_interval_bears(
    mean: float, error: float, expected: tuple[str, str]
) -> None:
    assert mean_and_interval(estimate(mean, error), "dB", sign=True) == expected


def test_every_rule_has_its_sentence() -> None:
    assert set(RULES) == set(RULE_FUNCTIONS)
    assert set(VERDICTS) == set(Verdict.__args__)  # type: ignore[attr-defined]
    for claim in all_claims().values():
        sentence = rule_in_words(claim, "dB")
        assert "{" not in sentence and sentence.endswith(".")
    assert "at or below \N{MINUS SIGN}0.3 dB" in rule_in_words(make_claim(rule="less"), "dB")
    assert "within 0.2 dB of 0" in rule_in_words(make_claim(rule="equivalent", margin=0.2), "dB")
    harm = rule_in_words(make_claim(rule="no-worse", margin=0.5), "dB")
    assert "lies above \N{MINUS SIGN}0.5 dB" in harm
    far = make_claim(reference=25, smallest_effect=2, arms=("a",))
    assert "at or above 27 dB and above 25; in part" in rule_in_words(far, "dB")


def test_links_lead_to_chapters_that_are_there() -> None:
    pages = {path.stem for path in BOOK.glob("[0-9][0-9]_*.ipynb")}
    assert set(CHAPTERS.values()) <= pages
    assert {claim.chapter for claim in all_claims().values()} <= set(CHAPTERS)
    assert all(page.startswith(f"{chapter}_") for chapter, page in CHAPTERS.items())


def write_flips(folder: Path, effect: float, profile: str = "study") -> None:
    """Results of the experiment on flips, whose claims are in the ledger."""
    known = tuple(claim for claim in all_claims().values() if claim.experiment == "flips")
    results = make_results(effect, seeds=8, claims=known)
    results.experiment, results.profile = "flips", profile
    for row in results.rows:
        row["arm"] = {"a": "report", "b": "none"}[row["arm"]]
    write_results(folder / "flips.json", results, figures_of(results))


def test_results_are_read_once_and_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_flips(tmp_path, 1.0)
    before = {row.claim.id: row for row in ledger_rows(tmp_path)}["flips-help"]
    assert before.ours.verdict == our_judgements(tmp_path)["flips-help"].verdict == "holds"
    assert before.unit == "dB" and "made-up photos" in before.origins[0]
    assert before.report.verdict == "not run" and before.origins[1] == ""
    assert ledger_rows(tmp_path) is ledger_rows(tmp_path)
    assert our_judgements(tmp_path) is our_judgements(tmp_path)
    write_flips(tmp_path, -1.25)
    after = {row.claim.id: row for row in ledger_rows(tmp_path)}["flips-help"]
    assert after.ours.verdict == our_judgements(tmp_path)["flips-help"].verdict == "fails"
    (tmp_path / "report").mkdir()
    write_flips(tmp_path / "report", 1.0, "report")
    assert {row.claim.id: row for row in ledger_rows(tmp_path)}["flips-help"].report.effect


def test_results_that_were_edited_are_refused(tmp_path: Path) -> None:
    write_flips(tmp_path, 1.0)
    path = tmp_path / "flips.json"
    path.write_text(path.read_text("utf-8").replace('"psnr"', '"pnsr"', 1), encoding="utf-8")
    with pytest.raises(DataError, match="its fingerprint does not fit"):
        ledger(tmp_path)


@pytest.mark.slow
def test_tables_of_claims_have_a_verdict() -> None:
    shown = claims("flips-help", "camera-raw")
    assert shown.head[-1] == "verdict"
    assert shown.rows[0][-1] in {
        *VERDICTS,
        *(f"{v}; rests on a claim that fails" for v in VERDICTS),
    }
    assert shown.rows[0][-1].startswith(our_judgements()["flips-help"].verdict)
    assert shown.rows[1][-1] == "not testable"


@pytest.mark.slow
def test_a_table_of_claims_imports_no_torch() -> None:
    code = (
        "import sys\nfrom exposure_lab.notebook import claims\nclaims('flips-help')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_effects_are_tabulated(made_up: Ledger) -> None:
    effects = made_up.effects("first-is-better", "elsewhere")
    assert effects.head == ("claim", "effect", "95 % interval", "seeds", "verdict")
    assert effects.rows[0][:2] == ("first-is-better", "+1.000 dB")
    assert effects.rows[0][3:] == ("5", "holds")
    assert effects.rows[1] == ("elsewhere", "", "", "0 of 5", "not run")
    with pytest.raises(ChapterError, match="but got 'no-claim': look it up"):
        made_up.effects("no-claim")


def test_verdicts_are_counted(made_up: Ledger) -> None:
    counted = made_up.counts("section")
    assert counted.head == ("section", *VERDICTS)
    assert counted.rows[0] == ("2", "1", "0", "1", "0", "0", "0")
    assert counted.rows[-1] == ("all", "3", "0", "2", "1", "1", "1")
    assert [row[0] for row in made_up.counts("kind").rows] == ["training", "reading", "all"]
    assert [row[0] for row in made_up.counts("reading").rows] == ["stated", "inferred", "all"]
    with pytest.raises(ChapterError, match="by section, kind or reading, but got 'weight'"):
        made_up.counts("weight")


def test_surprises_are_computed(made_up: Ledger) -> None:
    assert made_up.surprises().lines == (
        "2 claims of 8 fail, 2 of them stated outright in the report: second-is-better, "
        "no-difference.",
        "The opposite was measured, with the whole interval on the other side, for "
        "second-is-better.",
        "Claims that rest on one that fails: 1 claim; holding all the same, at least in part: "
        "rests-on-less.",
        "Undecided: 1 claim.",
        "Not run yet: 1 claim, which waits for 1 experiment.",
    )
    assert made_up.surprises()._repr_markdown_().startswith("- 2 claims of 8 fail")


def test_surprises_of_undecided_claims(tmp_path: Path) -> None:
    rising = made_up_ledger(tmp_path, 0.2, rise=0.2, claims=CLAIMS[:1])
    assert rising.surprises().lines == (
        "Undecided: 1 claim. Arms that had not levelled off are the reason for 1 claim.",
    )
    (line,) = made_up_ledger(tmp_path, 0.2, spread=0.6, claims=CLAIMS[:1]).surprises().lines
    assert re.fullmatch(
        r"Undecided: 1 claim\. With \d+ seeds the interval of 1 would be narrow enough, if the "
        r"effect stayed as it is\.",
        line,
    )


def test_no_surprise_is_a_sentence_too(tmp_path: Path) -> None:
    quiet = made_up_ledger(tmp_path, claims=CLAIMS[:1]).surprises()
    assert repr(quiet) == "Every claim that could be tested holds, at least in part."


def test_a_row_knows_its_scales(made_up: Ledger) -> None:
    rows: dict[str, LedgerRow] = {row.claim.id: row for row in made_up.rows}
    assert rows["by-reading"].one_scale and not rows["first-is-better"].one_scale
