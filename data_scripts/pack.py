"""Pack a paired set for training at the report's scale: every photo decoded once.

python data_scripts/pack.py SET SET.pack
"""

import os
import sys

from exposure_lab.data.packing import pack
from exposure_lab.errors import ExposureLabError
from exposure_lab.profiles.load import load_profile

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, out = sys.argv[1:]
    try:
        pack(data, out, load_profile("report").data, jobs=os.cpu_count() or 1)
    except ExposureLabError as error:
        sys.exit(f"Error: {error}")
    print(f"Packed {data} into {out}.")
