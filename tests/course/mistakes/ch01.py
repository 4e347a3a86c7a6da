"""Mistakes that students make in chapter 01, each with a word of the sentence it gets."""

from typing import Any

import numpy as np
import torch

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.metrics.pixel import psnr

NAMES = {
    "np": np,
    "apply_ev": apply_ev,
    "psnr": psnr,
    "srgb_to_linear": srgb_to_linear,
    "linear_to_srgb": linear_to_srgb,
}


def _scaled(gain: Any, *, linear: bool = True, back: bool = True, clip: bool = True) -> Any:
    """A render_ev with one thing done otherwise."""

    def render(srgb: Any, ev: float) -> Any:
        light = (srgb_to_linear(srgb) if linear else srgb) * np.float32(gain(ev))
        light = np.minimum(light, 1) if clip else light
        return linear_to_srgb(light) if linear and back else light

    return render


def _plain_power(srgb: Any, ev: float) -> Any:
    return np.minimum(srgb**2.2 * 2.0**ev, 1) ** (1 / 2.2)


def _in_place(srgb: Any, ev: float) -> Any:
    srgb[:] = apply_ev(srgb, ev)
    return srgb


WRONG: dict[str, list[tuple[Any, str]]] = {
    "01.predict-stop": [
        (255, "stored value"),
        (128, "light doubles"),
        (91.0, "light doubles"),  # one stop less
        (110, "sRGB curve"),  # left in linear light
        (0.69, "from 0 to 1"),
        (192, "another value"),
        (300, "no file"),
        (None, "none"),
        ("about 176", "one number"),
    ],
    "01.render-ev": [
        (_scaled(lambda ev: 2**-ev), "sign"),
        (_scaled(lambda ev: 2**ev, linear=False), "undo the sRGB curve"),
        (_scaled(lambda ev: 2**ev, back=False), "linear light"),
        (_scaled(lambda ev: 2**ev, clip=False), "clipped"),
        (_scaled(lambda ev: ev), "a doubling"),
        (_scaled(np.exp), "base"),
        (_scaled(lambda ev: 1 + ev), "a doubling"),
        (_plain_power, "power"),
        (_in_place, "in place"),
        (lambda srgb, ev: torch.from_numpy(apply_ev(srgb, ev)), "torch tensor"),
        (lambda srgb, ev: apply_ev(srgb, ev).transpose(2, 0, 1), "another order"),
        (lambda srgb, ev: apply_ev(srgb, ev).mean(axis=2), "axis"),
        (lambda srgb, ev: apply_ev(srgb, ev) * 255, "clipped"),
        (lambda srgb, ev: None, "`return`"),
    ],
    "01.clipped-share": [
        (lambda p: (p >= 254.5 / 255).mean(), "any channel"),
        (lambda p: (p >= 1).mean(), "any channel"),
        (lambda p: (p >= 254.5 / 255).all(axis=2).mean(), "one is enough"),
        (lambda p: (p == 1).any(axis=2).mean(), "rounds"),
        (lambda p: ((p >= 254.5 / 255) | (p <= 0)).any(axis=2).mean(), "black"),
        (lambda p: (p >= 254.5 / 255).any(axis=2).mean() * 100, "percentage"),
        (lambda p: (p >= 254.5 / 255).any(axis=2).sum(), "number of pixels"),
        (lambda p: (p > 0.98).any(axis=2).mean(), "stay below"),
        (lambda p: (p > 0.995).any(axis=2).mean(), "stay below"),
        (lambda p: (p >= 254.5 / 255).any(axis=0).mean(), "axis"),
        (lambda p: (p >= 254.5 / 255).any(axis=2), "one number"),
    ],
    "01.psnr-per-ev": [
        (lambda ps, evs: {ev: sum(psnr(apply_ev(p, ev), p) for p in ps) for ev in evs}, "sum"),
        (lambda ps, evs: {ev: psnr(apply_ev(ps[0], ev), ps[0]) for ev in evs}, "first"),
        (lambda ps, evs: {ev: psnr(apply_ev(ps[-1], ev), ps[-1]) for ev in evs}, "last"),
        (
            lambda ps, evs: {
                ev: psnr(apply_ev(np.concatenate(ps), ev), np.concatenate(ps)) for ev in evs
            },
            "pixels of all",
        ),
        (
            lambda ps, evs: {ev: np.mean([psnr(apply_ev(p, -ev), p) for p in ps]) for ev in evs},
            "which exposure",
        ),
        (
            lambda ps, evs: {
                ev: np.mean([psnr(apply_ev(p, ev), apply_ev(p, ev)) for p in ps]) for ev in evs
            },
            "what is compared",
        ),
        (lambda ps, evs: {str(ev): 20.0 for ev in evs}, "keys"),
        (lambda ps, evs: [20.0 for _ in evs], "dictionary"),
        (
            lambda ps, evs: {ev: [psnr(apply_ev(p, ev), p) for p in ps] for ev in evs},
            "one number",
        ),
        (lambda ps, evs: dict.fromkeys(evs, np.inf), "infinity"),
    ],
    "01.explain": [
        ({"A", "B", "C"}, "same value"),
        ({"A", "B", "D"}, "before or after"),
        ({"A", "B", "E"}, "reached white"),
        ({"A"}, "missing"),
        ({"B"}, "missing"),
        (set(), "at least one"),
        ({"F"}, "A to E"),
        (2, "letters"),
    ],
}

ALSO_RIGHT: list[tuple[str, Any]] = [
    ("01.explain", {"a", "b"}),
    ("01.explain", ["B", "A"]),
    ("01.explain", "A, B"),
    ("01.explain", "A B"),
]
