"""Rendering of one scene of a set, from a photo, a RAW file or a panorama."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exposure_lab.data.layout import pair_paths
from exposure_lab.data.synthesis.camera import (
    CameraResponse,
    Curve,
    draw_camera_response,
    render_light,
    render_uint8,
)
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.data.synthesis.highlights import draw_highlights
from exposure_lab.data.synthesis.panoramas.scene import draw_panorama_scene, render_target
from exposure_lab.data.synthesis.splits import Scene
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.files.failures import explain_death, explain_failure
from exposure_lab.images.array import Array, from_uint8, to_uint8
from exposure_lab.images.io import read_uint8
from exposure_lab.images.limits import largest_picture
from exposure_lab.images.raw import RAW_SUFFIXES, read_raw

Pixels = NDArray[np.uint8]
"""(H, W, 3), sRGB, 0..255."""

Retake = Callable[[float, CameraResponse], Pixels]
"""Renders a scene at an exposure, stops, by a camera."""


class Rendering(NamedTuple):
    """How all scenes of a set are rendered."""

    root: Path
    """Folder of the set."""
    evs: tuple[float, ...] | None
    variation: Variation
    curve: Curve
    seed: int
    noise: float
    max_megapixels: float


def write_scene(scene: Scene, rendering: Rendering) -> str | None:
    """Render one scene and write its pairs; the target comes last and means done.

    Returns:
        A sentence where that failed; the other scenes are rendered, whatever it is.
    """
    source, name, split = scene
    root, evs, variation, curve, seed, noise, max_megapixels = rendering
    if os.path.exists(pair_paths(root, split, name, 0)[1]):
        return None
    try:
        response = draw_camera_response(curve, name, seed, noise)
        if isinstance(source, str):
            target, retake = _open_panorama(source, response, name, seed)
        elif source.suffix.lower() in RAW_SUFFIXES:
            target, retake = _open_raw(source)
        else:
            with largest_picture(max_megapixels):
                target, retake = _open_photo(source, response, name, seed, variation.highlights)

        def expose(target: Pixels, ev: float) -> Pixels:
            varied = variation.vary(response, ev, name, seed)
            return target if varied is None else retake(ev, varied)

        evs = variation.exposures(evs, name, seed)
        write_pairs(target, name, root, split, evs, expose)  # type: ignore[arg-type]
    except Exception as error:
        return explain_failure(source, error)
    return None


def explain_lost_scene(scene: Scene) -> str:
    """Sentence for a scene whose process died over it."""
    return explain_death(scene.source)


def _open_photo(
    path: Path, response: CameraResponse, name: str, seed: int, highlights: float
) -> tuple[Pixels, Retake]:
    photo = read_uint8(path)
    if highlights:
        srgb = from_uint8(photo)
        drawn = draw_highlights(highlights, name, seed)
        light = drawn.extend(response.scene_light(srgb), srgb)
        return to_uint8(response.develop(light)), _retake_light(light, name, seed)

    def retake(ev: float, varied: CameraResponse) -> Pixels:
        return render_uint8(photo, ev, response, name, seed, varied)

    return photo, retake


def _retake_light(light: Array, name: str, seed: int) -> Retake:
    def retake(ev: float, varied: CameraResponse) -> Pixels:
        return to_uint8(render_light(light, ev, varied, name, seed))

    return retake


def _open_raw(path: Path) -> tuple[Pixels, Retake]:
    def retake(ev: float, varied: CameraResponse) -> Pixels:
        return to_uint8(read_raw(path, ev + varied.gain))

    return to_uint8(read_raw(path)), retake


def _open_panorama(
    place: str, response: CameraResponse, name: str, seed: int
) -> tuple[Pixels, Retake]:
    light = draw_panorama_scene(place, name, seed).light(response)
    return to_uint8(render_target(light, response)), _retake_light(light, name, seed)
