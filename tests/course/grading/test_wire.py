"""Values on the wire: what goes in comes out, and hostile JSON makes nothing but an error."""

import json
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exposure_lab.course.grading.wire import (
    MAX_DEPTH,
    MAX_ITEMS,
    OtherValue,
    TensorValue,
    WireError,
    decode,
    encode,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.integers(-9, 9) | st.text(max_size=5) | st.tuples(st.integers(0, 9))
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(st.text(max_size=3), max_size=4)
    ),
    max_leaves=20,
)


def carried(value: Any, **how: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)), **how)


@pytest.mark.slow
@given(VALUES)
def test_values_come_out_as_they_went_in(value: Any) -> None:
    assert repr(carried(value)) == repr(value) or carried(value) == value


@given(
    arrays.arrays(
        st.sampled_from([np.bool_, np.uint8, np.int32, np.int64, np.float16, np.float32, float]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_arrays_come_out_bit_by_bit(array: Any) -> None:
    out = carried(array)
    assert (out.dtype, out.shape, out.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_arrays_of_any_order_of_bytes_and_strides() -> None:
    array = np.arange(24, dtype=">f4").reshape(4, 6)[::2, ::-1].T
    assert np.array_equal(carried(array), array)


def test_tensors_are_told_from_arrays() -> None:
    tensor = torch.tensor([[1.5, 2.5]], requires_grad=True)
    judged, given_back = carried(tensor), carried(tensor, tensors=True)
    assert isinstance(judged, TensorValue)
    assert np.array_equal(judged.array, [[1.5, 2.5]])
    assert torch.equal(given_back, tensor.detach())
    assert carried(torch.tensor([1.0], dtype=torch.bfloat16), tensors=True).dtype == torch.float32


def test_kinds_of_containers_are_carried_as_what_they_are() -> None:
    class Ordered(list[int]):
        pass

    class Point(NamedTuple):
        x: int

    assert carried(Ordered([2, 1, 1])) == [2, 1, 1]
    assert carried(Point(3)) == (3,)
    assert carried(frozenset({1})) == {1}


def test_what_is_not_carried_is_carried_by_its_name() -> None:
    class Sly(float):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = float.__hash__

    assert isinstance(carried(object()), OtherValue)
    assert carried(np.array(["text"])).type_name.startswith("array of str")
    assert carried(Sly(3.0)) != 4.0  # a float is carried by its bits, not by its class


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(MAX_DEPTH + 1), [0] * (MAX_ITEMS + 1), "x" * 200_000])
def test_too_much_is_not_carried(value: Any) -> None:
    with pytest.raises(WireError, match="more than"):
        encode(value)


ARRAY = {"dtype": "float32", "shape": [1], "data": "AACAPw=="}


@pytest.mark.parametrize(
    "data",
    [
        [1],
        {},
        {"list": 1},
        {"list": [], "tuple": []},
        {"dict": [[1]]},
        {"dict": [[{"list": []}, 1]]},
        {"set": [{"list": []}]},
        {"float": "1"},
        {"int": "1e9"},
        {"int": "9" * 5000},
        {"code": "print(1)"},
        {"array": {**ARRAY, "dtype": "object"}},
        {"array": {**ARRAY, "shape": [-1]}},
        {"array": {**ARRAY, "shape": [2]}},
        {"array": {**ARRAY, "shape": [1.0]}},
        {"array": {**ARRAY, "shape": [True]}},
        {"array": {**ARRAY, "shape": [10**30]}},
        {"array": {**ARRAY, "shape": [1] * 40}},
        {"array": {**ARRAY, "data": "!"}},
        {"array": {**ARRAY, "data": 3}},
        {"array": {**ARRAY, "fortran": True}},
        {"tensor": []},
    ],
)
def test_hostile_data_make_an_error_and_nothing_else(data: Any) -> None:
    with pytest.raises(WireError):
        decode(data)


@pytest.mark.slow
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_makes_a_value_or_an_error(data: Any) -> None:
    try:
        decode(data)
    except WireError:
        pass
