"""What a camera without distortion sees of a panorama when it is turned somewhere."""

# H, W height and width of the panorama; h, w of the view; px

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from exposure_lab.errors import ConfigError, ImageError
from exposure_lab.images.array import Array

Angles = NDArray[np.float64]


def perspective_crop(
    panorama: Array,
    yaw: float,
    pitch: float,
    field_of_view: float,
    width: int,
    height: int,
) -> Array:
    """Crop the view of a pinhole camera from an equirectangular panorama.

    Pixels are interpolated between four of the panorama, in linear light; the panorama's left and
    right edges meet, and so do opposite sides at its poles. The view is as sharp as the panorama
    where ``field_of_view`` has about ``width`` of its columns; a wider one is not smoothed first.

    Args:
        panorama: (H, 2 H, 3), light from 0 up.
        yaw: degrees that the camera is turned to the right; at 0 it looks at the centre.
        pitch: degrees that it is turned up, in [-90, 90].
        field_of_view: degrees that the view spans horizontally, above 0 and below 180.
        width, height: size of the view, px.

    Returns:
        (height, width, 3), light as in the panorama.

    Raises:
        ConfigError: an angle or a size that no camera has.
        ImageError: another shape, or light that is negative or not finite.
    """
    _check_panorama(panorama)
    if not (math.isfinite(yaw) and -90 <= pitch <= 90 and 0 < field_of_view < 180):
        raise ConfigError(
            "Expected degrees: a yaw, a pitch from -90 to 90 and a field of view above 0 and below "
            f"180, but got {yaw}, {pitch} and {field_of_view}."
        )
    if width < 1 or height < 1:
        raise ConfigError(f"Expected a view of at least 1 px, but got {width} by {height}.")
    longitude, latitude = _directions(yaw, pitch, field_of_view, width, height)
    rows = panorama.shape[0]
    # Centres of pixels lie half a pixel inside; one more for the frame that `_join_edges` adds.
    column = (longitude / (2 * np.pi) + 0.5) * (2 * rows) + 0.5
    row = (0.5 - latitude / np.pi) * rows + 0.5
    framed = _join_edges(panorama)
    planes = [map_coordinates(framed[..., channel], (row, column), order=1) for channel in range(3)]
    return np.stack(planes, axis=2)


def _directions(
    yaw: float, pitch: float, field_of_view: float, width: int, height: int
) -> tuple[Angles, Angles]:
    """Longitude in [-pi, pi] and latitude of the direction of each pixel, (h, w), radians."""
    focal_length = width / 2 / math.tan(math.radians(field_of_view) / 2)  # px
    right = np.arange(width) + 0.5 - width / 2
    up = height / 2 - 0.5 - np.arange(height)[:, None]
    turn, tilt = math.radians(yaw), math.radians(pitch)
    # Pitch first, about the axis to the right, then yaw, about the vertical one.
    high = up * math.cos(tilt) + focal_length * math.sin(tilt)
    ahead = focal_length * math.cos(tilt) - up * math.sin(tilt)
    longitude = np.arctan2(right, ahead) + turn
    latitude = np.arctan2(high, np.hypot(right, ahead))
    return (longitude + np.pi) % (2 * np.pi) - np.pi, np.broadcast_to(latitude, longitude.shape)


def _join_edges(panorama: Array) -> Array:
    """Frame a panorama with what lies beyond its edges, 1 px wide: (H + 2, W + 2, 3).

    Beyond a pole is the row beside it, seen from the other side.
    """
    half = panorama.shape[1] // 2
    poles = [np.roll(row, half, axis=1) for row in (panorama[:1], panorama[-1:])]
    tall = np.concatenate([poles[0], panorama, poles[1]])
    return np.concatenate([tall[:, -1:], tall, tall[:, :1]], axis=1)


def _check_panorama(panorama: Array) -> None:
    rows, columns, *channels = (*panorama.shape, 0, 0)[:3]
    if panorama.ndim != 3 or channels != [3] or not rows or columns != 2 * rows:
        raise ImageError(
            "Expected an equirectangular panorama (H, W, 3), twice as wide as high, but got shape "
            f"{panorama.shape}."
        )
    low, high = float(panorama.min()), float(panorama.max())
    if not 0 <= low <= high < math.inf:  # also catches NaN
        raise ImageError(
            f"Expected light from 0 up in a panorama, but its values run from {low:.4g} to "
            f"{high:.4g}: clip or replace them."
        )
