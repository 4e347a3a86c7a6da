"""Safetensors files of any kind: whole, damaged, or true to a header that lies."""

import json
from typing import Any

from hypothesis import strategies as st
from mutations import changed, changed_json, spliced

NUMBERS = [b"\x00\x00\xc0\x7f", b"\x00\x00\x80\xff", b"\x00\x7e", b"\x00\x7c", b"\xff\xff\xff\xff"]
"""NaN and infinities in both precisions, and more."""


def split(file: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and data."""
    length = int.from_bytes(file[:8], "little")
    return json.loads(file[8 : 8 + length]), file[8 + length :]


def join(header: bytes, data: bytes, length: int | None = None) -> bytes:
    """A file of both; the length that it states for the header may be wrong."""
    stated = len(header) if length is None else length
    return stated.to_bytes(8, "little") + header + data


@st.composite
def stored(draw: st.DrawFn, file: bytes) -> bytes:
    """The file with something changed in one of many ways."""
    header, data = split(file)
    kind = draw(st.sampled_from(["bytes", "header", "note", "note", "numbers", "type", "length"]))
    if kind == "bytes":
        return draw(spliced(file))
    if kind == "header":
        return join(draw(changed_json(header)), data)
    if kind == "note" and header.get("__metadata__"):
        notes = dict(header["__metadata__"])
        name = draw(st.sampled_from(sorted(notes)))
        content = draw(changed_json(json.loads(notes[name]))).decode("utf-8", "replace")
        notes[name] = content
        return join(json.dumps(header | {"__metadata__": notes}).encode(), data)
    if kind == "type":
        name = draw(st.sampled_from(sorted(header.keys() - {"__metadata__"})))
        other = draw(st.sampled_from(["I32", "U32", "I16", "BF16", "U8", "F64", "C64", "F4"]))
        entry = header[name] | {"dtype": other}
        return join(
            json.dumps(header | {name: draw(changed(entry) | st.just(entry))}).encode(), data
        )
    if kind == "length":
        length = draw(st.sampled_from([0, 1, 10**6, 10**8, 2**31, 2**63, 2**64 - 1]))
        return join(json.dumps(header).encode(), data, length)
    number = draw(st.sampled_from(NUMBERS))
    start = draw(st.integers(0, max(0, len(data) - 4))) // 4 * 4
    return join(json.dumps(header).encode(), data[:start] + number + data[start + len(number) :])
