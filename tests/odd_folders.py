"""A folder that holds one of every odd thing a photographer's folder was ever found to hold."""

import os
import shutil
from pathlib import Path

from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image

LONG = "漢" * 82 + ".jpg"
"""250 bytes, which is legal, and leaves no room for an ending."""

GOOD = ["a.jpg", "deep/er/b.jpg", "album.jpg/c.jpg", LONG, "d\nd.jpg", "E.JPG", "z.jpg"]
"""Photos that are done, whatever lies beside them."""

LATIN = b"caf\xe9.jpg"
"""A name of a time before UTF-8; that photo is done as well."""

FAILING = {
    "cut.jpg": "but it does not decode",
    "empty.jpg": "not an image file",
    "gone.jpg": "there is no such file",
    "loop.jpg": "the system refuses (Too many levels of symbolic links)",
    "pipe.jpg": "is a pipe and no file",
    "text.jpg": "not an image file",
}
"""Files that are named, and the cause that is told."""

LINKED = "linked"
"""A link to a folder, which is named and not followed."""

LOCKED = {
    "locked.jpg": "the system refuses (Permission denied)",
    "locked": "to look into {path}, but the system refuses (Permission denied)",
}
"""What an ordinary user may not read."""

AS_ORDINARY_USER = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() == 0 and shutil.which("setpriv")
    else []
)
"""What makes a command of root obey permissions."""

OBEYS = os.geteuid() != 0 or bool(AS_ORDINARY_USER)
"""Whether there is a way to try files without permission."""


def make_odd_folder(root: Path, photo: Array) -> None:
    """Make the folder, with other pixels in each photo."""
    for i, name in enumerate(GOOD):
        write_image(root / name, photo * (1 - i / 10))
    shutil.copy(root / "a.jpg", os.fsencode(root) + b"/" + LATIN)
    (root / "cut.jpg").write_bytes((root / "a.jpg").read_bytes()[:400])
    (root / "empty.jpg").touch()
    (root / "gone.jpg").symlink_to("nowhere.jpg")
    (root / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(root / "pipe.jpg")
    (root / "text.jpg").write_text("no picture")
    (root / "notes.txt").write_text("no photo")
    (root / LINKED).symlink_to("deep")
    shutil.copy(root / "a.jpg", root / "locked.jpg")
    (root / "locked").mkdir()
    shutil.copy(root / "a.jpg", root / "locked" / "a.jpg")
    (root / "locked.jpg").chmod(0)
    (root / "locked").chmod(0)


def unlock(root: Path) -> None:
    """Let the folder be cleared away."""
    (root / "locked").chmod(0o700)
