"""Graded form of chapter 04's paired flip: another mirror, another layout, another mask."""

# B batch, H height, W width, K pairs that are to be mirrored

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import pick, uniform
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

    Flip = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]

ALL, SOME = "batches of which every pair is mirrored", "batches of which some pairs are mirrored"

MIRRORS = {
    "left to right": "left to right",
    "top to bottom": "**top to bottom**",
    "both ways": "**both left to right and top to bottom**",
}
SHAPES = {"first": "(B, 3, H, W)", "last": "(B, H, W, 3)"}

SIDES = {"first": (2, 3), "last": (1, 2)}
"""Axes of height and width, by where the channels stand."""

COLOURS = {"first": 1, "last": 3}
"""Axis of the channels."""


def _draw(rng: np.random.Generator) -> Variant:
    variants = [
        {"mirror": mirror, "channels": channels, "given": given}
        for mirror in MIRRORS
        for channels in SHAPES
        for given in ("mask", "places")
    ]
    chapter = {"mirror": "left to right", "channels": "first", "given": "mask"}
    return pick(rng, [variant for variant in variants if variant != chapter])


def _edits(variant: Variant) -> Mapping[str, str]:
    shape, mirror = SHAPES[variant["channels"]], MIRRORS[variant["mirror"]]
    given = {
        "mask": "`mirrored` is a boolean tensor (B,) that says which pairs are to be mirrored",
        "places": "`mirrored` is a tensor of whole numbers (K,), the **places in the batch** of "
        "the pairs that are to be mirrored",
    }
    return {
        "Inputs and targets are tensors (B, 3, H, W); `mirrored` is a boolean tensor (B,) that "
        "says which pairs are to be mirrored left to right.": (
            f"Inputs and targets are tensors {shape}; {given[variant['given']]} {mirror}."
        ),
        '"""Inputs and targets (B, 3, H, W), those pairs mirrored for which `mirrored` (B,) is '
        'true."""': (
            f'"""Inputs and targets {shape}, those pairs mirrored that `mirrored` names."""'
        ),
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def case(part: str, batch: int) -> Case:
        height, width = (int(side) for side in rng.integers(2, 8, 2))
        shape = {"first": (3, height, width), "last": (height, width, 3)}[variant["channels"]]
        pictures = [uniform(rng, -1, 1, batch, *shape) for _ in "xy"]
        mirrored = np.ones(batch, bool)
        if part == SOME:  # at least one of each kind, and not as many of one as of the other
            mirrored[: int(rng.integers(1, batch // 2 + 1))] = False
        mirrored = rng.permutation(mirrored)
        places = rng.permutation(np.flatnonzero(mirrored))
        given = mirrored if variant["given"] == "mask" else places
        return Case(part, (*pictures, torch.from_numpy(given)))

    return [case(ALL, 1), case(ALL, 3), *(case(SOME, batch) for batch in (3, 5, 7))]


def _flip(
    variant: Variant,
    x: "Tensor",
    y: "Tensor",
    mirrored: "Tensor",
    *,
    mirror: str | None = None,
    sides: tuple[bool, bool] = (True, True),
    who: str = "named",
    exchanged: bool = False,
) -> "tuple[Tensor, Tensor]":
    """Mirror as the variant asks, or as students do by mistake."""
    import torch

    named = mirrored
    if variant["given"] == "places":
        named = torch.zeros(len(x), dtype=torch.bool)
        named[mirrored] = True
    marked = {"named": named, "others": ~named, "every": torch.ones_like(named)}[who]
    height, width = SIDES[variant["channels"]]
    axes = {
        "left to right": (width,),
        "top to bottom": (height,),
        "both ways": (height, width),
        "colours": (COLOURS[variant["channels"]],),
        "pairs": (0,),
    }[mirror or variant["mirror"]]
    turned = [
        torch.where(marked[:, None, None, None], pictures.flip(axes), pictures)
        if side
        else pictures.clone()
        for pictures, side in zip((x, y), sides, strict=True)
    ]
    return (turned[1], turned[0]) if exchanged else (turned[0], turned[1])


def _reference(variant: Variant) -> "Flip":
    return partial(_flip, variant)


def _mistakes(variant: Variant) -> "dict[str, Flip]":
    options: dict[str, dict[str, Any]] = {
        "only the inputs were: that is the flip of the report": {"sides": (True, False)},
        "only the targets were": {"sides": (False, True)},
        "none was": {"sides": (False, False)},
        "every pair was: look at `mirrored`": {"who": "every"},
        "the others were: `mirrored` names those that are to be": {"who": "others"},
        "the order of the colours was turned round: look at the axis": {"mirror": "colours"},
        "the order of the pairs was turned round: look at the axis": {"mirror": "pairs"},
        "targets came first: return the inputs first": {"exchanged": True},
    }
    for mirror in MIRRORS:
        if mirror != variant["mirror"]:
            options[f"they were mirrored {mirror}: look at the axes"] = {"mirror": mirror}
    return {cause: partial(_flip, variant, **how) for cause, how in options.items()}


PAIRED_FLIP = GradedQuestion(
    "04.paired-flip",
    "paired_flip",
    "mirror inputs and targets of a batch together",
    "the named pairs to be mirrored, inputs and targets",
    parts={ALL: 1, SOME: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    leaves_out=("exposure_lab.data.loading.augment",),
)
