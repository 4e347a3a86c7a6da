"""Interval of a claim as a drawing, with the smallest effect that matters, or the margin, in it."""

import html
from collections.abc import Sequence

from exposure_lab.notebook.ledger_words import effect_in_words, number, signed
from exposure_lab.study.claims import Claim
from exposure_lab.study.estimates import Estimate

WIDTH, HEIGHT = 340, 62
"""Size of the drawing, px."""

LEFT, RIGHT = 22.0, WIDTH - 22.0
TOP, MIDDLE, BOTTOM = 6.0, 24.0, 42.0

APART = 40.0
"""Distance of two numbers below the axis, px, from which on they do not touch."""


def bounds_of(claim: Claim) -> tuple[float, ...]:
    """List what the rule of a claim holds its interval against: one bound, or both of a margin."""
    if claim.rule == "equals":
        return (claim.expected or 0.0,)
    if claim.rule == "share":
        return (1.0,)
    amount = claim.smallest_effect or claim.margin or 0.0
    low, high = claim.reference - amount, claim.reference + amount
    if claim.rule == "equivalent":
        return (low, high)
    return (high,) if claim.rule in ("greater", "no-better") else (low,)


class Scale:
    """Straight scale from a figure's unit to px."""

    def __init__(self, values: Sequence[float]) -> None:
        """Span from the smallest to the largest of the values that are shown."""
        self.low, high = min(values), max(values)
        self.span = (high - self.low) or 1.0
        if high == self.low:
            self.low -= 0.5

    def __call__(self, value: float) -> float:
        """Place of a value, px."""
        return LEFT + (RIGHT - LEFT) * (value - self.low) / self.span


def interval_svg(claim: Claim, effect: Estimate, unit: str) -> str:
    """Draw an effect with its 95 % interval, the bounds of the rule and its zero, as inline SVG.

    The thick part is the 90 % interval, by which an equivalence is judged.

    Args:
        claim: whose rule is drawn.
        effect: its estimate.
        unit: of the figure.
    """
    bounds, whole = bounds_of(claim), effect.interval()
    zero = () if claim.rule == "equals" else (claim.reference,)
    place = Scale([*bounds, *whole, *zero])
    parts = [_line("axis", LEFT - 12, BOTTOM, RIGHT + 12, BOTTOM)]
    if len(bounds) == 2:
        left, right = map(place, bounds)
        parts.append(
            f'<rect class="xl-band" x="{left:.1f}" y="{TOP:g}" width="{right - left:.1f}" '
            f'height="{BOTTOM - TOP:g}"/>'
        )
    parts += [_line("zero", place(at), TOP, place(at), BOTTOM) for at in zero]
    parts += [_line("bound", place(at), TOP, place(at), BOTTOM) for at in bounds]
    parts += _estimate(effect, place)
    parts += _numbers(bounds, zero, place, signed(claim))
    return (
        f'<svg class="xl-plot" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{html.escape(describe(claim, effect, unit))}">'
        f"{''.join(parts)}</svg>"
    )


def describe(claim: Claim, effect: Estimate, unit: str) -> str:
    """Say in a sentence what the drawing shows, for those who do not see it."""
    names = {
        "greater": "smallest effect that matters",
        "less": "smallest effect that matters",
        "equivalent": "margin",
        "no-worse": "margin",
        "no-better": "margin",
        "equals": "number in the report",
        "share": "all parts",
    }
    bounds = " and ".join(number(at, unit, signed(claim)) for at in bounds_of(claim))
    said = effect_in_words(effect, unit, signed(claim))
    return f"Interval plot: {said}; {names[claim.rule or 'share']}: {bounds}."


def _estimate(effect: Estimate, place: Scale) -> list[str]:
    """Draw the interval as a thin line, its inner part as a thick one, and the mean as a dot."""
    dot = f'<circle class="xl-mean" cx="{place(effect.mean):.1f}" cy="{MIDDLE:g}" r="5"/>'
    if not effect.standard_error:
        return [dot]
    thin, thick = (
        _line(name, place(low), MIDDLE, place(high), MIDDLE)
        for name, (low, high) in (("whole", effect.interval()), ("inner", effect.interval(0.9)))
    )
    return [thin, thick, dot]


def _numbers(bounds: Sequence[float], zero: Sequence[float], place: Scale, sign: bool) -> list[str]:
    """Write the bounds below the axis, and zero where there is room for it."""
    free = [at for at in zero if all(abs(place(at) - place(bound)) > APART for bound in bounds)]
    return [
        f'<text x="{place(at):.1f}" y="{BOTTOM + 15:g}" text-anchor="middle">'
        f"{number(at, '', sign)}</text>"
        for at in (*bounds, *free)
    ]


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="xl-{name}" d="M{x1:.1f} {y1:g}L{x2:.1f} {y2:g}"/>'
