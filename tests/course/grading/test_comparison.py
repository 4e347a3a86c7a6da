"""Comparison of an answer with the reference: kinds, shapes, tolerances, and mistakes by name."""

from typing import Any

import numpy as np
import pytest
import torch

from exposure_lab.course.graded.question import EXACT, Tolerance
from exposure_lab.course.grading.comparison import explain, same
from exposure_lab.course.grading.wire import TensorValue

PHOTO = np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0),
        (np.float32(1), 1),
        (torch.tensor(1.0), 1.0),
        (1.0, torch.tensor(1.0)),
        (1.0, TensorValue(np.array(1.0))),
        ([1, 2], (1, 2)),
        (PHOTO.astype(np.float64), PHOTO),
        (TensorValue(PHOTO), torch.from_numpy(PHOTO)),
        ({"a": PHOTO}, {"a": PHOTO}),
        ({"A", "B"}, {"B", "A"}),
        (True, True),
        ("text", "text"),
    ],
)
def test_equal_values_of_one_kind(got: Any, expected: Any) -> None:
    assert same(got, expected, Tolerance())


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (None, 1, "got nothing"),
        (True, 1, "as a number, but got a truth value"),
        (1, True, "as a truth value, but got a number"),
        ("1", 1, "as a number, but got a text"),
        (PHOTO, 1, "as a number, but got a numpy array"),
        (1, PHOTO, "as a numpy array, but got a number"),
        (torch.ones(2), np.ones(2), "as a numpy array, but got a torch tensor"),
        (torch.tensor(1.0), torch.ones(2), "as a torch tensor, but got a torch tensor without"),
        (np.array(1.0), np.ones(2), "as a numpy array, but got a numpy array without axes"),
        (PHOTO.T, PHOTO, "the axes are in another order"),
        (PHOTO[0], PHOTO, "an axis is too many or too few"),
        (PHOTO[:, :2], PHOTO, "look at what each step does to the size"),
        ([1], [1, 2], "with 2 entries, but got 1"),
        (1, [1, 2], "as a list or tuple, but got a number"),
        ({"a": 1}, {"b": 1}, "keys are missing or new"),
        (PHOTO * np.nan, PHOTO, "in finite numbers"),
        (float("inf"), 1.0, "in finite numbers"),
        (PHOTO + 0.01, PHOTO, "the values differ"),
        ({"A"}, {"A", "B"}, "the values differ"),
        (len, 1, "a function that was not called"),
    ],
)
def test_why_a_value_is_wrong(got: Any, expected: Any, sentence: str) -> None:
    said = explain(got, expected, Tolerance(), "the photo")
    assert said is not None
    assert said.startswith("Expected the photo")
    assert sentence in said


def test_the_first_mistake_that_gives_the_same_is_named() -> None:
    mistakes = {"it was halved": PHOTO / 2, "it was left dark": PHOTO * 0}
    assert explain(PHOTO * 0, PHOTO, Tolerance(), "the photo", mistakes) == (
        "Expected the photo, but it was left dark."
    )


def test_a_tolerance_is_relative_and_absolute() -> None:
    tolerance = Tolerance(relative=0.01, absolute=0.001)
    assert same(100.9, 100.0, tolerance)
    assert not same(101.1, 100.0, tolerance)
    assert same(0.0009, 0.0, tolerance)
    assert not same(1, 2, EXACT)
    assert not same(float("nan"), float("nan"), tolerance)
