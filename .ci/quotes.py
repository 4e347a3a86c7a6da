"""Write how many claims hold, as the results say now, into README and the book's first page.

    make ledger

The sentence stands between two marks, `<!-- ledger -->` and `<!-- /ledger -->`, once in each of the
two pages. A test compares them with the results, so that neither is ever typed by hand.
"""

import sys
from pathlib import Path

from exposure_lab.study.ledger import judge_scales, sum_up

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "book/index.md")
BEGIN, END = "<!-- ledger -->", "<!-- /ledger -->"


def written(text: str, sentence: str) -> str:
    """Put a sentence between the marks of a page. Raises ValueError where they are not there."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"Expected {BEGIN} and after it {END}, each once.")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{sentence}{END}{rest.split(END)[1]}"


def main() -> int:
    sentence = sum_up(judge_scales())
    for name in PAGES:
        path = ROOT / name
        try:
            path.write_bytes(written(path.read_bytes().decode("utf-8"), sentence).encode("utf-8"))
        except ValueError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    print(f"{sentence} So say {' and '.join(PAGES)} now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
