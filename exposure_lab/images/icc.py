"""ICC colour profiles: conversion of a photo's own colours to sRGB and back, in float32.

Source: ICC.1 (profiles); the arithmetic is Little CMS's, through imagecodecs.
"""

import io
from functools import cache

import numpy as np
from PIL import ImageCms

from exposure_lab.images.array import BT601, Array


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
        grey = np.full((1, 1, channels), 0.5, np.float32)
        from_srgb(to_srgb(grey, profile), profile, channels)
    except Exception:  # damaged in one of many ways
        return None
    return profile


def to_srgb(values: Array, profile: bytes | None) -> Array:
    """Convert a photo's pixels, (H, W, C) in [0, 1], to (H, W, 3), sRGB in [0, 1].

    What sRGB cannot show is clipped.

    Args:
        values: grey (C is 1) or colour (C is 3).
        profile: from `usable_profile`; None is sRGB.
    """
    if profile is None:
        return values.repeat(3, axis=2) if values.shape[2] == 1 else values
    return _transform(values, profile, _srgb(), 3)


def from_srgb(values: Array, profile: bytes | None, channels: int) -> Array:
    """Convert (H, W, 3), sRGB in [0, 1], to (H, W, C) in a photo's own colours.

    Source: ITU-R BT.601 for the grey of a photo without a profile.
    """
    if profile is not None:
        return _transform(values, _srgb(), profile, channels)
    if channels == 1:
        return (values @ BT601.astype(np.float32))[..., None]  # as Pillow weighs them
    return values


def _transform(values: Array, source: bytes, target: bytes, channels: int) -> Array:
    import imagecodecs  # here, since most photos do not need it

    spaces = {1: "gray", 3: "rgb"}
    pixels = values[..., 0] if values.shape[2] == 1 else values
    converted = imagecodecs.cms_transform(
        np.ascontiguousarray(pixels),
        source,
        target,
        colorspace=spaces[values.shape[2]],
        outcolorspace=spaces[channels],
    )
    clipped: Array = np.clip(converted, 0, 1)
    return clipped.reshape(*values.shape[:2], channels)


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
