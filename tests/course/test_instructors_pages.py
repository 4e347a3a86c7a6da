"""Pages of the instructors' part: what they say of commands, limits and files is so."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from exposure_lab.cli.main import app
from exposure_lab.course.graded.question import GradedQuestion, Tolerance
from exposure_lab.course.grading.gradebook.alike import ALIKE, USUAL
from exposure_lab.course.grading.gradebook.code_fingerprints import RUN
from exposure_lab.course.grading.gradebook.person_table import LONGEST_TEXT
from exposure_lab.course.grading.late import COLUMNS, LatePolicy, read_due_dates
from exposure_lab.course.grading.sandbox import probe
from exposure_lab.course.grading.sandbox.bubblewrap import OLDEST
from exposure_lab.course.grading.sandbox.control_groups import GroupHomes
from exposure_lab.course.grading.sandbox.limits import GIB, Limits
from exposure_lab.course.grading.worker_job import SECONDS
from exposure_lab.course.grading.worker_question import MAX_PRINTED

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "book" / "instructors"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
every_page = pytest.mark.parametrize("name", PAGES)

HELD = {
    "network": False,
    "seen": [],
    "written": [],
    "namespace": False,
    "memory": False,
    "processes": 0,
    "temporary": 0,
}
"""What the probe finds in a sandbox that holds everything."""

WORDS = {5: "five", 7: "Seven"}


def blocks(name: str, language: str) -> list[str]:
    """Fenced blocks of a page; the fence may be longer than three signs."""
    found = re.findall(rf"^(`{{3,}}){language}\n(.*?)^\1$", PAGES[name], re.MULTILINE | re.DOTALL)
    return [text for _, text in found]


def prose(name: str) -> str:
    return " ".join(PAGES[name].split())


def commands(name: str) -> Iterator[list[str]]:
    """Words of every command of ours that a page shows, in a block or within a sentence."""
    shown = re.sub(r"\\\n", " ", "\n".join(blocks(name, "bash")))
    spans = re.findall(
        r"`([^`\n]+)`", re.sub(r"^(`{3,}).*?^\1$", "", PAGES[name], flags=re.M | re.S)
    )
    for line in [*shown.splitlines(), *spans]:
        if match := re.search(r"(?:^|\s)exposure-lab ([a-z].*)", line):
            yield match[1].removesuffix("...").split()


def options_of(words: list[str]) -> set[str]:
    """Options of the command that these words begin with."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        command = command.commands[word]
    return {option for parameter in command.params for option in parameter.opts}


def test_the_part_is_in_the_table_of_contents() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    (part,) = [part for part in toc["parts"] if part["caption"] == "For instructors"]
    listed = [Path(chapter["file"]) for chapter in part["chapters"]]
    assert listed[0].stem == "start"
    assert set(PAGES) <= {path.stem for path in listed}
    assert {path.parent.as_posix() for path in listed} == {"book/instructors"}


@every_page
def test_commands_and_their_options_exist(name: str) -> None:
    for words in commands(name):
        used = {word for word in words if word.startswith("--")}
        assert used <= options_of(words), words


def test_commands_are_found_at_all() -> None:
    found = [words for name in PAGES for words in commands(name)]
    assert len(found) > 12
    assert {words[1] for words in found if words[0] == "course"} == {"release", "grade", "replay"}


@every_page
def test_links_lead_to_files_and_paths_are_there(name: str) -> None:
    links = re.findall(r"\]\(([^):#]+)\)", PAGES[name])
    links += [f"{page}.md" for page in re.findall(r"\{doc\}`(?:[^`<]*<)?([\w/]+)>?`", PAGES[name])]
    assert [link for link in links if not (FOLDER / link).exists()] == []
    paths = re.findall(r"`((?:exposure_lab|book|tests)/[\w./]+)`", PAGES[name])
    assert [path for path in paths if not (ROOT / path).exists()] == []


@every_page
def test_code_in_python_parses(name: str) -> None:
    for source in blocks(name, "python"):
        ast.parse(source)


def test_the_file_for_assistants_is_quoted_whole() -> None:
    (quoted,) = blocks("assistants", "markdown")
    file = ROOT / "exposure_lab/course/release/templates/ASSISTANTS.md"
    head, _, filled_in = file.read_text(encoding="utf-8").partition("## The graded answers")
    assert quoted.strip() == head.strip()
    assert re.findall(r"\$\w+", filled_in) == ["$questions", "$release"]


def test_every_field_of_a_question_is_told() -> None:
    table = re.findall(r"^\| (`.*?`) \| ", PAGES["questions"], re.MULTILINE)
    told = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert told == {field.name for field in fields(GradedQuestion)}


def test_doctor_s_lines_are_quoted_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = re.findall(r"^\| `(\w[^`]+\.)` \|", PAGES["machines"], re.MULTILINE)
    assert re.fullmatch(r"Sandbox: bubblewrap \d+\.\d+\.\d+ starts\.", quoted[0])
    assert f"{WORDS[len(probe.JUDGES) + 1]} of its lines" in prose("start")
    anywhere = Path("groups")
    monkeypatch.setattr(probe, "group_homes", lambda: GroupHomes(2, anywhere, anywhere))
    assert [judge(HELD).sentence for judge in probe.JUDGES] == quoted[1:]
    monkeypatch.setattr(probe, "group_homes", lambda: GroupHomes(0, None, None))
    others = {judge(HELD).sentence for judge in probe.JUDGES} - {*quoted}
    assert len(others) == 2
    forms = ("held for each process by itself", "the user's limit")
    for form in forms:
        assert any(form in sentence for sentence in others)
        assert f"`{form}`" in prose("machines")
    scope = re.search(r"`(systemd-run .*?)`", " ".join(others))
    assert scope is not None and f"`{scope[1]}`" in prose("machines")


LIMITS = Limits()

NUMBERS = [
    ("start", f"bubblewrap {'.'.join(map(str, OLDEST))} or newer"),
    ("machines", f"{LIMITS.memory // GIB} GiB of memory, {LIMITS.processes} processes"),
    ("machines", f"{LIMITS.temporary // 2**20} MiB of temporary files"),
    ("machines", f"a question {SECONDS:g} seconds"),
    ("machines", f"cut at {MAX_PRINTED:,} characters"),
    ("integrity", f"at least {100 * ALIKE:.0f} % of their runs of {WORDS[RUN]} words"),
    ("rubric", f"the first {LONGEST_TEXT} characters"),
    ("rubric", f"without the option it is {LatePolicy().penalty}"),
]


@pytest.mark.parametrize(("name", "phrase"), NUMBERS)
def test_numbers_are_those_of_the_program(name: str, phrase: str) -> None:
    assert phrase in prose(name)


def test_numbers_in_words_are_those_of_the_program() -> None:
    assert Tolerance() == Tolerance(1e-4, 1e-5) and "1e-4 and 1e-5" in prose("questions")
    assert USUAL == 5 and "more than a fifth of the class" in prose("integrity")


def test_the_due_dates_of_the_page_are_read_as_it_says(tmp_path: Path) -> None:
    (table,) = [text for text in blocks("rubric", "text") if text.startswith(",".join(COLUMNS))]
    (tmp_path / "dates.csv").write_text(table, encoding="utf-8")
    policy = read_due_dates(tmp_path / "dates.csv")
    due = {
        who: policy.due_date(who, chapter)
        for who, chapter in (("somebody", "01"), ("anybody", "02"), ("4021", "02"))
    }
    assert due == {
        who: datetime.fromisoformat(f"2027-02-{day}T18:00+01:00")
        for who, day in (("somebody", "01"), ("anybody", "08"), ("4021", "11"))
    }
