"""Names of files that strangers chose: cleaned for reading, judged, and made fit for a disk."""

import os
import re
import unicodedata
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from exposure_lab.data.download.unpack import LONGEST_PATH, REFUSED_CATEGORIES
from exposure_lab.files.ownership import SYSTEM_FILES

LONGEST_SHOWN = 150
"""Signs of one part of a path that are kept for tables and pages."""

JUNK_FOLDERS = {"__macosx", ".ipynb_checkpoints", "__pycache__", ".git", ".vscode", ".idea"}
"""Folders that programs leave behind, in lower case."""

NOTEBOOK = re.compile(r"(?P<stem>.*)\.ipynb(?:\.txt|\.json)?", re.IGNORECASE | re.DOTALL)
"""Name of a notebook; some browsers append the suffix of a text."""

SUFFIXES = re.compile(r"(?:\.\w{1,11}){1,2}\Z")
"""Matches what tells a file's kind at the end of its name, such as ``.ipynb.txt``."""

ARCHIVE = re.compile(r".*\.(?:zip|tar|tgz|tar\.\w+|gz|xz|bz2|7z|rar)", re.IGNORECASE | re.DOTALL)


def clean_parts(name: str) -> tuple[str, ...]:
    """Split a path into parts that are fit to be shown, without what would lead out of a folder.

    Accents are composed, signs that are none of a text become ``_``, and a part that is very long
    is cut and ends in its checksum and its suffix, so that two names stay two.
    """
    path = PureWindowsPath(name)  # splits at / and at \, and knows drives
    inside = (part for part in path.parts if part not in (path.anchor, ".", ".."))
    return tuple(_clean(part) for part in inside) or ("_",)


def refusal_of_name(name: str) -> str | None:
    """Reason why a file of an archive is not taken for its name; None where it is taken."""
    path = PureWindowsPath(name)
    if path.anchor or ".." in path.parts:
        return "would lie outside its folder"
    if "\0" in name or not path.parts:
        return "has a name that no disk takes"
    if len(name.encode(errors="replace")) > LONGEST_PATH:
        return f"has a name of more than {LONGEST_PATH} bytes"
    return None


def is_junk(parts: tuple[str, ...]) -> bool:
    """Whether a file is one that systems, editors and file managers leave behind."""
    folders = {part.lower() for part in parts}
    return (
        bool(folders & JUNK_FOLDERS)
        or parts[-1].startswith("._")
        or parts[-1].lower() in SYSTEM_FILES
    )


def readable(name: str) -> str:
    """Decode a name of a folder whose bytes are no UTF-8, as old systems wrote them."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def disk_name(part: str) -> str:
    """Make a name that every disk takes, with the suffix of a file."""
    path = PurePosixPath(re.sub(r"[^\w.-]", "_", part))
    return f"{path.stem[:40].rstrip('.') or 'file'}{path.suffix[:20]}"


def notebook_stem(name: str) -> str | None:
    """Name of a notebook without its suffix; None where the file is none by its name."""
    match = NOTEBOOK.fullmatch(name)
    return match["stem"] if match else None


def _clean(part: str) -> str:
    text = unicodedata.normalize("NFC", part)
    signs = ("_" if unicodedata.category(sign) in REFUSED_CATEGORIES else sign for sign in text)
    line = "".join(signs).strip() or "_"
    if len(line) <= LONGEST_SHOWN:
        return line
    suffix = SUFFIXES.search(line)
    return f"{line[:LONGEST_SHOWN]}~{zlib.crc32(line.encode()):08x}{suffix[0] if suffix else ''}"
