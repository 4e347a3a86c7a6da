"""Write what the results say now into README and the book's first page.

    make quotes

Each text stands between two marks, such as `<!-- ledger -->` and `<!-- /ledger -->`, once in each
of the two pages: how many claims hold, and the table of all models. A test compares them with the
results, so that none is ever typed by hand.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from marked_parts import as_block, written

from exposure_lab.notebook.model_tables import comparison_markdown
from exposure_lab.study.ledger import judge_scales, sum_up

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "book/index.md")
QUOTES: dict[str, Callable[[], str]] = {
    "ledger": lambda: sum_up(judge_scales()),
    "comparison": lambda: as_block(comparison_markdown()),
}
"""Name of two marks -> what stands between them."""


def main() -> int:
    quotes = {mark: quote() for mark, quote in QUOTES.items()}
    for name in PAGES:
        path = ROOT / name
        text = path.read_bytes().decode("utf-8")
        try:
            for mark, quote in quotes.items():
                text = written(text, mark, quote)
        except ValueError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        path.write_bytes(text.encode("utf-8"))
    print(f"{quotes['ledger']} So say {' and '.join(PAGES)} now, and show the table of all models.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
