"""Answers to the graded questions of chapter 08 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch


def _sky(change: Callable[[int, int], Any]) -> Any:
    return lambda variant: change(variant["darkest"], variant["brightest"])


def _weaves(
    *,
    board: Callable[..., Any] | None = None,
    total: Callable[[Any], Any] = lambda products: abs(products.mean()),
) -> Any:
    """A maker of alternating_amplitude; without options the answer is right."""

    def make(variant: Any) -> Any:
        across, down = variant["across"], variant["down"]

        def alternating_amplitude(grey: Any) -> Any:
            return total(grey * (board or _board)(grey.shape, across, down))

        return alternating_amplitude

    return make


def _board(shape: tuple[int, int], across: int, down: int) -> Any:
    """Built from fields, not from a formula."""
    fields = np.ones((2 * down, 2 * across))
    fields[:down, across:] = fields[down:, :across] = -1
    return np.tile(fields, (shape[0] // (2 * down), shape[1] // (2 * across)))


def _turned_board(shape: tuple[int, int], across: int, down: int) -> Any:
    y, x = np.indices(shape)
    # Where both sides are equal, the turned board would be the right one.
    return (-1.0) ** (x // down + y // across + (y // 2 if across == down else 0))


def _columns(shape: tuple[int, int], across: int, down: int) -> Any:
    return (-1.0) ** (np.indices(shape)[1] // across)


def _ghosts(
    *,
    turn: Callable[[Any], Any] | None = None,
    cut: bool = True,
    which: int = 1,
    constant: bool = True,
    alone: bool = False,
    unit: bool = True,
    after: Callable[[Any], Any] = lambda share: share,
) -> Any:
    """A maker of ghost_strength; without options the answer is right."""

    def make(variant: Any) -> Any:
        def by_variant(target: Any) -> Any:
            return np.flipud(target) if variant["turn"] == "upside down" else np.rot90(target, 2)

        def ghost_strength(output: Any, target: Any) -> Any:
            k, (height, width) = variant["frame"] if cut else 0, target.shape[:2]
            pictures = [output, target, (turn or by_variant)(target)]
            y, x, z = (p[k : height - k, k : width - k].ravel() for p in pictures)
            if alone:
                x = 0 * x
            parts = [x, z, np.ones(x.size)] if constant else [x, z]
            shares = np.linalg.lstsq(np.stack(parts, axis=1), y, rcond=None)[0]
            return after(shares[which] * (100 if variant["percent"] and unit else 1))

        return ghost_strength

    return make


def _other_turn(variant: Any) -> Any:
    upside_down = variant["turn"] == "upside down"
    turn = (lambda t: np.rot90(t, 2)) if upside_down else np.flipud
    return _ghosts(turn=turn)(variant)


def _chapter_ghost(variant: Any) -> Any:
    return _ghosts(turn=lambda target: target[:, ::-1], cut=False, unit=False)(variant)


def _other_unit(variant: Any) -> Any:
    return _ghosts(unit=False, after=lambda b: b if variant["percent"] else 100 * b)(variant)


SUMMARIES: dict[str, Callable[[Any], Any]] = {
    "mean": np.mean,
    "median": np.median,
    "root mean square": lambda errors: np.linalg.norm(errors) / len(errors) ** 0.5,
}


def _frames(
    *,
    summary: Callable[[Any], Any] | None = None,
    width: int = 0,
    sides: str = "both",
    compare: Callable[[Any, Any], Any] = np.equal,
    step: int = 1,
    after: Callable[[Any], Any] = np.array,
) -> Any:
    """A maker of error_by_border_distance; without options the answer is right."""

    def make(variant: Any) -> Any:
        take, thick = summary or SUMMARIES[variant["summary"]], width or variant["width"]

        def error_by_border_distance(error: Any) -> Any:
            rows, columns = (np.arange(side) for side in error.shape)
            rows, columns = np.minimum(rows, rows[::-1]), np.minimum(columns, columns[::-1])
            nearest = np.minimum.outer(rows, columns)
            down, across = rows[:, None] + 0 * columns, columns + 0 * rows[:, None]
            depth = {"both": nearest, "top": down, "left": across}[sides] // thick
            counted = range(nearest.max() // thick + 1)
            return after([take(error[compare(depth, d)]) for d in counted][::step])

        return error_by_border_distance

    return make


def _by_peeling(variant: Any) -> Any:
    """Right: takes what is left without the inside, frame by frame."""

    def error_by_border_distance(error: Any) -> Any:
        k, results = variant["width"], []
        while error.size:
            outer = np.ones(error.shape, bool)
            outer[k : max(k, error.shape[0] - k), k : max(k, error.shape[1] - k)] = False
            results.append(SUMMARIES[variant["summary"]](error[outer]))
            error = error[k : max(k, error.shape[0] - k), k : max(k, error.shape[1] - k)]
        return np.array(results)

    return error_by_border_distance


def _by_sides(variant: Any) -> Any:
    def error_by_border_distance(error: Any) -> Any:
        k, results = variant["width"], []
        for d in range((min(error.shape) + 2 * k - 1) // (2 * k)):
            inner = error[k * d : error.shape[0] - k * d, k * d : error.shape[1] - k * d]
            sides = inner[:k], inner[-k:], inner[:, :k], inner[:, -k:]
            flat = np.concatenate([side.ravel() for side in sides])
            results.append(SUMMARIES[variant["summary"]](flat))
        return np.array(results)

    return error_by_border_distance


GRID, SKY, RIM, TURNED = (
    "a grid that repeats every 4 px",
    "a sky of one flat tone",
    "a rim, also on a grey card",
    "a training photo that comes out turned round",
)


def _causes(
    letters: str = "BADE", after: Callable[[dict[str, Any]], Any] = lambda causes: causes
) -> Any:
    """A maker of causes, by the chapter's letters."""

    def make(variant: Any) -> Any:
        here = dict(zip(variant["order"], "ABCDEF", strict=True))
        pairs = zip((GRID, SKY, RIM, TURNED), letters, strict=True)
        return after({artefact: here.get(letter, letter) for artefact, letter in pairs})

    return make


WRONG: dict[str, list[tuple[Any, str]]] = {
    "08.predict-sky": [
        (_sky(lambda low, high: (255, low)), "what it sees"),
        (_sky(lambda low, high: (low, high)), "an end of the sky"),
        (_sky(lambda low, high: ((low + high) / 2, (low + high) / 2)), "smallest"),
        (_sky(lambda low, high: ((low + high) / 2, low + 7)), "another is further"),
        (_sky(lambda low, high: ((low + high) / 2 + 6, low)), "half of the sky"),
        (_sky(lambda low, high: ((low + high) / 510, low / 255)), "multiply by 255"),
        (_sky(lambda low, high: ((low + high) / 2, 255)), "does not hold"),
        (_sky(lambda low, high: low), "two numbers"),
        (_sky(lambda low, high: (None, None)), "one number"),
    ],
    "08.alternating": [
        (_weaves(board=lambda shape, *_: _board(shape, 1, 1)), "chapter's pattern"),
        (_weaves(total=lambda products: products.mean()), "colour that begins"),
        (_weaves(total=lambda products: abs(products.sum())), "summed"),
        (_weaves(total=lambda products: 2 * abs(products.mean())), "twice the amplitude"),
        (_weaves(total=lambda products: abs(products.mean()) / 2), "half of it"),
        (_weaves(total=lambda products: products.mean() ** 2), "energy"),
        (_weaves(board=_columns), "stripes"),
        (_weaves(board=_turned_board), "Expected the amplitude"),
        (_weaves(total=lambda products: abs(products).mean()), "nothing could cancel"),
        (lambda variant: lambda grey: grey.std(), "all that varies"),
        (_weaves(total=abs), "as a number"),
    ],
    "08.ghost-strength": [
        (_chapter_ghost, "chapter's ghost"),
        (_ghosts(cut=False), "frame"),
        (_ghosts(turn=np.fliplr), "as in the chapter"),
        (_other_turn, "which axes"),
        (_ghosts(which=0), "the picture itself"),
        (_other_unit, "another unit"),
        (_ghosts(after=abs), "sign is lost"),
        (_ghosts(turn=lambda target: target[..., ::-1]), "red and blue"),
        (_ghosts(constant=False), "constant is missing"),
        (_ghosts(alone=True), "fitted alone"),
        (_ghosts(after=lambda share: [share, share]), "as a number"),
    ],
    "08.border-distance": [
        (_frames(width=1), "shape"),
        (_frames(summary=np.sum), "summed"),
        (_frames(summary=np.max), "largest error"),
        (_frames(compare=np.greater_equal), "further in"),
        (_frames(compare=np.less_equal), "further out"),
        (_frames(step=-1), "turned round"),
        (_frames(sides="top"), "top and bottom"),
        (_frames(sides="left"), "left and right"),
        (_by_sides, "counted twice"),
        (_frames(after=lambda results: np.array(results[:-1] or [0.0])), "shape"),
        (_frames(after=list), "numpy array"),
        (_frames(after=lambda results: torch.tensor(results)), "numpy array"),
    ],
    "08.explain": [
        (lambda variant: dict(zip((GRID, SKY, RIM, TURNED), "BADE", strict=True)), "is another"),
        (_causes("CADE"), "doubles"),
        (_causes("BDDE"), "file"),
        (_causes("BAAE"), "no content"),
        (_causes("BADC"), "which pairs"),
        (_causes("BADX"), "A to F"),
        (_causes(after=lambda causes: {GRID: causes[GRID]}), "four artefacts"),
        (_causes(after=lambda causes: causes | {RIM: None}), "none yet"),
        (lambda variant: 4, "four artefacts"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "08.predict-sky": [
        _sky(lambda low, high: [round((low + high) / 2), np.int64(high)]),
        _sky(lambda low, high: np.array([(low + high) / 2, low])),
    ],
    "08.alternating": [
        _weaves(),
        _weaves(total=lambda products: torch.tensor(abs(products.mean()))),
    ],
    "08.ghost-strength": [_ghosts()],
    "08.border-distance": [
        _frames(),
        _frames(after=lambda results: np.array(results, np.float32)),
        _by_peeling,
    ],
    "08.explain": [
        _causes(),
        _causes(after=lambda causes: "".join(causes.values()).lower()),
        _causes(after=lambda causes: list(causes.values())),
    ],
}
