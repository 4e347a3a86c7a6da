"""Colour profiles: from a photo's own colours to sRGB and back, in full precision.

Source: ICC.1 (profiles); the arithmetic is Little CMS's, through imagecodecs.
"""

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

Values = NDArray[np.float32]


def usable_profile(profile: bytes | None, channels: int) -> bytes | None:
    """The profile, where it can be read, speaks of these channels and goes both ways; else None.

    Args:
        profile: as it stands in a file.
        channels: 1 for grey, 3 for colour.
    """
    if not profile:
        return None
    try:
        space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
        if space != ("GRAY" if channels == 1 else "RGB"):
            return None
        if channels == 3:
            grey = np.full((1, 1, 3), 0.5, np.float32)
            colours_from_srgb(colours_to_srgb(grey, profile), profile)
    except Exception:  # damaged in one of many ways
        return None
    return profile


def colours_to_srgb(values: Values, profile: bytes) -> Values:
    """(H, W, 3) in [0, 1] in the profile's colours to sRGB; what sRGB cannot show is clipped."""
    return _transform(values, profile, _srgb())


def colours_from_srgb(values: Values, profile: bytes) -> Values:
    """(H, W, 3), sRGB in [0, 1], to the profile's colours in [0, 1]."""
    return _transform(values, _srgb(), profile)


def _transform(values: Values, source: bytes, target: bytes) -> Values:
    import imagecodecs  # most photos need it for nothing

    changed = imagecodecs.cms_transform(
        np.ascontiguousarray(values), source, target, colorspace="rgb", outcolorspace="rgb"
    )
    clipped: Values = np.clip(changed, 0, 1)
    return clipped


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
