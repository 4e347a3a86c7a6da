"""What the colours of a PNG mean: its chunks cICP, iCCP, sRGB, gAMA and cHRM as one profile."""

# Source: PNG specification (third edition), 4.3 and 11.3.2; ITU-T H.273, tables 2 and 3.

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from exposure_lab.images.formats import UnusableImageError
from exposure_lab.images.metadata.png_chunks import inflated

D65 = (0.3127, 0.3290)
SRGB = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
PRIMARIES = {
    1: SRGB,
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
"""White, red, green and blue (x, y) by their number in H.273."""

BT709, SRGB_CURVE, HDR = (1, 6, 14, 15), 13, {16: "PQ", 18: "HLG"}
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
UNSPECIFIED = 2
REMEDY = "save it with an ICC profile"
USUAL_GAMMA = 0.45455
"""What files say that mean sRGB. Source: PNG specification, 11.3.2.2."""


def png_profile(chunks: list[tuple[bytes, bytes]], grey: bool, path: Path) -> bytes | None:
    """Find the colour profile that a PNG's chunks amount to; None is sRGB.

    The first of cICP, iCCP, sRGB, gAMA with cHRM counts, as the specification says.

    Args:
        chunks: names and contents, see `png_chunks.read_chunks`.
        grey: whether the picture has no colours.
        path: of the file, for the error.

    Raises:
        ImageError: HDR, or numbers that name no colours.
    """
    found = dict(reversed(chunks))
    code = found.get(b"cICP", b"")
    if len(code) == 4 and UNSPECIFIED not in code[:2]:
        return _coded(code, grey, path)
    if b"iCCP" in found:
        _, _, rest = found[b"iCCP"].partition(b"\0")
        if profile := inflated(rest[1:]):
            return profile
    if b"sRGB" in found:
        return None
    gamma, corners = found.get(b"gAMA", b""), found.get(b"cHRM", b"")
    colours = (
        tuple(x / 100_000 for x in struct.unpack(">8L", corners)) if len(corners) == 32 else SRGB
    )
    encoding = int.from_bytes(gamma, "big") / 100_000 if len(gamma) == 4 else 0
    is_usual = not encoding or abs(encoding - USUAL_GAMMA) < 0.005
    if is_usual and (grey or np.allclose(colours, SRGB, atol=0.002)):
        return None
    if is_usual:
        return _profile(colours, grey, path, curve=_srgb_light)
    if not 0.1 <= encoding <= 10:
        problem = f"says a gamma of {encoding:g} in its chunk gAMA"
        raise UnusableImageError(path, "colours that are possible", problem, REMEDY)
    return _profile(colours, grey, path, gamma=1 / encoding)


def _coded(code: bytes, grey: bool, path: Path) -> bytes | None:
    primaries, transfer, matrix, full_range = code
    if transfer in HDR:
        problem = f"says HDR in its cICP chunk ({HDR[transfer]})"
        raise UnusableImageError(path, "a picture for screens", problem, "convert it to SDR first")
    known = transfer in (*BT709, *GAMMAS, SRGB_CURVE)
    if primaries not in PRIMARIES or not known or matrix != 0 or full_range != 1:
        problem = f"says {tuple(code)} in its cICP chunk"
        raise UnusableImageError(path, "colours that are known", problem, REMEDY)
    if transfer == SRGB_CURVE and (grey or primaries == 1):
        return None
    if transfer in GAMMAS:
        return _profile(PRIMARIES[primaries], grey, path, gamma=GAMMAS[transfer])
    curve = _srgb_light if transfer == SRGB_CURVE else _bt709_light
    return _profile(PRIMARIES[primaries], grey, path, curve=curve)


def _profile(
    colours: tuple[float, ...],
    grey: bool,
    path: Path,
    gamma: float | None = None,
    curve: "Callable[[np.ndarray], np.ndarray] | None" = None,
) -> bytes:
    import imagecodecs  # here, since most photos do not need it

    values = None if curve is None else curve(np.linspace(0, 1, 4096)).astype(np.float32)
    try:
        made = imagecodecs.cms_profile(
            "gray" if grey else "rgb",
            whitepoint=list(colours[:2]),
            primaries=None if grey else list(colours[2:]),
            gamma=gamma,
            transferfunction=values,
        )
    except Exception as error:
        problem = "says others in its chunks gAMA and cHRM"
        raise UnusableImageError(path, "colours that are possible", problem, REMEDY) from error
    profile = bytearray(made)
    profile[24:36] = struct.pack(">6H", 2022, 1, 1, 0, 0, 0)  # the same bytes on any day
    profile[84:100] = bytes(16)  # a hash that would cover the date
    return bytes(profile)


def _srgb_light(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _bt709_light(values: np.ndarray) -> np.ndarray:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))
