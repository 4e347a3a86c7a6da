"""Baselines: corrections that learn nothing, which a network has to beat.

Each is an image function: (H, W, 3), sRGB in [0, 1], to the same.
"""

from collections.abc import Callable

import numpy as np

from exposure_lab.images.array import Array, ImageFunction
from exposure_lab.images.srgb import linear_to_srgb, srgb_to_linear

TARGET_MEAN = 0.45
"""Mean sRGB value that the automatic corrections aim at: a mid grey."""

BISECTIONS = 20
"""Halvings of a search interval: settles a stop or an exponent to five digits."""

CLIPPED = 0.995
"""Amount of light, in [0, 1], that an 8-bit file stores as 255 or next to it."""

PERCENTILES = (1, 99)
"""Percentiles of a photo's values that `stretch` makes black and white."""

CLIP_LIMIT = 0.01
"""Clip limit of CLAHE: the share of a tile's pixels at which a bin of its histogram is cut off."""

SEARCH_PIXELS = 2**16
"""A mean settles on far fewer pixels than a photo has; searching on a sample keeps it quick."""


def identity(image: Array) -> Array:
    """Return the photo unchanged."""
    return image


def auto_gamma(image: Array) -> Array:
    """Raise all values to the power that brings their mean to `TARGET_MEAN`."""
    sample = _sample(image)

    def too_bright(log_gamma: float) -> bool:
        return float(np.mean(sample ** np.float32(2**-log_gamma))) > TARGET_MEAN

    return image ** np.float32(2 ** -_bisect(too_bright, -4, 4))


def auto_exposure(image: Array) -> Array:
    """Scale the light by the factor that brings the mean sRGB value to `TARGET_MEAN`, and clip.

    What an automatic camera does: one change of exposure for the whole photo, at most six stops.
    """
    linear = srgb_to_linear(image)
    sample = _sample(linear)

    def too_bright(ev: float) -> bool:
        return float(np.mean(_expose(sample, ev))) > TARGET_MEAN

    return _expose(linear, _bisect(too_bright, -6, 6))


def white_point(image: Array) -> Array:
    """Scale the light so that its own 99.9th percentile becomes white.

    Where that percentile is white already the highlights are clipped and tell nothing, so
    `auto_exposure` steps in.
    """
    linear = srgb_to_linear(image)
    white = float(np.percentile(linear.max(axis=2), 99.9))
    if white >= CLIPPED:
        return auto_exposure(image)
    return _expose(linear, -np.log2(max(white, 2.0**-6)))


def mean_3x3(image: Array) -> Array:
    """Replace every value by the mean of the 3 x 3 pixels around it, as the report proposes.

    The weights sum to 1, so this blurs and changes no brightness. Beyond the edges the outermost
    pixels are repeated; each value then counts nine times in all, and the mean of the photo stays.
    """
    from scipy.ndimage import uniform_filter  # here, since `correct` starts sooner without it

    mean: Array = uniform_filter(image, size=(3, 3, 1), mode="nearest")
    return np.clip(mean, 0, 1)  # sums of float32 may overshoot in the last digit


def gain_3x3(image: Array) -> Array:
    """A 3 x 3 kernel that can brighten: nine equal weights that sum to a gain instead of 1.

    The gain brings the mean of the clipped result to `TARGET_MEAN`; it lies between 1/64 and 64.
    It multiplies the stored values, as a filter in an editor does, so it is no change of exposure.
    """
    blurred = mean_3x3(image)
    sample = _sample(blurred)

    def too_bright(stops: float) -> bool:
        return float(np.mean(np.minimum(sample * np.float32(2.0**stops), 1))) > TARGET_MEAN

    gain = np.float32(2.0 ** _bisect(too_bright, -6, 6))
    bright: Array = np.clip(gain * blurred, 0, 1)
    return bright


def stretch(image: Array) -> Array:
    """Spread the values between two percentiles over black to white, and clip the rest.

    One pair of percentiles for all three channels together, so that greys stay grey: a pair for
    each would remove a colour cast, and with it the colour of an evening. A photo without contrast
    has nothing to spread and stays as it is.
    """
    from skimage.exposure import rescale_intensity

    low, high = (float(value) for value in np.percentile(image, PERCENTILES))
    if not low < high:
        return image
    spread: Array = rescale_intensity(image, in_range=(low, high), out_range=(0, 1))
    return np.clip(spread, 0, 1)  # float32 may overshoot in the last digit


def equalize(image: Array) -> Array:
    """Histogram equalisation: make every brightness about as frequent as every other.

    It equalises the HSV value, the largest of the three channels, and scales the pixel with it. So
    no colour leaves the range and hue and saturation stay; each channel for itself would tint the
    photo. A photo of one value stays as it is.

    Source: Gonzalez and Woods, Digital Image Processing, section 3.3.
    """
    from skimage.exposure import equalize_hist

    return _by_value(image, equalize_hist)


def clahe(image: Array) -> Array:
    """Equalise in tiles, 8 x 8 of them, with limited contrast; the HSV value as in `equalize`.

    scikit-image's form with `CLIP_LIMIT`, which stretches the values to the full range before and
    after. That stretch, not the tiles, is most of what it does for a dark photo.

    Source: Zuiderveld 1994.
    """
    from skimage.exposure import equalize_adapthist

    return _by_value(image, lambda value: equalize_adapthist(value, clip_limit=CLIP_LIMIT))


BASELINES: dict[str, ImageFunction] = {
    "identity": identity,
    "auto-gamma": auto_gamma,
    "auto-exposure": auto_exposure,
    "white-point": white_point,
    "mean-3x3": mean_3x3,
    "gain-3x3": gain_3x3,
    "stretch": stretch,
    "equalize": equalize,
    "clahe": clahe,
}
"""Name on the command line to image function."""


def _expose(linear: Array, ev: float) -> Array:
    return linear_to_srgb(np.minimum(linear * np.float32(2.0**ev), 1))


def _by_value(image: Array, change: Callable[[Array], Array]) -> Array:
    """Change the HSV value, (H, W) in [0, 1], and scale each pixel's channels along with it."""
    value: Array = image.max(axis=2)
    if value.min() == value.max():
        return image
    changed = change(value)[..., None]
    ratios = image / np.maximum(value, np.finfo(np.float32).tiny)[..., None]
    ratios[value == 0] = 1  # black has no colour: it turns grey
    return np.clip(ratios * changed, 0, 1).astype(np.float32)


def _bisect(too_high: Callable[[float], bool], low: float, high: float) -> float:
    """Where a monotonic predicate turns true; an end of the interval where it does not."""
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if too_high(middle) else (middle, high)
    return (low + high) / 2


def _sample(image: Array) -> Array:
    pixels = image.reshape(-1, 3)
    return pixels[:: max(1, len(pixels) // SEARCH_PIXELS)]
