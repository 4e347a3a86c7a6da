"""Mistakes that students make in chapter 08, each with a word of the sentence it gets."""

from typing import Any

import numpy as np
import torch

from exposure_lab.metrics.artefacts import mirror_mix

NAMES = {"np": np}


def _board(grey: Any) -> Any:
    y, x = np.indices(grey.shape)
    return (-1.0) ** (x + y)


def _strength(
    mirror: Any = lambda target: target[:, ::-1], *, constant: bool = True, which: int = 1
) -> Any:
    """A ghost_strength with one thing done otherwise."""

    def fit(output: Any, target: Any) -> Any:
        regressors = [target.ravel(), mirror(target).ravel(), np.ones(target.size)]
        columns = np.stack(regressors[: 3 if constant else 2], axis=1)
        return np.linalg.lstsq(columns, output.ravel(), rcond=None)[0][which]

    return fit


def _mirror_alone(output: Any, target: Any) -> Any:
    columns = np.stack([target[:, ::-1].ravel(), np.ones(target.size)], axis=1)
    return np.linalg.lstsq(columns, output.ravel(), rcond=None)[0][0]


def _frames(
    reduce: Any = np.mean, choose: Any = np.equal, *, sides: str = "both", step: int = 1
) -> Any:
    """An error_by_border_distance with one thing done otherwise."""

    def means(error: Any) -> Any:
        y, x = np.indices(error.shape)
        height, width = error.shape
        down, across = np.minimum(y, height - 1 - y), np.minimum(x, width - 1 - x)
        smallest = np.minimum(down, across)
        distance = {"both": smallest, "top": down, "left": across}[sides]
        chosen = range(smallest.max() + 1)
        return np.array([reduce(error[choose(distance, d)]) for d in chosen])[::step]

    return means


def _by_slices(error: Any) -> Any:
    height, width = error.shape
    means = []
    for d in range((min(height, width) + 1) // 2):
        inner = error[d : height - d, d : width - d]
        sides = [inner[0], inner[-1], inner[:, 0], inner[:, -1]]
        means.append(np.concatenate(sides).mean())
    return np.array(means)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "08.predict-sky": [
        ((255, 188), "what it sees"),
        ((188, 255), "darkest"),
        ((222, 222), "smallest"),
        ((222, 240), "another is further"),
        ((240, 188), "half of the sky"),
        ((0.87, 1.0), "multiply by 255"),
        ((222, 100), "does not hold"),
        (222, "two numbers"),
        ((None, None), "one number"),
        (None, "none"),
    ],
    "08.alternating": [
        (lambda g: np.mean(g * _board(g)), "colour that begins"),
        (lambda g: abs(np.sum(g * _board(g))), "summed"),
        (lambda g: 2 * abs(np.mean(g * _board(g))), "twice the amplitude"),
        (lambda g: abs(np.mean(g * _board(g))) / 2, "half of it"),
        (lambda g: np.mean(g * _board(g)) ** 2, "energy"),
        (lambda g: abs(np.mean(g * (-1.0) ** np.indices(g.shape)[1])), "stripes"),
        (lambda g: np.mean(abs(g * _board(g))), "cancel"),
        (lambda g: g.std(), "all that varies"),
        (lambda g: abs(np.fft.fft2(g)[g.shape[0] // 2, g.shape[1] // 2]), "summed"),
        (lambda g: abs(g * _board(g)), "one number"),
        (lambda g: abs(np.mean(g[::2, ::2]) - np.mean(g[1::2, 1::2])), "another number"),
        (lambda g: np.float64("nan"), "NaN"),
    ],
    "08.ghost-strength": [
        (_strength(which=0), "the picture itself"),
        (_strength(lambda w: w[::-1]), "upside down"),
        (_strength(lambda w: w[..., ::-1]), "red and blue"),
        (_strength(constant=False), "constant is missing"),
        (_mirror_alone, "fitted alone"),
        (lambda o, w: mirror_mix(o, w).ghost / sum(mirror_mix(o, w)), "share of the two"),
        (lambda o, w: abs(mirror_mix(o, w).ghost), "negative"),
        (lambda o, w: np.corrcoef(o.ravel(), w[:, ::-1].ravel())[0, 1], "correlation"),
        (lambda o, w: mirror_mix(o[..., :1].repeat(3, 2), w).ghost, "all pixels and channels"),
        (lambda o, w: list(mirror_mix(o, w)), "one number"),
    ],
    "08.border-distance": [
        (_frames(np.sum), "summed"),
        (_frames(np.max), "largest error"),
        (_frames(choose=np.greater_equal), "further in"),
        (_frames(choose=np.less_equal), "further out"),
        (_frames(step=-1), "turned round"),
        (_frames(sides="top"), "top and bottom"),
        (_frames(sides="left"), "left and right"),
        (_by_slices, "twice"),
        (lambda e: _frames()(e)[:-1], "single line"),
        (lambda e: _frames()(e).tolist(), "value of type list"),
        (lambda e: torch.from_numpy(_frames()(e)), "torch tensor"),
        (lambda e: _frames()(e) * 2, "four borders"),
        (lambda e: e, "shape"),
    ],
    "08.explain": [
        ("CADE", "doubles"),
        ("BDDE", "file"),
        ("BAAE", "no content"),
        ("BADC", "which pairs"),
        ("BADF", "the chapter shows"),
        ("BADX", "A to F"),
        ({"a grid that repeats every 4 px": "B"}, "four artefacts"),
        (
            {
                "a grid that repeats every 4 px": "B",
                "a sky of one flat tone": "A",
                "a rim, also on a grey card": None,
                "a training photo that comes out turned round": None,
            },
            "none yet",
        ),
        (4, "four artefacts"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("08.predict-sky", (221.5, 188)),
    ("08.predict-sky", [222, 255]),
    ("08.alternating", lambda g: torch.tensor(abs(np.mean(g * _board(g))))),
    ("08.alternating", lambda g: abs(np.fft.fft2(g)[tuple(s // 2 for s in g.shape)]) / g.size),
    ("08.ghost-strength", lambda o, w: mirror_mix(o, w).ghost),
    ("08.border-distance", lambda e: _frames()(e).astype(np.float32)),
    ("08.explain", "bade"),
    ("08.explain", ["B", "A", "D", "E"]),
]
