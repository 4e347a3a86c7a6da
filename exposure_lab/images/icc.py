"""ICC colour profiles: conversion of a photo's own colours to sRGB and back, in float32.

Source: ICC.1 (profiles); the arithmetic is Little CMS's, through imagecodecs.
"""

import io
from functools import cache

import numpy as np
from PIL import ImageCms

from exposure_lab.images.array import Array


def usable_profile(profile: bytes | None, channels: int) -> bytes | None:
    """Check a profile: return it if it is readable, of these channels and invertible, else None.

    Args:
        profile: bytes as in a file.
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


def colours_to_srgb(values: Array, profile: bytes) -> Array:
    """Convert (H, W, 3) in [0, 1] from a profile's colours to sRGB, clipped to its gamut."""
    return _transform(values, profile, _srgb())


def colours_from_srgb(values: Array, profile: bytes) -> Array:
    """Convert (H, W, 3), sRGB in [0, 1], to a profile's colours in [0, 1]."""
    return _transform(values, _srgb(), profile)


def _transform(values: Array, source: bytes, target: bytes) -> Array:
    import imagecodecs  # here, since most photos do not need it

    converted = imagecodecs.cms_transform(
        np.ascontiguousarray(values), source, target, colorspace="rgb", outcolorspace="rgb"
    )
    clipped: Array = np.clip(converted, 0, 1)
    return clipped


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
