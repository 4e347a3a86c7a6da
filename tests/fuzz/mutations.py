"""Ways to damage a file: its bytes, the values of its JSON, the numbers in its header."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

ODD_VALUES = st.sampled_from(
    [None, True, -1, 0, 1, 3, 1.5, 1e308, 2**31, 2**63, 10**400, "", "1", "../x", "\x1b[2J\n"]
) | st.sampled_from([[], {}, [[[[1]]]], {"a": {"b": []}}, ["photos"], "x" * 5000, "\u202e\ud800"])
ODD_VALUES = ODD_VALUES.map(copy.deepcopy)

ODD_TEXTS = st.sampled_from(
    ["", "[", "[" * 50_000, '{"a":' * 20_000, "9" * 5000, "NaN", "-Infinity", "1e999", "null"]
) | st.sampled_from(['{"a": 1, "a": 2}', "\ufeff{}", "[1]", '"text"', "{}", "{} {}", "\x00"])


@st.composite
def spliced(draw: st.DrawFn, whole: bytes) -> bytes:
    """With some bytes changed, cut off, left out, added or repeated; or as it was."""
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, min(len(whole), 200)) | st.integers(0, len(whole)))
        end = start + draw(st.sampled_from([0, 1, 1, 4, 8, 100, 10**6]))
        middle = draw(st.binary(max_size=9) | st.just(whole[end : end + 600]))
        whole = whole[:start] + middle + whole[end:]
    return whole


@st.composite
def changed(draw: st.DrawFn, tree: Any) -> Any:
    """The same JSON with values replaced, left out or added at one or two places."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(tree))
        if not places:
            return draw(ODD_VALUES)
        inside, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"]))
        if kind == "replace":
            inside[key] = draw(ODD_VALUES)
        elif kind == "remove":
            del inside[key]
        elif isinstance(inside, dict):
            inside[draw(st.sampled_from(["odd", "a\nb", "..", "photos"]))] = draw(ODD_VALUES)
        else:
            inside.append(draw(ODD_VALUES))
    return tree


def changed_json(tree: Any) -> st.SearchStrategy[bytes]:
    """A file of JSON in which something was changed."""
    text = changed(tree).map(json.dumps) | changed(tree).map(json.dumps) | ODD_TEXTS
    return text.map(lambda document: document.encode("utf-8", "surrogatepass")) | spliced(
        json.dumps(tree).encode()
    )


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])
