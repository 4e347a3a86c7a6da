"""What a program makes for the pages: the first page's picture and counts, the list of commands."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml

from exposure_lab.errors import ChapterError
from exposure_lab.images.array import Array
from exposure_lab.notebook.first_page import ALT, claims_bar, picture_html
from exposure_lab.publishing import made_parts
from exposure_lab.publishing.made_parts import command_page, make_parts
from exposure_lab.study.ledger import VERBS, judge_scales, sum_up

ROOT = Path(__file__).resolve().parents[2]

TYPER = """# `exposure-lab`

Correct photos.

**Commands**:

* `train`: Train a generator and...
* `data`: Make sets.

## `exposure-lab train`

Train a generator. Ctrl-C stops.

**Options**:

* `--help`: Show this message and exit.

## `exposure-lab data`

Make and check sets.

**Commands**:

* `pack`: Decode once...

### `exposure-lab data pack`

Decode a set once: fast.

**Options**:

* `--jobs <int>`: Processes.
* `--help`: Show this message and exit.
"""


def test_the_bar_and_its_list_have_the_counts_of_the_ledger() -> None:
    entries = judge_scales()
    counts = Counter(entry.ours.verdict for entry in entries)
    markup = claims_bar(entries)
    listed = dict(re.findall(r'<li class="claims-([\w-]+)">.*?<strong>(\d+)</strong>', markup))
    assert listed == {verdict.replace(" ", "-"): str(counts[verdict]) for verdict in VERBS}
    widths = dict(re.findall(r'<span class="claims-([\w-]+)" style="flex-grow:(\d+)">', markup))
    assert widths == {name: number for name, number in listed.items() if number != "0"}
    assert f'aria-label="{sum_up(entries)}"' in markup
    assert sum(map(int, listed.values())) == len(entries)


def test_the_picture_says_what_was_measured_on_it(photo: Array) -> None:
    """A correction that gives the original back scores what PSNR is capped at."""
    markup = picture_html(photo, lambda image: photo, "no-network", ev=-1.0)
    assert "1 stops too dark" in markup and "<code>no-network</code>" in markup
    before, after = map(float, re.findall(r"([\d.]+) dB", markup))
    dark = np.clip((photo**2.2 / 2) ** (1 / 2.2), 0, 1)  # half the light, by the usual power
    expected = -10 * np.log10(np.mean((dark - photo) ** 2))
    assert abs(before - expected) < 1 and after == 60
    assert markup.count(f'alt="{ALT}, ') == 2


def test_commands_have_a_table_and_lose_what_typer_cut_off() -> None:
    page = command_page(TYPER)
    assert "| [`exposure-lab train`](#command-train) | Train a generator. |" in page
    assert "| [`exposure-lab data pack`](#command-data-pack) | Decode a set once: fast. |" in page
    assert "...\n" not in page and "--help" not in page and "--jobs" in page
    assert "## Data\n\nMake and check sets." in page
    assert page.count("(command-train)=") == page.count("(command-data-pack)=") == 1


@pytest.mark.slow
def test_every_command_is_in_the_table(tmp_path: Path) -> None:
    """All that ``--help`` knows, and nothing else."""
    from typer.main import get_command

    from exposure_lab.cli.main import app

    pages = tmp_path / "book" / "appendix"
    pages.mkdir(parents=True)
    (pages / "commands.md").write_text((ROOT / "book/appendix/commands.md").read_text("utf-8"))
    make_parts(tmp_path)
    page = (tmp_path / "book" / "made" / "commands.md").read_text("utf-8")
    named = re.findall(r"^\| \[`exposure-lab ([\w -]+)`\]", page, re.MULTILINE)
    command = get_command(app)
    known = []
    for name, part in command.commands.items():  # type: ignore[attr-defined]
        known += [f"{name} {inner}" for inner in getattr(part, "commands", {})] or [name]
    assert sorted(named) == sorted(known)


def test_a_part_that_fails_stops_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_parts(tmp_path)
    assert not (tmp_path / "book").exists()  # no page asks for a part
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text(
        "```{raw} html\n:file: made/before_after.html\n```\n"
    )
    monkeypatch.setattr(made_parts, "FIRST_PAGE", ("-c", "raise SystemExit('no weights')"))
    with pytest.raises(ChapterError, match="to make a part of the book, but it failed: no weights"):
        make_parts(tmp_path)


def test_how_to_cite_says_what_citation_cff_says() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    page = (ROOT / "book" / "index.md").read_text("utf-8")
    (entry,) = re.findall(r"```bibtex\n@software\{exposure_lab,\n(.*?)\n\}\n```", page, re.DOTALL)
    fields = {name: value.strip("{}") for name, value in re.findall(r"(\w+) += (\{.*\})", entry)}
    assert fields == {
        "author": " and ".join(author["name"] for author in citation["authors"]),
        "title": citation["title"],
        "version": citation["version"],
        "license": citation["license"],
        "url": citation["repository-code"],
    }
