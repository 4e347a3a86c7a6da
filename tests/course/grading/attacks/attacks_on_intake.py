"""Attacks on intake: files too large, too deep or none, archives, ids, metadata."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from attack import ANSWER, NOT_READ, WRONG, Attack, Cells, Place, cell_of

SIZES, KINDS, ARCHIVES = "files too large or too deep", "no notebooks", "archives"
IDS, CLAIMS = "unicode and duplicate ids", "claims in metadata"

NAME = "01_scaling.ipynb"


def raw(*parts: bytes, suffix: str = ".ipynb") -> Any:
    """Hands in a file of these bytes."""

    def hand_in(path: Path, notebook: dict[str, Any], place: Place) -> None:
        path.with_name(path.name + suffix).write_bytes(b"".join(parts))

    return hand_in


def of_300_mb(path: Path, notebook: dict[str, Any], place: Place) -> None:
    """A file of 300 MB; the disk holds only its beginning."""
    path = path.with_suffix(".ipynb")
    path.write_text(json.dumps(notebook))
    os.truncate(path, 300_000_000)


def many_cells(cells: Cells) -> None:
    cells += [{"cell_type": "code", "source": "a = 1", "metadata": {}}] * 60_000


def blank_lines(cells: Cells) -> None:
    cell_of(cells, ANSWER)["source"] = "\n" * 200_000 + f"%time 1\n{WRONG}"


def zipped(members: dict[str, bytes], **attributes: int) -> bytes:
    """Zip of these members, each with some attributes of its header."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            archive.writestr(info, content)
    return file.getvalue()


def archive(content: Any) -> Any:
    """Hands in a zip; its bytes are made of the notebook and the place."""

    def hand_in(path: Path, notebook: dict[str, Any], place: Place) -> None:
        path.with_name(path.name + ".zip").write_bytes(
            content(json.dumps(notebook).encode(), place)
        )

    return hand_in


def bomb(notebook: bytes, place: Place) -> bytes:
    return zipped({"a.ipynb": bytes(150_000_000), "b.npy": bytes(150_000_000)})


def bomb_in_bombs(notebook: bytes, place: Place) -> bytes:
    content = zipped({NAME: notebook})
    for _ in range(6):
        content = zipped({"inner.zip": content})
    return content


def lying_size(notebook: bytes, place: Place) -> bytes:
    """A member of 30 MB whose header says 100 bytes."""
    content = bytearray(zipped({NAME: bytes(30_000_000)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(mark) + at
        content[start : start + 4] = (100).to_bytes(4, "little")
    return bytes(content)


def slip(notebook: bytes, place: Place) -> bytes:
    outside = {f"{'../' * 12}{place.mark}": b"x", str(place.mark): b"x", "C:\\x.ipynb": notebook}
    return zipped(outside | {"../honest-anna.ipynb": notebook})


def linked(notebook: bytes, place: Place) -> bytes:
    return zipped({NAME: str(place.canary).encode()}, external_attr=0o120777 << 16, create_system=3)


def locked(notebook: bytes, place: Place) -> bytes:
    """A member whose header says that it needs a password."""
    content = bytearray(zipped({NAME: notebook}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def too_many(notebook: bytes, place: Place) -> bytes:
    return zipped({f"{number}.txt": b"" for number in range(2_500)})


def twice(notebook: bytes, place: Place) -> bytes:
    """Two notebooks of one chapter with different answers."""
    return zipped({NAME: notebook, "copy/" + NAME: notebook.replace(b"return x", b"return 2 * x")})


def doubled(cells: Cells) -> None:
    """Cells with the id of the answer, one of them of the other question."""
    for source in ("def scale(x):\n    return -x", WRONG):
        cells.insert(1, {**cell_of(cells, ANSWER), "source": source})


def look_alike(cells: Cells) -> None:
    """Ids and a name in letters that look like others."""
    cell = cell_of(cells, ANSWER)
    cells.append(
        {**cell, "id": "answer-01-\u0455cale", "source": "def \u0455cale(x):\n    return 1"}
    )
    own = {"question": "01.\u0455cale", "points": 3}
    cells.append({**cell, "id": "\u202eelacs-10-rewsna", "metadata": {"exposure_lab": own}})


def odd_ids(cells: Cells) -> None:
    ids = ["", None, 17, [], "a" * 10**5, "\x00", "\ud800", "../../x", "__class__", "01.square"]
    for id_ in ids:
        cells.append({"cell_type": "code", "id": id_, "source": "a = 1", "metadata": {"id": id_}})


def claim(**own: Any) -> Any:
    """Change that claims something in the metadata of the answer's cell."""

    def change(cells: Cells) -> None:
        cell_of(cells, ANSWER)["metadata"]["exposure_lab"] |= own

    return change


DEEP = b'{"cells": ' + b"[" * 200_000
WIDE = b'{"nbformat": 4, "cells": [' + b"[]," * 3_000_000 + b"[]]}"

ATTACKS = (
    Attack(SIZES, "300 MB", hand_in=of_300_mb, graded=False, says="at most 20 MB"),
    Attack(SIZES, "deep JSON", hand_in=raw(DEEP), graded=False, says="nested too deeply"),
    Attack(SIZES, "wide JSON", hand_in=raw(WIDE), graded=False, says="too many lists"),
    Attack(SIZES, "much code", WRONG + "\n# " + "x" * 9_000_000, graded=False, says="400,000"),
    Attack(SIZES, "60,000 cells", change=many_cells, graded=False, says="signs of code"),
    Attack(SIZES, "200,000 blank lines", change=blank_lines),
    Attack(KINDS, "PDF", hand_in=raw(b"%PDF-1.7"), graded=False, says="it is a PDF"),
    Attack(KINDS, "empty", hand_in=raw(b""), graded=False, says="it is empty"),
    Attack(KINDS, "script", hand_in=raw(b"x = 1", suffix=".py"), graded=False, says=NOT_READ),
    Attack(KINDS, "JSON of another kind", hand_in=raw(b'{"a": 1}'), graded=False, says="cells"),
    Attack(ARCHIVES, "zip bomb", hand_in=archive(bomb), graded=False, says="of 20 at most"),
    Attack(ARCHIVES, "zips in zips", hand_in=archive(bomb_in_bombs), graded=False, says="too deep"),
    Attack(ARCHIVES, "size that lies", hand_in=archive(lying_size), graded=False, says="damaged"),
    Attack(ARCHIVES, "zip-slip", hand_in=archive(slip), graded=False, says="outside its folder"),
    Attack(ARCHIVES, "link", hand_in=archive(linked), graded=False, says="is a link"),
    Attack(ARCHIVES, "password", hand_in=archive(locked), graded=False, says="password"),
    Attack(ARCHIVES, "2,500 files", hand_in=archive(too_many), graded=False, says="at most 2000"),
    Attack(ARCHIVES, "two answers", hand_in=archive(twice), graded=False, says="one notebook"),
    Attack(IDS, "doubled", change=doubled),
    Attack(IDS, "letters that look like others", change=look_alike),
    Attack(IDS, "ids of every kind", change=odd_ids),
    Attack(CLAIMS, "more points", change=claim(points=1000, tier="person", earned=1000)),
    Attack(CLAIMS, "another question", change=claim(question="01.square"), says="Expected"),
)
