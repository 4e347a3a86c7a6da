"""Judge of chapter 09's 3x3 convolution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate

from exposure_lab.course.expectations import Wrong, array, call, close, first_cause

Floats = NDArray[np.float64]


def _filter(image: Floats, kernel: Floats, mode: str = "nearest") -> Floats:
    result: Floats = correlate(image, kernel, mode=mode)
    return result


def judge_convolve(answer: Any) -> None:
    """Judge ``convolve_3x3(image, kernel)`` on several kernels and sizes. Raises Wrong."""
    rng = np.random.default_rng(9)
    mean, arbitrary = np.full((3, 3), 1 / 9), rng.normal(size=(3, 3))
    only_right = np.zeros((3, 3))
    only_right[1, 2] = 1.0
    for shape in ((5, 7), (6, 4), (1, 3)):
        image = rng.random(shape)
        for kernel in (mean, only_right, arbitrary, np.full((3, 3), 0.5)):
            result = call(answer, image, kernel)
            got = array(result, shape, "the filtered picture")
            if not close(got, _filter(image, kernel)):
                raise Wrong(_explain_filter(image, kernel, got))


def _explain_filter(image: Floats, kernel: Floats, got: Floats) -> str:
    right = _filter(image, kernel)
    mistakes = {
        "the outermost pixels are missing their neighbours: repeat them, don't fill with zeros": (
            _filter(image, kernel, "constant")
        ),
        "the picture was continued from its other side: repeat the outermost pixels": _filter(
            image, kernel, "wrap"
        ),
        "the picture was mirrored at the outermost pixel: repeat that pixel": _filter(
            image, kernel, "mirror"
        ),
        "the kernel was mirrored: its first weight belongs to the pixel above left": _filter(
            image, kernel[::-1, ::-1]
        ),
        "rows and columns of the kernel changed places": _filter(image, kernel.T),
        "the weights were divided by their sum: use them as they are": right / kernel.sum(),
        "the weights were divided by nine: they are weights already": right / 9,
        "the kernel's weights were not used: a mean is only one kernel of many": _filter(
            image, np.full((3, 3), 1 / 9)
        ),
        "values were clipped: a kernel may leave the range": np.clip(right, 0, 1),
    }
    # With some kernels, such as a symmetric one, several mistakes lead to the right answer.
    telling = {cause: wrong for cause, wrong in mistakes.items() if not close(wrong, right)}
    if cause := first_cause(telling, got):
        return f"Expected weighted sums of neighbourhoods, but {cause}."
    if min(image.shape) > 2 and close(got[1:-1, 1:-1], right[1:-1, 1:-1]):
        return (
            "Expected the outermost pixels to be filtered too, their own values repeated beyond "
            "the edge, but there the result differs."
        )
    return (
        "Expected each pixel as the weighted sum of its neighbourhood, but some differ: try a "
        "kernel with a single one in it, which only moves the picture."
    )
