"""Names of files: temporary ones that only we make, and names that a disk may take for one.

A temporary name is ``.exposure-lab-new-MARK-RANDOM.SUFFIX`` or ``.exposure-lab-old-MARK-RANDOM``,
where MARK stands for the name that it is to get.
"""

import hashlib
import os
import re
import secrets
import unicodedata
from pathlib import Path

SUFFIX = 16
"""Bytes of a suffix, at most, that a temporary name keeps: those of all formats are shorter."""

LONGEST_NAME = 255
"""Bytes of a name, at most, on nearly every disk."""

LEFTOVER = re.compile(r"\.exposure-lab-(new|old)-([0-9a-f]{8})-[0-9a-f]{16}(\.[^.]*)?")


def temporary_path(path: Path, kind: str) -> Path:
    """Make up a temporary name beside a path, no longer than disks allow."""
    keeps = kind == "new" and len(os.fsencode(path.suffix)) <= SUFFIX
    suffix = path.suffix if keeps else ""
    return path.with_name(
        f".exposure-lab-{kind}-{name_mark(path.name)}-{secrets.token_hex(8)}{suffix}"
    )


def shortened(name: str, room: int) -> str:
    """Cut a name so that it takes no more bytes than `room`; no character is cut in two."""
    while len(os.fsencode(name)) > room:
        name = name[:-1]
    return name


def folded_name(name: str) -> str:
    """Fold a name so that it equals those that a disk may take for it.

    Some disks fold case, some fold the way in which accents are written, some both.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def name_mark(name: str) -> str:
    """Hash of a name, eight hex digits."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
