"""Write the version of the next release everywhere it stands.

    make version VERSION=0.2.0

That is pyproject.toml, CITATION.cff, the citation on the book's first page, and the install cell of
every chapter, which takes the release by its tag: a chapter that a student opens next year meets
the library it was written for. A test keeps them equal. Needs nothing but the standard library.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = {
    "pyproject.toml": '\nversion = "{}"\n',
    "CITATION.cff": "\nversion: {}\n",
    "book/index.md": "\n  version = {{{}}},\n",
    "book/[0-9][0-9]_*.ipynb": r"release = \"v{}\"",  # as JSON writes it
}
"""Files to what the version stands in, once in each of them."""


def main() -> int:
    new = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(r"\d+\.\d+\.\d+(rc\d+)?", new):
        print(f"VERSION must be such as 0.2.0 or 0.2.0rc1, not '{new}'.", file=sys.stderr)
        return 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    old = project["version"]

    texts = {}
    for pattern, written in PLACES.items():
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_bytes().decode("utf-8")
            if text.count(written.format(old)) != 1:
                print(f"Expected {written.format(old).strip()} once in {path}.", file=sys.stderr)
                return 1
            texts[path] = text.replace(written.format(old), written.format(new))
    for path, text in texts.items():
        path.write_bytes(text.encode("utf-8"))
    print(f"{old} -> {new} in {len(texts)} files. Date CHANGELOG.md, commit, then tag v{new}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
