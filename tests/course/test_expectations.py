"""Helpers of the judges: letters, pairs, closeness, and the cause of a known mistake."""

from typing import Any

import numpy as np
import pytest
from torch import tensor

from exposure_lab.course.expectations import (
    Wrong,
    array,
    close,
    close_to_any,
    first_cause,
    letters,
    number,
    pair,
)
from exposure_lab.course.multiple_choice import MultipleChoice

CHOICE = MultipleChoice(
    right="AC",
    if_chosen={"B": "One is false.", "D": "Another is false."},
    if_missing={"A": "The first is missing.", "C": "The third is missing."},
)


@pytest.mark.parametrize(
    "answer",
    [
        *({"a", "C"}, frozenset("AC"), ["C", "A"], ("A", "C"), ["AC"], np.array(["A", "C"])),
        *("A, C", " c a ", "AC", "A and C", "A & C", "{'A', 'C'}", "A;C", "(a) (c)"),
    ],
    ids=lambda answer: type(answer).__name__,  # a set prints otherwise in each process
)
def test_letters_may_come_in_any_form(answer: Any) -> None:
    assert letters(answer, "ABCD") == {"A", "C"}


def test_all_letters_may_be_chosen() -> None:
    assert letters({"A", "B", "C"}, "ABC") == {"A", "B", "C"}


@pytest.mark.parametrize("answer", [{1, 2}, [1], {"A", 2}, 3, np.array([1]), {"A": "B"}, None])
def test_what_holds_no_letters_is_told_what_a_set_looks_like(answer: Any) -> None:
    with pytest.raises(Wrong, match=r'set of letters such as {"A", "D"}'):
        letters(answer, "ABCD")


@pytest.mark.parametrize("answer", [set(), "", {"A", "E"}, "AE", "add", "all", "and", "?"])
def test_other_letters_or_none_are_refused(answer: Any) -> None:
    with pytest.raises(Wrong, match="from A to D, at least one"):
        letters(answer, "ABCD")


@pytest.mark.parametrize(
    "answer",
    [176, 176.0, "176", " 176.0 ", np.float32(176), np.array(176), tensor(176)],
    ids=repr,
)
def test_a_number_may_come_in_any_form(answer: Any) -> None:
    assert number(answer, "the value") == 176


@pytest.mark.parametrize("answer", [True, None, "about 176", "", [176], np.array([176]), "1, 2"])
def test_what_is_no_number_is_named(answer: Any) -> None:
    with pytest.raises(Wrong, match="Expected the value as one number, but got a"):
        number(answer, "the value")


@pytest.mark.parametrize("answer", ["nan", float("inf")])
def test_a_number_is_finite(answer: Any) -> None:
    with pytest.raises(Wrong, match="in finite numbers"):
        number(answer, "the value")


def test_pair_takes_two_and_nothing_else() -> None:
    assert pair([1, "a"], "Expected two.") == (1, "a")
    for value in ((1,), (1, 2, 3), "ab", {1, 2}, None):
        with pytest.raises(Wrong, match="Expected two"):
            pair(value, "Expected two.")


@pytest.mark.parametrize("two", [np.array([12, 81]), tensor([12, 81])], ids=["array", "tensor"])
def test_two_numbers_may_come_as_an_array_or_a_tensor(two: Any) -> None:
    assert pair(two, "Expected two.") == (12, 81)
    with pytest.raises(Wrong, match="Expected two"):
        pair(two[:1], "Expected two.")


@pytest.mark.parametrize("text", ["4, 7", "(4, 7)", " 4 7 ", "[4;7]"])
def test_two_numbers_may_come_as_text(text: str) -> None:
    assert [number(one, "a number") for one in pair(text, "Expected two.")] == [4, 7]


def test_half_precision_is_named_as_the_cause() -> None:
    given = np.full((2, 3), 0.25)
    assert array(given.astype(np.float32), (2, 3), "the map").dtype == np.float64
    with pytest.raises(Wrong, match=r"the map in 32 bits or more, but its type is float16"):
        array(given.astype(np.float16), (2, 3), "the map")


def test_close_is_absolute_unless_asked() -> None:
    assert close(1.00009, 1) and not close(1.00011, 1)
    assert not close(1000.05, 1000) and close(1000.05, 1000, relative=1e-4)
    assert not close(1e-5, 2e-5, tolerance=0, relative=1e-4)
    assert close([1.05, 2], [1, 2.05], 0.1) and not close([1, 2], [1, 3], 0.1)


def test_close_to_any() -> None:
    assert close_to_any(2, [1, 2]) and not close_to_any(3, [1, 2]) and not close_to_any(3, [])
    assert close_to_any(2.05, [1, 2], tolerance=0.1)


def test_the_first_mistake_that_fits_is_the_cause() -> None:
    mistakes = {"it is one": 1.0, "it is two": 2.0, "it is two as well": 2.0}
    assert first_cause(mistakes, 2.00001) == "it is two"
    assert first_cause(mistakes, 3.0) is None
    assert first_cause(mistakes, 3.0, lambda got, wrong: bool(got > wrong)) == "it is one"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("A B C D", "One is false."),
        ("D", "Another is false."),
        ("C", "The first is missing."),
        ("A", "The third is missing."),
    ],
)
def test_a_choice_says_its_own_sentence(answer: str, sentence: str) -> None:
    with pytest.raises(Wrong) as error:
        CHOICE(answer)
    assert str(error.value) == sentence


def test_a_choice_accepts_its_right_letters_and_no_others() -> None:
    CHOICE({"A", "C"})
    assert CHOICE.choices == "ABCD"
    with pytest.raises(Wrong, match="from A to D"):
        CHOICE("E")
