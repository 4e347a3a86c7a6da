"""What the course of one held-out picture tells of the course of all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from exposure_lab.study.curves import one_picture_rank


def test_pictures_that_all_take_the_same_course() -> None:
    rising = np.arange(5.0)[:, None]
    darkest_last = np.array([30.0, 20.0, 10.0])
    assert one_picture_rank(darkest_last + rising) == pytest.approx(1)


def test_pictures_of_which_each_rises_at_another_time() -> None:
    """By hand: the mean rises 2, 4, 6. Of three pairs of epochs the first picture agrees on three,
    the second on all but the last, and says of the third pair the opposite."""
    psnr = np.array([[1.0, 3.0], [2.0, 6.0], [7.0, 5.0]])
    assert one_picture_rank(psnr) == pytest.approx((1 + 1 / 3) / 2)


def test_a_picture_that_never_changes_says_nothing() -> None:
    rising = np.arange(4.0)
    psnr = np.stack([rising, np.full(4, 20.0)], axis=1)
    assert one_picture_rank(psnr) == pytest.approx(0.5)


@given(arrays(np.float64, (6, 4), elements=st.floats(10, 40)))
def test_it_is_a_correlation(psnr: np.ndarray) -> None:
    assert -1 <= one_picture_rank(psnr) <= 1
