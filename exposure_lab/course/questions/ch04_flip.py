"""Judge of chapter 04's paired flip: mirror the marked pairs, input and target together."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from exposure_lab.course.expectations import Wrong, call, expect, first_cause, pair, tensor


def judge_paired_flip(answer: Any) -> None:
    """Judge ``paired_flip(real_input, real_target, mirrored)``. Raises Wrong."""
    draw = torch.Generator().manual_seed(4)
    for mask in ([True, False, False, True, False], [False], [True, True]):
        mirrored = torch.tensor(mask)
        originals = [torch.rand(len(mask), 3, 4, 6, generator=draw) for _ in range(2)]
        pictures = [original.clone() for original in originals]
        result = call(answer, *pictures, mirrored)
        expect(
            _equal(pictures, originals),
            "Expected the given pictures to stay as they were, but the function changed them in "
            "place: make new tensors.",
        )
        inputs, targets = pair(
            result, "Expected two things to be returned: the inputs, then the targets."
        )
        shape = tuple(originals[0].shape)
        got = [tensor(inputs, shape, "the inputs"), tensor(targets, shape, "the targets")]
        marked = mirrored[:, None, None, None]
        right = [torch.where(marked, picture.flip(-1), picture) for picture in originals]
        if not _equal(got, right):
            raise Wrong(_explain_flip(got, originals, right, marked))


def _equal(got: Sequence[Tensor], pictures: Sequence[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(got, pictures, strict=True))


def _explain_flip(
    got: list[Tensor], originals: list[Tensor], right: list[Tensor], marked: Tensor
) -> str:
    def changed_by(change: Callable[[Tensor], Tensor]) -> list[Tensor]:
        return [torch.where(marked, change(picture), picture) for picture in originals]

    mistakes = {
        "only the inputs were: that is the flip of the report": [right[0], originals[1]],
        "only the targets were": [originals[0], right[1]],
        "none was": originals,
        "every pair was: look at `mirrored`": [picture.flip(-1) for picture in originals],
        "the others were: true means that a pair is to be mirrored": [
            torch.where(marked, picture, picture.flip(-1)) for picture in originals
        ],
        "they were turned upside down: the width is the last axis": changed_by(
            lambda x: x.flip(-2)
        ),
        "they were turned by half a turn: that is two mirrors": changed_by(
            lambda x: x.flip(-1, -2)
        ),
        "the order of the colours was turned round: look at the axis": changed_by(
            lambda x: x.flip(1)
        ),
        "the order of the pairs was turned round: look at the axis": changed_by(
            lambda x: x.flip(0)
        ),
        "targets came first: return the inputs first": right[::-1],
    }
    if cause := first_cause(mistakes, got, _equal):
        return f"Expected the marked pairs to be mirrored left to right, but {cause}."
    return "Expected the marked pairs mirrored and the others as they are, but some pixels differ."
