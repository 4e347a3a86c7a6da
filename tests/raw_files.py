"""A small RAW file for tests: there is no free one to ship."""

from pathlib import Path

import numpy as np
import tifffile

XYZ_TO_SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
"""D65. A camera with this matrix sees in the colours of sRGB."""


def write_dng(
    path: Path, light: np.ndarray, neutral: tuple[float, float, float] = (1, 1, 1)
) -> None:
    """Write a DNG: an RGGB sensor of 16 bits that sees grey light (H, W) in [0, 1] on every pixel.

    ``neutral`` is what the sensor gives for white in red, green and blue.
    """
    mosaic = np.round(light * 65535).astype(np.uint16)
    thousandths = [part for value in neutral for part in (round(value * 1000), 1000)]
    matrix = [part for value in XYZ_TO_SRGB for part in (round(value * 10000), 10000)]
    tags = [
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, bytes([0, 1, 1, 2]), True),  # CFAPattern: red green, green blue
        (50706, "B", 4, bytes([1, 4, 0, 0]), True),  # DNGVersion
        (50707, "B", 4, bytes([1, 1, 0, 0]), True),  # DNGBackwardVersion
        (50708, "s", 0, "Exposure Lab Test", True),  # UniqueCameraModel
        (50714, "H", 1, 0, True),  # BlackLevel
        (50717, "H", 1, 65535, True),  # WhiteLevel
        (50721, "2i", 9, tuple(matrix), True),  # ColorMatrix1
        (50728, "2I", 3, tuple(thousandths), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),  # CalibrationIlluminant1: D65
    ]
    tifffile.imwrite(path, mosaic, photometric=32803, extratags=tags, metadata=None)
