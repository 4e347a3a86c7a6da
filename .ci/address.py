"""Write the public address of the project everywhere it stands.

    make address REPO=owner/name

The address in pyproject.toml is the one that is replaced, in every file git knows: badges, install
cells, _config.yml, CITATION.cff and the site's own address (owner.github.io/name). A test keeps
them equal. Needs nothing but the standard library.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def site(repo: str) -> str:
    """The address of the project's pages, without scheme: owner.github.io/name."""
    owner, name = repo.split("/")
    return f"{owner}.github.io/{name}"


def known_files() -> list[Path]:
    """Every file that is tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    names = map(os.fsdecode, listed.split(b"\0"))
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def main() -> int:
    new = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+", new):
        print(f"REPO must be owner/name as in github.com/owner/name, not '{new}'.", file=sys.stderr)
        return 2
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    old = project["urls"]["Repository"].removeprefix("https://github.com/")

    # Whole words only: owner/name must not match inside other-owner/name-2.
    pattern = re.compile(rf"(?<![\w-])(?:{re.escape(old)}|{re.escape(site(old))})(?![\w-])")
    changed = 0
    for path in known_files():
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        replaced = pattern.sub(lambda found: new if found[0] == old else site(new), text)
        if replaced != text:
            path.write_bytes(replaced.encode("utf-8"))
            changed += 1
    print(f"{old} -> {new} in {changed} files. Look at `git diff`, then `make check`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
