"""Values on their way in and out of the sandbox, as JSON that holds no code.

Both sides import this file: the grader as a module, the sandbox as a file of its own, since the
package is not whole there. It needs the standard library, and numpy and torch only for what is
theirs. What comes out of the sandbox is data of a stranger: `decode` makes nothing but numbers,
texts, containers and arrays of plain numbers, and raises `WireError` for all else.
"""

import base64
import math
import sys
from typing import Any, TypeVar

DTYPES = ("bool", "uint8", "int16", "int32", "int64", "float16", "float32", "float64")
"""Types of numbers that an array may have."""

CASE_SEED = 2022
"""Seed of all random numbers before each call, in the sandbox and for the reference."""

MAX_ITEMS = 100_000
"""Entries that a list, a set or a dictionary may have."""

MAX_DEPTH = 20
"""Containers that may lie in one another."""

MAX_TEXT = 100_000
"""Characters that a text may have."""


Sized = TypeVar("Sized", str, list[Any])


class WireError(ValueError):
    """A value that cannot be carried, or bytes that are no value."""


class TensorValue:
    """Numbers of a torch tensor on the side of the judge, which imports no torch."""

    def __init__(self, array: Any) -> None:
        self.array = array


class OtherValue:
    """Value of a type that is not carried, by the name of its type."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def encode(value: Any, depth: int = 0) -> Any:
    """Turn a value into JSON: numbers, texts and containers as they are or under a tag.

    A tensor is told from an array, a tuple from a list, and NaN from null. A value of another type
    is carried as its type's name.

    Raises:
        WireError: too deep, too many entries, or too long a text.
    """
    if depth > MAX_DEPTH:
        raise WireError(f"more than {MAX_DEPTH} containers in one another")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _within(str(value), MAX_TEXT, "characters")
    if isinstance(value, int):
        return {"int": str(value)} if abs(value) > 2**53 else int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if isinstance(value, list | tuple | set | frozenset):
        items = _within(list(value), MAX_ITEMS, "entries")
        if isinstance(value, set | frozenset):
            items.sort(key=repr)
        # By what it is, since a named tuple or an own kind of list is one too.
        tag = "tuple" if isinstance(value, tuple) else "list" if isinstance(value, list) else "set"
        return {tag: [encode(item, depth + 1) for item in items]}
    if isinstance(value, dict):
        pairs = _within(list(value.items()), MAX_ITEMS, "entries")
        return {"dict": [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in pairs]}
    return _encode_array(value) or {"other": type(value).__name__[:100]}


def decode(data: Any, *, tensors: bool = False) -> Any:
    """Turn JSON of `encode` back into the value.

    Args:
        data: what `json.loads` gave.
        tensors: make torch tensors of what was one, as the sandbox does; else `TensorValue`.

    Raises:
        WireError: this is no value that `encode` gives.
    """
    return _decode(data, tensors, 0)


def _decode(data: Any, tensors: bool, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"more than {MAX_DEPTH} containers in one another")
    if isinstance(data, int) and abs(data) > 2**53:
        raise WireError("a whole number that is too long")
    if data is None or isinstance(data, bool | int | float):
        return data
    if isinstance(data, str):
        return _within(data, MAX_TEXT, "characters")
    if not isinstance(data, dict) or len(data) != 1:
        raise WireError("an object without a tag")
    (tag, content), *_ = data.items()
    if tag in ("list", "tuple", "set"):
        items = [_decode(item, tensors, depth + 1) for item in _entries(content)]
        return _to_set(items) if tag == "set" else tuple(items) if tag == "tuple" else items
    if tag == "dict":
        pairs = [_entries(pair) for pair in _entries(content)]
        if any(len(pair) != 2 for pair in pairs):
            raise WireError("a dictionary with an entry that is no pair")
        try:
            return {
                _decode(key, tensors, depth + 1): _decode(item, tensors, depth + 1)
                for key, item in pairs
            }
        except TypeError:
            raise WireError("a dictionary with a key that cannot be one") from None
    if tag == "int" and isinstance(content, str) and len(content) <= 100:
        try:
            return int(content)
        except ValueError:
            raise WireError("a whole number that is none") from None
    if tag == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if tag == "other" and isinstance(content, str):
        return OtherValue(content[:100])
    if tag in ("array", "tensor"):
        array = _decode_array(content)
        if tag == "array":
            return array
        return _to_tensor(array) if tensors else TensorValue(array)
    raise WireError(f"an unknown tag {str(tag)[:40]!r}")


def _encode_array(value: Any) -> dict[str, Any] | None:
    """Encode a numpy number or array, or a torch tensor; None for anything else."""
    # Nothing is imported here: a value of numpy or torch can only come where they are loaded.
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    tag = "array"
    if torch is not None and isinstance(value, torch.Tensor):
        tag, value = "tensor", value.detach().to("cpu")
        value = value.float().numpy() if value.dtype is torch.bfloat16 else value.numpy()
    if numpy is None or not isinstance(value, numpy.ndarray | numpy.generic):
        return None
    value = numpy.asarray(value)
    if value.dtype.name not in DTYPES:
        return {"other": f"{tag} of {value.dtype.name}"[:100]}
    little = numpy.ascontiguousarray(value.astype(value.dtype.newbyteorder("<"), copy=False))
    data = base64.b64encode(little.tobytes()).decode("ascii")
    return {tag: {"dtype": value.dtype.name, "shape": list(value.shape), "data": data}}


def _decode_array(content: Any) -> Any:
    import numpy as np

    if not isinstance(content, dict) or set(content) != {"dtype", "shape", "data"}:
        raise WireError("an array without type, shape and data")
    dtype, shape, data = content["dtype"], content["shape"], content["data"]
    if dtype not in DTYPES:
        raise WireError("an array of another type than numbers")
    whole = isinstance(shape, list) and all(type(side) is int and side >= 0 for side in shape)
    if not whole or len(shape) > 32 or not isinstance(data, str):
        raise WireError("an array whose shape is no list of whole numbers")
    try:
        raw = base64.b64decode(data, validate=True)
    except ValueError:
        raise WireError("an array whose data is no base64") from None
    kind = np.dtype(dtype).newbyteorder("<")
    if len(raw) != math.prod(shape) * kind.itemsize:
        raise WireError("an array whose data does not fill its shape")
    try:
        return np.frombuffer(raw, kind).reshape(shape).astype(dtype)
    except (ValueError, OverflowError):  # sides that fit no array, though one of them is zero
        raise WireError("an array whose sides are too long") from None


def _to_tensor(array: Any) -> Any:
    import torch

    return torch.from_numpy(array.copy())


def _to_set(items: list[Any]) -> set[Any]:
    try:
        return set(items)
    except TypeError:
        raise WireError("a set with an entry that cannot be one") from None


def _entries(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise WireError("a container without entries")
    return _within(content, MAX_ITEMS, "entries")


def _within(value: Sized, limit: int, unit: str) -> Sized:
    if len(value) > limit:
        raise WireError(f"more than {limit:,} {unit}")
    return value
