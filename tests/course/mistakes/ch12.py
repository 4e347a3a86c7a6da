"""Mistakes that students make in chapter 12, each with a word of the sentence it gets."""

from typing import Any

import numpy as np

NAMES = {"np": np}


def _hats(places: Any, cells: int) -> Any:
    return np.maximum(0, 1 - np.abs(np.asarray(places)[:, None] - np.arange(cells)))


def _centres(width: int, cells: int) -> Any:
    return np.clip((np.arange(width) + 0.5) / width * cells - 0.5, 0, cells - 1)


def _mix(grid: Any, depth: Any, across: Any) -> Any:
    return np.einsum("wd,wx,dx->w", _hats(depth, len(grid)), _hats(across, grid.shape[1]), grid)


def _right(grid: Any, b: Any) -> Any:
    return _mix(grid, b * (len(grid) - 1), _centres(len(b), grid.shape[1]))


def _places(make: Any) -> Any:
    """A slice_row with other places across."""
    return lambda grid, b: _mix(grid, b * (len(grid) - 1), make(len(b), grid.shape[1]))


def _picked(rounding: Any) -> Any:
    """A slice_row that picks one cell."""

    def answer(grid: Any, b: Any) -> Any:
        depth, across = b * (len(grid) - 1), _centres(len(b), grid.shape[1])
        return grid[rounding(depth).astype(int), rounding(across).astype(int)]

    return answer


def _by_brightness(grid: Any, b: Any) -> Any:
    return _hats(b * (len(grid) - 1), len(grid)) @ grid.mean(axis=1)


def _by_place(grid: Any, b: Any) -> Any:
    return _hats(_centres(len(b), grid.shape[1]), grid.shape[1]) @ grid.mean(axis=0)


def _by_loop(grid: Any, b: Any) -> Any:
    cells, columns = grid.shape
    across, result = _centres(len(b), columns), []
    for n, value in enumerate(b):
        column = [np.interp(across[n], range(columns), row) for row in grid]
        result.append(np.interp(value * (cells - 1), range(cells), column))
    return np.array(result)


def _curve(s: Any) -> Any:
    return np.concatenate([[0], np.cumsum(np.exp(s)) / np.exp(s).sum()])


def _added(parts: Any) -> Any:
    """A rising_curve from other parts."""
    return lambda s: np.concatenate([[0], np.cumsum(parts(s))])


WRONG: dict[str, list[tuple[Any, str]]] = {
    "12.predict-numbers": [
        ((6144, 72_000_000), "changed places"),
        ((24_000_000, 6144), "red, green, blue"),
        ((6000, 6144), "three channels"),
        ((72_000_000, 512), "a whole matrix"),
        ((72_000_000, 4608), "not nine"),
        ((72_000_000, 768), "third eight"),
        ((72_000_000, 2048), "one row"),
        ((72_000_000, 1536), "one column"),
        ((72_000_000, 288), "multiply them"),
        ((72_000_000, 12), "times the numbers of a matrix"),
        (6144, "two numbers"),
        (("many", 6144), "one number"),
        (None, "none"),
    ],
    "12.slice-row": [
        (_picked(np.rint), "nearest cell"),
        (_picked(np.floor), "below its place"),
        (_places(lambda w, x: np.linspace(0, x - 1, w)), "half a pixel inside"),
        (
            _places(lambda w, x: np.clip((np.arange(w) + 0.5) / w * x, 0, x - 1)),
            "half cell is missing",
        ),
        (_places(lambda w, x: np.clip(np.arange(w) / w * x, 0, x - 1)), "left edges"),
        (_places(lambda w, x: np.clip(np.arange(w) / w * x - 0.5, 0, x - 1)), "less half a cell"),
        (lambda g, b: _right(g[::-1], b), "upside down"),
        (lambda g, b: _right(g[:, ::-1], b), "right to left"),
        (
            lambda g, b: _mix(
                g, np.clip(b * len(g) - 0.5, 0, len(g) - 1), _centres(len(b), g.shape[1])
            ),
            "too much",
        ),
        (_by_brightness, "depend on place"),
        (_by_place, "depend on brightness"),
        (lambda g, b: _by_brightness(g, b) + _by_place(g, b), "were added"),
        (lambda g, b: 2 * _right(g, b), "grid of ones"),
        (lambda g, b: _right(g, b)[:, None], "shape"),
        (lambda g, b: _right(g, b).tolist(), "numpy array"),
        (lambda g, b: None, "`return`"),
    ],
    "12.rising-curve": [
        (lambda s: _curve(s)[1:], "begins at 0"),
        (_added(lambda s: s), "themselves"),
        (_added(lambda s: s / s.sum()), "without e"),
        (_added(np.exp), "end is not 1"),
        (_added(lambda s: np.exp(s) / len(s)), "number of parts"),
        (lambda s: np.concatenate([[0], np.exp(s) / np.exp(s).sum()]), "not added up"),
        (lambda s: 1 - _curve(s), "it falls"),
        (lambda s: _curve(s[::-1]), "reverse order"),
        (lambda s: _curve(-s), "signs"),
        (_added(lambda s: np.abs(s) / np.abs(s).sum()), "size of each number"),
        (_added(lambda s: 2**s / (2**s).sum()), "not e"),
        (lambda s: np.linspace(0, 1, len(s) + 1), "not used"),
        (lambda s: _curve(s) + 0.1, "first knot"),
        (lambda s: _curve(s) * 0.9, "last knot"),
        (lambda s: np.array([0, *[0.5] * (len(s) - 1), 1.0]), "stays level"),
        (lambda s: _curve(s) ** 2, "other shares"),
        (lambda s: None, "`return`"),
    ],
    "12.explain": [
        ({"A", "B", "D", "E"}, "both halves"),
        ({"B", "C", "D", "E"}, "finer grid"),
        ({"B", "D", "E", "F"}, "sharpness"),
        ({"D", "E"}, "both white"),
        ({"B", "E"}, "red and blue"),
        ({"B", "D"}, "camera's fault"),
        (set(), "at least one"),
        ({"G"}, "A to F"),
        (3, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("12.predict-numbers", [72e6, 6144.0]),
    ("12.predict-numbers", "72000000, 6144"),
    ("12.slice-row", _right),
    ("12.slice-row", _by_loop),
    ("12.slice-row", lambda g, b: _right(g, b).astype(np.float32)),
    ("12.rising-curve", lambda s: _curve(s).astype(np.float32)),
    ("12.rising-curve", lambda s: np.cumsum([0, *np.exp(s - s.max()) / np.exp(s - s.max()).sum()])),
    ("12.explain", "B, D, E"),
    ("12.explain", ["e", "b", "d"]),
]
