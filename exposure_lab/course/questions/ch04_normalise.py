"""Judge of chapter 04's pair: a photo to the network's range of values, and back."""

from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exposure_lab.course.expectations import (
    Wrong,
    array,
    call,
    close,
    expect,
    first_cause,
    pair,
    tensor,
)

UInt8HWC = NDArray[np.uint8]

LEVELS = np.arange(256, dtype=np.uint8)


def judge_normalise(answer: Any) -> None:
    """Judge ``(normalise, denormalise)``: 8-bit values to the network's range, and back.

    Args:
        answer: ``normalise`` takes (H, W, 3), uint8, and gives a tensor (3, H, W) in [-1, 1];
            ``denormalise`` is its inverse.

    Raises:
        Wrong: with the likely cause.
    """
    normalise, denormalise = pair(
        answer, "Expected two functions, `normalise` and `denormalise`: hand in both."
    )
    # Every level once, in pictures that are neither square nor grey: (16, 16, 3) would hide a slip.
    photo = np.stack([LEVELS, LEVELS[::-1], np.roll(LEVELS, 77)], axis=1).reshape(8, 32, 3)
    values = tensor(call(normalise, photo), (3, 8, 32), "the normalised picture")
    expect(
        values.dtype == torch.float32,
        f"Expected the normalised picture as float32, but it is {str(values.dtype)[6:]}.",
    )
    right = torch.from_numpy(photo.transpose(2, 0, 1) / 127.5 - 1).float()
    if not close(values, right, 1e-5):
        raise Wrong(_explain_values(values, photo, right))
    _judge_denormalise(denormalise, photo, right)


def _explain_values(values: Tensor, photo: UInt8HWC, right: Tensor) -> str:
    stored = torch.from_numpy(photo.transpose(2, 0, 1).astype(np.float32))
    mistakes = {
        "they run from zero to one: shift and stretch them": stored / 255,
        "they run from minus one half to one half: stretch them": stored / 255 - 0.5,
        "they are still stored values": stored,
        "white does not become one: how many steps are there from black to white?": stored / 128
        - 1,
        "the numbers wrapped round: turn them into floats before you compute": torch.from_numpy(
            (photo * np.uint8(2) - np.uint8(255)).transpose(2, 0, 1).astype(np.float32)
        ),
        "the pixels were dealt out anew: move the axes instead of reshaping": torch.from_numpy(
            photo.reshape(3, *photo.shape[:2]) / 127.5 - 1
        ).float(),
        "the colours came out in reverse order": right.flip(0),
    }
    if cause := first_cause(mistakes, values, partial(close, tolerance=1e-5)):
        return f"Expected values from minus one to one, but {cause}."
    # Coarser, since a standard deviation may divide by the number of values or by one less.
    if close(values, (stored - stored.mean()) / stored.std(), 1e-2):
        return (
            "Expected values from minus one to one, but the scale depends on the photo: it must be "
            "the same for all of them."
        )
    return "Expected black at minus one and white at one, but got other values: print both."


def _judge_denormalise(denormalise: Any, photo: UInt8HWC, values: Tensor) -> None:
    original = values.clone()
    result = call(denormalise, values)
    expect(
        torch.equal(values, original),
        "Expected the given values to stay as they were, but the function changed them in place.",
    )
    levels = array(result, photo.shape, "the picture that came back")
    expect(
        result.dtype == np.uint8,
        f"Expected the picture that came back as uint8, but it is {result.dtype}.",
    )
    if not np.array_equal(levels, photo):
        error = levels - photo
        expect(
            not (error.min() >= -1 and error.max() <= 0),
            "Expected the very same photo, but some values are one too low: turning a float into a "
            "whole number cuts it off.",
        )
        expect(
            not np.array_equal(levels, values.numpy().reshape(photo.shape)),
            "Expected the way back to undo the scale as well, but only the axes moved.",
        )
        raise Wrong(
            "Expected the very same photo, but some pixels differ: undo the last step first."
        )
    outside = torch.tensor([-1.02, 1.02]).repeat(3, 2, 2)  # (3, 2, 4)
    levels = array(call(denormalise, outside), (2, 4, 3), "the picture that came back")
    expect(
        close(levels[:, 0::2], 0) and close(levels[:, 1::2], 255),
        "Expected values outside of the range to become black or white, but they wrapped round: "
        "clamp them before they become whole numbers.",
    )
