"""Graded form of chapter 02's way up: maps and skips are joined otherwise, in another order."""

# B batch, C channels, h and w height and width of the bottleneck's map

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import normal, pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Tolerance, Variant

if TYPE_CHECKING:
    from torch import Tensor

ONE, SEVERAL = "a single block", "several blocks"

JOINS = {
    "skip first": "After every block its map and the skip of the same size go on side by side, "
    "the **skip's** channels first.",
    "sum": "After every block its map and the skip of the same size, which has as many channels, "
    "go on as their **sum**.",
    "mean": "After every block its map and the skip of the same size, which has as many channels, "
    "go on as their **mean**.",
    "larger": "After every block its map and the skip of the same size, which has as many "
    "channels, go on as one map: at each place the **larger** of the two values.",
}
"""Ways to join a block's map with a skip, and how a text asks for them."""


def _draw(rng: np.random.Generator) -> Variant:
    return {"join": pick(rng, list(JOINS)), "first_skip": pick(rng, ["finest", "coarsest"])}


def _edits(variant: Variant) -> Mapping[str, str]:
    edits = {
        "After every block its map and the skip of the same size go on side by side, the block's "
        "own channels first.": JOINS[variant["join"]],
        "\"\"\"x (B, C, 1, 1); gives the block's and the skip's channels at the finest skip's "
        'size."""': '"""x (B, C, h, w); gives the last joined map, of the finest skip\'s size."""',
    }
    if variant["first_skip"] == "coarsest":
        edits["are the maps kept on the way down, the finest first."] = (
            "are the maps kept on the way down, the **coarsest** first."
        )
    return edits


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    counts = [(ONE, 1), (ONE, 1), (SEVERAL, 2), (SEVERAL, 3), (SEVERAL, 4)]
    return [Case(part, _draw_arguments(variant, rng, blocks)) for part, blocks in counts]


def _draw_arguments(variant: Variant, rng: np.random.Generator, blocks: int) -> tuple[Any, ...]:
    """Draw the bottleneck's map, the skips, and the weights of the blocks."""
    batch, height, width, channels = (int(n) for n in rng.integers(1, 4, 4))
    x = normal(rng, batch, channels, height, width)
    skips, weights = [], []
    for block in range(1, blocks + 1):
        own = int(rng.integers(2, 5))
        other = own + 1 if variant["join"] == "skip first" else own
        weights.append(0.5 * normal(rng, channels, own, 4, 4))
        skips.append(normal(rng, batch, other, height << block, width << block))
        channels = own + other if variant["join"] == "skip first" else own
    return x, skips[::-1] if variant["first_skip"] == "finest" else skips, weights


def with_blocks(
    way_up: "Callable[..., Any]", x: "Tensor", skips: "list[Tensor]", weights: "list[Tensor]"
) -> "Any":
    """Call an answer with blocks made of these weights; the list of skips is its own to empty."""
    from functools import partial

    from torch.nn import functional as F

    def double(weight: "Tensor", x: "Tensor") -> "Tensor":
        if x.shape[1] != weight.shape[0]:
            raise ValueError(
                f"a block takes {weight.shape[0]} channels, but was given {x.shape[1]}: see how "
                "its map and the skip are joined"
            )
        return F.conv_transpose2d(x, weight, stride=2, padding=1)

    return way_up(x, list(skips), [partial(double, weight) for weight in weights])


def _way_up(
    variant: Variant,
    x: "Tensor",
    skips: "list[Tensor]",
    ups: "list[Callable[[Tensor], Tensor]]",
    *,
    join: str | None = None,
    last: str | None = None,
) -> "Tensor":
    """Go up as the variant asks, or as students do by mistake."""
    ordered = skips[::-1] if variant["first_skip"] == "finest" else skips
    join = join or variant["join"]
    for i, (up, skip) in enumerate(zip(ups, ordered, strict=True), 1):
        x = _join(last if last and i == len(ups) else join, up(x), skip)
    return x


def _join(how: str, own: "Tensor", skip: "Tensor") -> "Tensor":
    import torch

    if how in ("skip first", "own first", "copies"):
        pair = {"skip first": (skip, own), "own first": (own, skip), "copies": (own, own)}[how]
        return torch.cat(pair, dim=1)
    if how == "larger":
        return torch.maximum(own, skip)
    if how == "smaller":
        return torch.minimum(own, skip)
    return own + skip if how == "sum" else own if how == "own" else (own + skip) / 2


def _reference(variant: Variant) -> "Callable[..., Tensor]":
    return partial(_way_up, variant)


def _mistakes(variant: Variant) -> "dict[str, Callable[..., Tensor]]":
    options: dict[str, dict[str, Any]] = {
        "the block's own channels stand before the skip's": {"join": "own first"},
        "the skips were replaced by copies of the block's own map": {"join": "copies"},
        "the skips were left out": {"join": "own"},
        "the last map is joined by nothing": {"last": "own"},
        "map and skip were added up: see how they are joined here": {"join": "sum"},
        "the mean of map and skip was taken: see how they are joined here": {"join": "mean"},
        "the larger of map and skip was taken: see how they are joined here": {"join": "larger"},
        "the smaller of map and skip was taken: see how they are joined here": {"join": "smaller"},
        "only the last map was joined in this way": {
            "join": "own first" if variant["join"] == "skip first" else "own",
            "last": variant["join"],
        },
    }
    return {
        cause: partial(_way_up, variant, **how)
        for cause, how in options.items()
        if how != {"join": variant["join"]}
    }


WAY_UP = GradedQuestion(
    "02.way-up",
    "way_up",
    "join skips with maps on the way up of a U-Net",
    "the last joined map",
    parts={ONE: 1, SEVERAL: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=with_blocks,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),  # sums over many channels: see `calibrate`
)
