"""Development of RAW files at any exposure, scaled before clipping. Needs the extra ``raw``."""

from pathlib import Path
from typing import Any

import numpy as np

from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.formats import refuse_special_file
from exposure_lab.images.limits import check_size

RAW_SUFFIXES = (".dng", ".nef", ".cr2", ".cr3", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw")
"""Suffixes of RAW files, in lower case; the library that reads them knows more."""


def read_raw(path: Path | str, ev: float = 0.0) -> Array:
    """Develop a RAW file at another exposure.

    The sensor's linear values are scaled by ``2 ** ev`` before white balance clips them, so that a
    darker development shows highlights that the camera's own picture has lost. White balance as
    shot, sRGB colours, no automatic brightening, orientation applied.

    Args:
        path: a RAW file.
        ev: stops; +1 doubles the light.

    Returns:
        (H, W, 3), sRGB in [0, 1].

    Raises:
        ImageError: the extra is not installed, or the file is not a RAW that can be read, or
            larger than `limits` allow.
    """
    rawpy = _import_rawpy(Path(path).name)
    try:
        refuse_special_file(Path(path))
        with rawpy.imread(str(path)) as raw:  # the sensor's values; three colours come later
            check_size(Path(path), raw.sizes.width, raw.sizes.height)
            black = float(np.mean(raw.black_level_per_channel))
            # Values are scaled so that this level becomes white, and clipped there; LibRaw's own
            # exposure shift comes after the white balance, when red and blue are clipped already.
            white = black + (raw.white_level - black) * 2.0**-ev
            pixels = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                adjust_maximum_thr=0.0,
                user_sat=max(1, round(white)),
                output_bps=16,
                gamma=(2.4, 12.92),
            )
    except ImageError:
        raise
    except Exception as error:  # over a damaged file, a decoder raises anything
        raise ImageError(
            f"Expected a RAW photo in {path}, but it does not decode ({error}): replace it."
        ) from error
    developed: Array = pixels.astype(np.float32) / np.float32(65535)
    return developed


def _import_rawpy(name: str) -> Any:
    try:
        import rawpy
    except ImportError as error:
        raise ImageError(
            f"Expected the extra `raw` for {name}, but rawpy is not installed: "
            'run `pip install "exposure-lab[raw]"`.'
        ) from error
    return rawpy
