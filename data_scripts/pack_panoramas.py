"""Write exposure_lab/data/synthesis/panoramas/*.jxl from the panoramas as their author has them.

    python data_scripts/pack_panoramas.py HDRI

HDRI holds city.exr and the seven others, 1024 by 512, as Blender ships them (the package
blender-data of Debian has them in datafiles/studiolights/world). Reading them takes the package
OpenEXR, which nothing else here needs. Printed is the error of what was written, as a picture of
8 bits would show it: metered (the median is 18 % of white), and two stops to either side.
"""

import sys
from pathlib import Path

import imagecodecs
import numpy as np
import OpenEXR  # type: ignore[import-not-found, unused-ignore]

from exposure_lab.data.synthesis.panoramas.panorama import PANORAMAS, decode_light, encode_light
from exposure_lab.images.srgb import linear_to_srgb

TARGET = Path(__file__).resolve().parent.parent / "exposure_lab/data/synthesis/panoramas"
DISTANCE = 0.05
"""Of JPEG XL, in steps that can just be seen; 0.1 saves 500 KB and adds half of the error."""


def main() -> None:
    total, errors = 0, []
    for name in PANORAMAS:
        with OpenEXR.File(str(Path(sys.argv[1], f"{name}.exr"))) as file:
            light = np.asarray(file.channels()["RGB"].pixels, np.float32)
        light = np.maximum(light, 0)  # the noise of their compression goes below
        content = imagecodecs.jpegxl_encode(encode_light(light), distance=DISTANCE, effort=7)
        (TARGET / f"{name}.jxl").write_bytes(content)
        written, median = decode_light(imagecodecs.jpegxl_decode(content)), np.median(light)
        gains = [0.18 / median * 2.0**ev for ev in (-2, 0, 2)]
        pairs = [[linear_to_srgb(np.minimum(x * g, 1)) for x in (light, written)] for g in gains]
        errors.append([255 * float(np.sqrt(np.mean((a - b) ** 2))) for a, b in pairs])
        total += len(content)
        print(f"{name}: {len(content)} bytes, grey levels off (RMS) {np.round(errors[-1], 2)}")
    print(f"all: {total} bytes, grey levels off (RMS) {np.round(np.mean(errors, axis=0), 2)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
