"""Samples: what an experiment measured without training anything, one number or one a scene."""

from typing import NamedTuple


class Sample(NamedTuple):
    """Values of one figure: a single exact number, or one number per scene or per repetition."""

    figure: str
    """Name that a claim quotes, such as ``side_after_six_halvings``."""
    values: tuple[float, ...]
    """One value is exact and has no interval; of several the mean is the figure."""
    unit: str = ""
    over: tuple[str, ...] = ()
    """What each value belongs to, such as the names of the scenes; empty for a single number."""
