"""The eight scene-linear panoramas that ship with the package, and how their light is stored.

Who made them and under which licence: `LICENSES.md` beside this file.

A panorama holds up to twenty stops, far more than the values of a picture file tell apart. So what
is stored is the logarithm of the light, in 16 bits, which JPEG XL then compresses::

    code = 65535 log2(1 + L / L0) / log2(1 + Lmax / L0)

With ``L0`` the steps are even in stops for light far above it, and even in light far below.
"""

import math
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from exposure_lab.errors import DataError
from exposure_lab.images.array import Array

PANORAMAS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
"""Names of the places. All were photographed all around, so a camera can be turned anywhere."""

DIMMEST = 2.0**-9
"""``L0``, in the unit of the panoramas, in which a place in daylight has a median from 0.1 to 1."""

BRIGHTEST = 65504.0
"""``Lmax``: the largest number in half precision, in which the panoramas were published."""

STOPS = math.log2(1 + BRIGHTEST / DIMMEST)


def encode_light(light: Array) -> NDArray[np.uint16]:
    """Encode light by its logarithm: from [0, 65504], clipped on either side, to 0..65535."""
    clipped = np.clip(light, 0, BRIGHTEST).astype(np.float64)
    codes = np.round(np.log2(1 + clipped / DIMMEST) / STOPS * 65535)
    return np.asarray(codes, np.uint16)


def decode_light(codes: NDArray[np.uint16]) -> Array:
    """Decode light from its logarithm: the inverse of `encode_light`, to float32."""
    light = (2.0 ** (codes / 65535.0 * STOPS) - 1) * DIMMEST
    return np.asarray(light, np.float32)


@cache
def read_panorama(name: str) -> Array:
    """Read a panorama that ships with the package, scene-linear: nothing in it was clipped.

    Returns:
        (512, 1024, 3), light from 0 up in a unit of the place's own, Rec. 709 primaries,
        equirectangular: columns are 360 degrees around, rows 180 from straight up to straight down.
        It is kept for later calls, and may not be written to.

    Raises:
        DataError: not one of `PANORAMAS`.
    """
    if name not in PANORAMAS:
        raise DataError(
            f"Expected a built-in panorama, one of {', '.join(PANORAMAS)}, but got {name!r}."
        )
    import imagecodecs  # here, since most work needs no panorama

    file = resources.files("exposure_lab.data.synthesis.panoramas") / f"{name}.jxl"
    light = decode_light(imagecodecs.jpegxl_decode(file.read_bytes()))
    light.flags.writeable = False
    return light
