"""Questions of chapter 12, beyond, and the judges of their answers."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.checks import Question
from exposure_lab.course.expectations import (
    Wrong,
    array,
    call,
    close,
    expect,
    first_cause,
    number,
    pair,
)
from exposure_lab.course.multiple_choice import MultipleChoice

Numbers = NDArray[np.float64]

PIXELS = 6000 * 4000
CELLS = 8 * 8 * 8
"""Pixels of the first question's photo, and cells of its grid."""


def _judge_numbers(answer: Any) -> None:
    first, second = pair(
        answer, "Expected two numbers: how many a drawn picture has, and how many a grid has."
    )
    got = number(first, "the numbers of a picture"), number(second, "the numbers of a grid")
    same = partial(close, tolerance=0.5)
    right = 3 * PIXELS, 12 * CELLS
    if same(got, right):
        return
    expect(
        not same(got, right[::-1]),
        "Expected the drawn picture first, but the two numbers changed places.",
    )
    if not same(got[0], right[0]):
        few = same(got[0], PIXELS)
        raise Wrong(
            "Expected three numbers for each pixel of the picture, but got one: red, green, blue."
            if few
            else "Expected another number for the picture: its pixels, times the three channels."
        )
    cause = first_cause(
        {
            "it counts the cells: each of them holds a whole matrix": CELLS,
            "a matrix of 3x4 has twelve numbers, not nine": 9 * CELLS,
            "there is a matrix for each brightness as well: take the third eight": 12 * 64,
            "it counts one row of each matrix: there are three": 4 * CELLS,
            "it counts one column of each matrix: there are four": 3 * CELLS,
            "the two places and the brightness were added up: multiply them": 12 * 24,
        },
        got[1],
        same,
    )
    raise Wrong(
        f"Expected the numbers of the whole grid, but {cause}."
        if cause
        else "Expected another number for the grid: its cells, times the numbers of a matrix."
    )


def _hats(places: Numbers, cells: int) -> Numbers:
    """Weights of each cell at some places, which count from 0 to ``cells - 1``."""
    weights: Numbers = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(cells)))
    return weights


def _across(width: int, cells: int) -> Numbers:
    """Place of each pixel of a row among the cells across."""
    centres = (np.arange(width) + 0.5) / width
    return np.clip(centres * cells - 0.5, 0, cells - 1)


def _slice(grid: Numbers, depth: Numbers, across: Numbers) -> Numbers:
    up, along = _hats(depth, len(grid)), _hats(across, grid.shape[1])
    sliced: Numbers = np.einsum("wd,wx,dx->w", up, along, grid)
    return sliced


def _judge_slice(answer: Any) -> None:
    rng = np.random.default_rng(12)
    for cells, width in (((3, 4), 17), ((5, 2), 12)):
        grid, brightness = rng.normal(size=cells), rng.random(width)
        brightness[:2] = 0, 1
        got = array(call(answer, grid, brightness), (width,), "what the row takes from the grid")
        right = _slice(grid, brightness * (cells[0] - 1), _across(width, cells[1]))
        if close(got, right, 1e-4):
            continue
        cause = first_cause(_wrong_slices(grid, brightness), got)
        raise Wrong(
            f"Expected the grid, interpolated at each pixel, but {cause}."
            if cause
            else "Expected the grid, interpolated at each pixel: mix two cells of brightness and "
            "two across, each with its weight; try a grid of ones, which must give ones."
        )


def _wrong_slices(grid: Numbers, brightness: Numbers) -> dict[str, Numbers]:
    """What wrong ways to slice lead to, for each cause."""
    cells, columns = grid.shape
    width = len(brightness)
    depth, across = brightness * (cells - 1), _across(width, columns)
    ends = np.linspace(0, columns - 1, width)
    left = np.arange(width) / width * columns
    return {
        "each pixel took its nearest cell: mix the neighbours by the hats": grid[
            np.rint(depth).astype(int), np.rint(across).astype(int)
        ],
        "each pixel took the cell below its place: mix it with the next one": grid[
            depth.astype(int), across.astype(int)
        ],
        "the outermost pixels lie on the centres of the outermost cells: a pixel's centre is half "
        "a pixel inside, and a cell's half a cell": _slice(grid, depth, ends),
        "the half cell is missing: the first cell's centre lies half a cell inside": _slice(
            grid, depth, np.clip((np.arange(width) + 0.5) / width * columns, 0, columns - 1)
        ),
        "the places count from the pixels' left edges: take their centres": _slice(
            grid, depth, np.clip(left, 0, columns - 1)
        ),
        "the places count from the pixels' left edges, less half a cell: take their centres": (
            _slice(grid, depth, np.clip(left - 0.5, 0, columns - 1))
        ),
        "brightness is upside down: the first cell is the dark one": _slice(
            grid[::-1], depth, across
        ),
        "the row runs from right to left": _slice(grid[:, ::-1], depth, across),
        "brightness has half a cell too much: 0 and 1 lie on the centres of its outermost cells": (
            _slice(grid, np.clip(brightness * cells - 0.5, 0, cells - 1), across)
        ),
        "it does not depend on place: mix the cells across as well": _hats(depth, cells)
        @ grid.mean(axis=1),
        "it does not depend on brightness: mix the cells of brightness as well": _hats(
            across, columns
        )
        @ grid.mean(axis=0),
        "the two mixtures were added: multiply their weights": _hats(depth, cells)
        @ grid.mean(axis=1)
        + _hats(across, columns) @ grid.mean(axis=0),
    }


def _rising(slopes: Numbers) -> Numbers:
    return np.concatenate([[0], np.cumsum(np.exp(slopes)) / np.exp(slopes).sum()])


def _judge_curve(answer: Any) -> None:
    rng = np.random.default_rng(21)
    for parts in (7, 4):
        slopes = rng.normal(size=parts)
        result = call(answer, slopes)
        expect(
            getattr(result, "shape", None) != (parts,),
            "Expected a knot more than there are parts, but got as many: the curve begins at 0.",
        )
        got = array(result, (parts + 1,), "the knots of the curve")
        if close(got, _rising(slopes), 1e-4):
            continue
        if cause := first_cause(_wrong_curves(slopes), got):
            raise Wrong(f"Expected a curve that rises from 0 to 1, but {cause}.")
        expect(close(got[0], 0), "Expected a curve that begins at 0, but its first knot is not 0.")
        expect(close(got[-1], 1), "Expected a curve that ends at 1, but its last knot is not 1.")
        expect(
            bool((np.diff(got) > 0).all()),
            "Expected a curve that rises, but one of its parts falls or stays level.",
        )
        raise Wrong(
            "Expected each part to rise in proportion to e to the power of its number, but the "
            "parts have other shares."
        )


def _wrong_curves(slopes: Numbers) -> dict[str, Numbers]:
    """Knots that mistakes lead to, for each cause."""
    powers = np.exp(slopes)
    zero = np.zeros(1)

    def add_up(parts: Numbers) -> Numbers:
        return np.concatenate([zero, np.cumsum(parts)])

    return {
        "the numbers themselves were added up: a negative one makes the curve fall": add_up(slopes),
        "the numbers were divided by their sum without e to their power: one of them is negative": (
            add_up(slopes / slopes.sum())
        ),
        "its end is not 1: divide by the sum of all parts": add_up(powers),
        "it has been divided by the number of parts: divide by the sum of all parts": add_up(
            powers / len(powers)
        ),
        "the parts were not added up: a knot is the sum of all parts before it": np.concatenate(
            [zero, powers / powers.sum()]
        ),
        "it falls: subtract nothing from 1": 1 - _rising(slopes),
        "the parts come in reverse order": _rising(slopes[::-1]),
        "the signs of the numbers were turned": _rising(-slopes),
        "the size of each number took the place of e to its power": add_up(
            np.abs(slopes) / np.abs(slopes).sum()
        ),
        "2 was raised to the numbers, not e": _rising(slopes * np.log(2)),
        "all parts are alike: the numbers were not used": np.linspace(0, 1, len(slopes) + 1),
    }


_EXPLAIN = MultipleChoice(
    right="BDE",
    if_chosen={
        "A": "Expected only true sentences. One chosen sentence gives one curve two tasks: what "
        "does it do with a tone that lies in both halves?",
        "C": "Expected only true sentences. One chosen sentence brings light back: where in the "
        "file would a finer grid find it?",
        "F": "Expected only true sentences. One chosen sentence is about sharpness: which picture "
        "do the matrices multiply?",
    },
    if_missing={
        "B": "Expected all true sentences, but one is missing; ask: what can differ between two "
        "pixels that are both white?",
        "D": "Expected all true sentences, but one is missing; ask: which of the forms can change "
        "the difference of red and blue?",
        "E": "Expected all true sentences, but one is missing; ask: what is the best guess where "
        "only a part of the darkness is the camera's fault?",
    },
)


QUESTIONS = (
    Question("12.predict-numbers", 1, _judge_numbers),
    Question("12.slice-row", 4, _judge_slice),
    Question("12.rising-curve", 3, _judge_curve),
    Question("12.explain", 2, _EXPLAIN),
)
