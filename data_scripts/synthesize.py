"""Render a folder of photos at five exposures, as a paired set in MSEC layout.

python data_scripts/synthesize.py PHOTOS OUT
"""

import sys

from exposure_lab.data.photo_sets import synthesize

if __name__ == "__main__":
    photos, out = sys.argv[1:3]
    written = synthesize(photos, out, val=0.1, test=0.1)
    print(f"Wrote {written.photos} to {out}.")
    for sentence in written.skipped:
        print(f"Skipped: {sentence}", file=sys.stderr)
    sys.exit(1 if written.skipped else 0)
