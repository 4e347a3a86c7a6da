"""Render a folder of photos at five exposures, as a paired set in MSEC layout.

python data_scripts/synthesize.py PHOTOS OUT
"""

import os
import sys

from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.errors import ExposureLabError

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    photos, out = sys.argv[1:]
    try:
        written = synthesize(photos, out, val=0.1, test=0.1, jobs=os.cpu_count() or 1)
    except ExposureLabError as error:
        sys.exit(f"Error: {error}")
    print(f"Wrote {written.photos} to {out}.")
    for sentence in written.skipped:
        print(f"Skipped: {sentence}", file=sys.stderr)
    sys.exit(1 if written.skipped else 0)
