"""Judge of chapter 03's verdict map: where each patch logit belongs in the picture."""

# h, w rows and columns of the logits

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exposure_lab.course.expectations import Wrong, array, call, close, expect, first_cause
from exposure_lab.networks.receptive import map_side

Logits = NDArray[np.float64]


def judge_verdict_map(answer: Any) -> None:
    """Judge ``verdict_map(logits, height, width)`` on pictures that are not square.

    Raises:
        Wrong: with the likely cause.
    """
    draw = np.random.default_rng(3)
    for height, width in ((40, 64), (75, 50)):
        logits = 2 * draw.standard_normal((map_side(height), map_side(width)))
        result = array(call(answer, logits, height, width), (height, width), "the map")
        expect(
            not close(result, _spread(logits, height, width)),
            "Expected probabilities, but got the logits themselves: send them through the logistic "
            "curve.",
        )
        expect(
            bool(((result >= 0) & (result <= 1)).all()),
            "Expected probabilities, but some lie outside of 0 to 1.",
        )
        expect(
            bool(((result > 0) & (result < 1)).any()),
            "Expected probabilities, but got yes and no alone: keep how sure each logit is.",
        )
        right = _sigmoid(_spread(logits, height, width))
        if close(result, right):
            continue
        if cause := first_cause(_wrong_maps(logits, height, width), result):
            raise Wrong(f"Expected another place for the verdicts, but {cause}.")
        raise Wrong(
            "Expected at each pixel the logit whose square has its centre nearest, but some pixels "
            "hold another: work out the centre of the first square by hand."
        )


def _wrong_maps(logits: Logits, height: int, width: int) -> dict[str, Logits]:
    rows, columns = logits.shape
    stretched = np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)
    probability = _sigmoid(logits)
    return {
        "the map was stretched over the whole picture: a step is 8 px, and the outermost centres "
        "lie inside the border": probability[stretched],
        "the map begins at the border: the first square has its centre further inside": _sigmoid(
            _spread(logits, height, width, shift=0)
        ),
        "real and fake are exchanged: a logit above zero means real": 1
        - _sigmoid(_spread(logits, height, width)),
        "it was turned upside down": _sigmoid(_spread(logits[::-1], height, width)),
        "it was mirrored": _sigmoid(_spread(logits[:, ::-1], height, width)),
        "each logit sits where its square begins: look at the centre": _sigmoid(
            _spread(logits, height, width, shift=-3)
        ),
        "each logit was moved the wrong way": _sigmoid(_spread(logits, height, width, shift=-1)),
    }


def _spread(logits: Logits, height: int, width: int, shift: int = 1) -> Logits:
    """Put each logit at the pixels around its field's centre; other shifts are wrong."""
    indices = (
        np.clip(np.arange(size) // 8 - shift, 0, count - 1)
        for size, count in zip((height, width), logits.shape, strict=True)
    )
    spread: Logits = logits[np.ix_(*indices)]
    return spread


def _sigmoid(logits: Logits) -> Logits:
    probability: Logits = 1 / (1 + np.exp(-logits))
    return probability
