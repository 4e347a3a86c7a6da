"""Answers to the graded questions of chapter 01 as students may write them, by variant."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from exposure_lab.data.synthesis.exposure import apply_ev
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear
from exposure_lab.metrics.pixel import psnr


def _render(
    *,
    unit: Callable[[int], float] = lambda n: n,
    sign: int = 1,
    gain: Callable[[float], float] = lambda stops: 2.0**stops,
    linear: bool = True,
    back: bool = True,
    clip: bool = True,
    after: Callable[[Any], Any] = lambda photo: photo,
) -> Any:
    """A maker of render_ev; without options the answer is right."""

    def make(variant: Any) -> Any:
        def render_ev(srgb: Any, ev: float) -> Any:
            stops = sign * ev / unit(variant["units_in_a_stop"])
            stops = stops if variant["larger_is"] == "more" else -stops
            light = np.asarray(srgb, np.float64)
            light = (srgb_to_linear(light) if linear else light) * gain(stops)
            light = np.clip(light, 0, 1) if clip else light
            return after(linear_to_srgb(light) if linear and back else light)

        return render_ev

    return make


def _in_place(variant: Any) -> Any:
    def render_ev(srgb: Any, ev: float) -> Any:
        srgb[:] = _render()(variant)(srgb, ev)
        return srgb

    return render_ev


def _three_channels(variant: Any) -> Any:
    def render_ev(srgb: Any, ev: float) -> Any:
        height, width, _ = srgb.shape
        return _render()(variant)(srgb, ev).reshape(height, width, 3)

    return render_ev


def _by_library(variant: Any) -> Any:
    """Right for three channels alone, and only where the library's own is at hand."""
    units = variant["units_in_a_stop"] * (1 if variant["larger_is"] == "more" else -1)
    return lambda srgb, ev: apply_ev(srgb, ev / units)


def _share(
    *,
    exact: bool = False,
    white: bool = False,
    axis: Any = 2,
    turned: bool = False,
    scale: float = 1.0,
) -> Any:
    """A maker of share_of_clipped; without options the answer is right."""

    def make(variant: Any) -> Any:
        def share_of_clipped(photo: Any) -> Any:
            top = 2 ** variant["bits"] - 1
            stored = np.asarray(photo, float) * top
            stored = stored if exact else np.rint(stored)
            clipped = stored == top if white else stored == 0
            if variant["ends"] == "both" and not white:
                clipped |= stored == top
            if axis is None:
                return clipped.mean()
            all_of_them = (variant["channels"] == "all") != turned
            per_pixel = clipped.all(axis=axis) if all_of_them else clipped.any(axis=axis)
            return per_pixel.mean() * scale

        return share_of_clipped

    return make


SUMMARIES = {"median": np.median, "lowest": min, "highest": max}


def _scores(
    *,
    summary: Any = None,
    beside: Any = lambda ev: ev,
    some: slice = slice(None),
    swapped: bool = False,
    keys: Any = lambda ev: ev,
) -> Any:
    """A maker of psnr_per_ev; without options the answer is right."""

    def make(variant: Any) -> Any:
        def psnr_per_ev(photos: Any, evs: Any, render: Any) -> Any:
            result = {}
            for ev in evs:
                pairs = [
                    (render(p, ev), render(p, beside(variant["beside"]))) for p in photos[some]
                ]
                scores = [psnr(b, a) if swapped else psnr(a, b) for a, b in pairs]
                result[keys(ev)] = (summary or SUMMARIES[variant["summary"]])(scores)
            return result

        return psnr_per_ev

    return make


def _without_renderer(variant: Any) -> Any:
    return lambda photos, evs: {ev: 20.0 for ev in evs}


def _stored(change: Callable[[float, float], float]) -> Any:
    """A maker of a prediction from the stored value and the factor of the light."""
    return lambda variant: change(variant["stored"], 2.0 if variant["brighter"] else 0.5)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "01.predict-stop": [
        (_stored(lambda stored, gain: min(255, stored * gain)), "go to light and back"),
        (_stored(lambda stored, gain: stored), "nothing has changed"),
        (_stored(lambda stored, gain: 255 * ((stored / 255) / gain ** (1 / 2.4))), "differ"),
        (_stored(lambda stored, gain: 0.4), "between zero and one"),
        (_stored(lambda stored, gain: "bright"), "as a number"),
    ],
    "01.render-ev": [
        (_render(unit=lambda n: 1), "whole stop"),
        (_render(sign=-1), "wrong direction"),
        (_render(linear=False), "undo the sRGB curve first"),
        (_render(back=False), "still linear light"),
        (_render(gain=lambda stops: stops), "number of stops itself"),
        (_render(gain=np.exp), "another base"),
        (_render(clip=False), "larger than one"),
        (_render(after=lambda photo: photo * 255), "differ"),
        (_render(after=lambda photo: photo.transpose()), "another order"),
        (_render(after=torch.from_numpy), "torch tensor"),
        (_render(after=lambda photo: None), "`return`"),
        (_three_channels, "raised ValueError"),
        (_by_library, "raised ImageError"),
        (_in_place, "in place"),
    ],
    "01.clipped-share": [
        (_share(axis=None), "values were counted"),
        (_share(exact=True), "the file rounds"),
        (_share(white=True), "white alone"),
        (_share(turned=True), "channels"),
        (_share(scale=100), "percentage"),
        (_share(axis=0), "differ"),
    ],
    "01.psnr-per-ev": [
        (_scores(summary=np.mean), "mean over the photos"),
        (_scores(summary=sum), "sum over the photos"),
        (_scores(beside=lambda ev: 0), "as they were"),
        (_scores(beside=lambda ev: -ev), "wrong sign"),
        (_scores(some=slice(1)), "first photo"),
        (_scores(some=slice(-1, None)), "last photo"),
        (_scores(summary=list), "as a number"),
        (_scores(keys=str), "keys are missing"),
        (_without_renderer, "TypeError"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {
    "01.render-ev": [_render(), _render(after=lambda photo: photo.astype(np.float64))],
    "01.clipped-share": [_share(), _share(scale=np.float32(1))],
    "01.psnr-per-ev": [_scores(), _scores(swapped=True)],
}
