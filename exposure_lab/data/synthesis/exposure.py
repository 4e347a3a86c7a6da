"""Exposure in stops: applying it to a photo, and writing the renderings as pairs of a set."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from exposure_lab.data.layout import Split, pair_paths
from exposure_lab.errors import ConfigError
from exposure_lab.images.array import Array, check_image
from exposure_lab.images.io import write_image
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

EVS = (-1.5, -1.0, 0.0, 1.0, 1.5)
"""The relative exposure values of MSEC, in stops."""

LARGEST_EV = 16
"""Stops; about the dynamic range of a camera's sensor."""

JPEG_QUALITY = 95


def apply_ev(srgb: Array, ev: float) -> Array:
    """Change the exposure of a photo by ``ev`` stops.

    The photo is converted to linear light, multiplied by ``2 ** ev``, clipped at white and
    converted back. What is clipped is lost: there, ``apply_ev(apply_ev(x, 1), -1)``
    differs from ``x``.

    Args:
        srgb: (H, W, 3), sRGB in [0, 1].
        ev: stops; +1 doubles the light, 0 leaves the photo as it is.

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: wrong shape, or values outside [0, 1].
    """
    check_image(srgb)
    if ev == 0:
        return srgb
    return linear_to_srgb(np.minimum(srgb_to_linear(srgb) * np.float32(2.0**ev), 1))


def clipped_share(srgb: Array) -> float:
    """Share of pixels, in [0, 1], with a channel that an 8-bit file stores as 255."""
    return float(np.mean(np.any(srgb >= 254.5 / 255, axis=2)))


def check_evs(evs: Sequence[float]) -> None:
    """Check that exposures can be rendered, and written in a file name.

    Raises:
        ConfigError: none at all, one twice, or one that is not finite, too large or too fine.
    """
    fit = all(abs(ev) <= LARGEST_EV and abs(ev) == float(f"{abs(ev):.4f}") for ev in evs)
    if not (evs and fit and len(set(evs)) == len(evs)):
        raise ConfigError(
            f"Expected exposures in stops, each once, from -{LARGEST_EV} to {LARGEST_EV} with at "
            f"most four decimals, but got {', '.join(map(str, evs)) or 'none'}."
        )


def write_pairs(
    photo: Array,
    scene: str,
    root: Path | str,
    split: Split,
    evs: Sequence[float] = EVS,
    expose: Callable[[Array, float], Array] = apply_ev,
) -> None:
    """Write one photo as a target and its renderings as inputs, in MSEC layout.

    Args:
        photo: (H, W, 3): the target; sRGB in [0, 1], or whatever `expose` takes.
        scene: file name without suffix.
        root: folder of the set.
        split: which part of the set.
        evs: stops of the inputs.
        expose: renders the photo at an exposure; the plain way where not given.
    """
    for ev in evs:
        real_input, target = pair_paths(root, split, scene, ev)
        write_image(real_input, expose(photo, ev), quality=JPEG_QUALITY)
    write_image(target, photo, quality=JPEG_QUALITY)
