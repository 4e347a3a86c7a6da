"""Graded form of chapter 01's scores by exposure: another summary, against another rendering."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.draws import photo, pick
from exposure_lab.course.graded.question import Case, GradedQuestion, Variant
from exposure_lab.images.array import Array

if TYPE_CHECKING:
    Render = Callable[[Array, float], Array]

ONE, SEVERAL = "a single photo", "several photos"

SUMMARIES: dict[str, Callable[[Any], Any]] = {
    "median": np.median,
    "lowest": np.min,
    "highest": np.max,
    "mean": np.mean,  # the chapter's: no variant has it
    "sum": np.sum,
}


def _draw(rng: np.random.Generator) -> Variant:
    return {
        "summary": pick(rng, ["median", "lowest", "highest"]),
        "beside": pick(rng, [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0]),
    }


def _edits(variant: Variant) -> Mapping[str, str]:
    summary, beside = variant["summary"], variant["beside"]
    return {
        "Write `psnr_per_ev(photos, evs)`.": "Write `psnr_per_ev(photos, evs, render)`.",
        "the mean over the photos of the PSNR between the rendering and its original. "
        "Use `psnr` and `apply_ev`.": (
            f"the **{summary}** over the photos of the PSNR between the rendering and the same "
            f"photo **rendered at {beside:+g} EV**. Use `psnr`, and render with the function that "
            "is given: `render(photo, ev)` does what `apply_ev` does."
        ),
        "def psnr_per_ev(photos, evs):": "def psnr_per_ev(photos, evs, render):",
        '"""Exposure value to mean PSNR in dB, of a list of photos against their renderings."""': (
            f'"""Exposure value to {summary} PSNR in dB, of renderings against those at '
            f'{beside:+g} EV."""'
        ),
    }


def _cases(variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    def case(part: str, count: int) -> Case:
        sides = rng.integers(3, 14, (count, 2))
        photos = [photo(rng, int(height), int(width), 3) for height, width in sides]
        evs = {round(float(ev), 2) for ev in rng.uniform(-2.5, 2.5, 3)} | {variant["beside"], 0.0}
        return Case(part, (photos, sorted(evs)))

    return [case(ONE, 1), case(ONE, 1), case(SEVERAL, 3), case(SEVERAL, 4), case(SEVERAL, 5)]


def with_renderer(
    psnr_per_ev: "Callable[..., Any]", photos: "list[Any]", evs: "list[float]"
) -> "Any":
    """Call an answer with a function that renders: the library's own is not in the sandbox."""
    import numpy as np

    from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

    def render(photo: "Any", ev: float) -> "Any":
        return linear_to_srgb(np.minimum(srgb_to_linear(photo) * np.float32(2.0**ev), 1))

    return psnr_per_ev(photos, evs, render)


def _psnr_per_ev(
    variant: Variant,
    photos: list[Array],
    evs: Sequence[float],
    render: "Render",
    *,
    summary: str | None = None,
    beside: float | None = None,
    only: slice = slice(None),
    pooled: bool = False,
) -> dict[float, float]:
    """Score as the variant asks, or as students do by mistake."""
    summarise = SUMMARIES[summary or variant["summary"]]
    other = variant["beside"] if beside is None else beside
    chosen = photos[only]
    if pooled:  # all pixels as one picture of one row
        chosen = [np.concatenate([pixels.reshape(1, -1, 3) for pixels in photos], axis=1)]
    scores: dict[float, float] = {}
    for ev in evs:
        pairs = [(render(pixels, ev), render(pixels, other)) for pixels in chosen]
        scores[ev] = float(summarise([_psnr(*pair) for pair in pairs]))
    return scores


def _psnr(image: Array, target: Array) -> float:
    from exposure_lab.metrics.pixel import psnr

    return psnr(image, target)


def _reference(variant: Variant) -> Callable[..., dict[float, float]]:
    return partial(_psnr_per_ev, variant)


def _mistakes(variant: Variant) -> dict[str, Callable[..., dict[float, float]]]:
    options: dict[str, dict[str, Any]] = {
        "it is the mean over the photos: see which summary is asked for": {"summary": "mean"},
        "it is the sum over the photos": {"summary": "sum"},
        "the renderings are compared with the photos as they were": {"beside": 0.0},
        "the exposure of the other rendering has the wrong sign": {"beside": -variant["beside"]},
        "only the first photo counts: use all": {"only": slice(1)},
        "only the last photo counts: use all": {"only": slice(-1, None)},
        "it is one PSNR over the pixels of all photos: take that of each photo first": {
            "pooled": True
        },
        "it is another summary than the one that is asked for": {
            "summary": "highest" if variant["summary"] == "median" else "median"
        },
    }
    return {cause: partial(_psnr_per_ev, variant, **how) for cause, how in options.items()}


PSNR_PER_EV = GradedQuestion(
    "01.psnr-per-ev",
    "psnr_per_ev",
    "summarise a score over photos for each exposure",
    "a dictionary of the asked summary of the photos' PSNRs, one for each exposure value",
    parts={ONE: 1, SEVERAL: 2},
    reference=_reference,
    cases=_cases,
    draw=_draw,
    edits=_edits,
    mistakes=_mistakes,
    harness=with_renderer,
    needs=("exposure_lab.images.srgb", "exposure_lab.metrics.pixel"),
)
