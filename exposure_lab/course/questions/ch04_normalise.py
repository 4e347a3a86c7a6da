"""Follows a student's scaling of a photo to the network's range and back, for chapter 04."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exposure_lab.course.expectations import Wrong, array, call, close, expect, tensor

Stored = NDArray[np.uint8]

LEVELS = np.arange(256, dtype=np.uint8)


def judge_normalise(answer: Any) -> None:
    """Judge a pair of functions: from stored values to the network's, and back.

    Args:
        answer: (from (H, W, 3), uint8, to a tensor (3, H, W) in [-1, 1]; the way back).

    Raises:
        Wrong: one sentence for the first thing that is wrong.
    """
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong("Expected two functions, `normalise` and `denormalise`: hand in both.")
    there, back = answer
    # Every level once, in pictures that are neither square nor grey: (16, 16, 3) would hide a slip.
    photo = np.stack([LEVELS, LEVELS[::-1], np.roll(LEVELS, 77)], axis=1).reshape(8, 32, 3)
    values = tensor(call(there, photo), (3, 8, 32), "the normalised picture")
    expect(
        values.dtype == torch.float32,
        f"Expected the normalised picture as float32, but it is {str(values.dtype)[6:]}.",
    )
    right = torch.from_numpy(photo.transpose(2, 0, 1) / 127.5 - 1).float()
    if not close(values, right, 1e-5):
        raise Wrong(_why_not_normalised(values, photo, right))
    _denormalise(back, photo, right)


def _why_not_normalised(values: Tensor, photo: Stored, right: Tensor) -> str:
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
        "the scale depends on the photo: it must be the same for all of them": (
            (stored - stored.mean()) / stored.std()
        ),
    }
    for cause, wrong in mistakes.items():
        if close(values, wrong, 1e-2 if "depends" in cause else 1e-5):
            return f"Expected values from minus one to one, but {cause}."
    return "Expected black at minus one and white at one, but got other values: print both."


def _denormalise(back: Any, photo: Stored, values: Tensor) -> None:
    kept = values.clone()
    result = call(back, values)
    expect(
        torch.equal(values, kept),
        "Expected the given values to stay as they were, but the function changed them in place.",
    )
    levels = array(result, photo.shape, "the picture that came back")
    expect(
        result.dtype == np.uint8,
        f"Expected the picture that came back as uint8, but it is {result.dtype}.",
    )
    if not np.array_equal(levels, photo):
        off = levels - photo
        expect(
            not (off.min() >= -1 and off.max() <= 0),
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
    levels = array(call(back, outside), (2, 4, 3), "the picture that came back")
    expect(
        close(levels[:, 0::2], 0) and close(levels[:, 1::2], 255),
        "Expected values outside of the range to become black or white, but they wrapped round: "
        "clamp them before they become whole numbers.",
    )
