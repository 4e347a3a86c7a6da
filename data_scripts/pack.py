"""Pack a paired set for training at the report's scale: every photo decoded once.

python data_scripts/pack.py SET SET.pack
"""

import sys

from exposure_lab.data.pack import pack
from exposure_lab.profiles import load_profile

if __name__ == "__main__":
    data, out = sys.argv[1:3]
    pack(data, out, load_profile("report").data)
    print(f"Packed {data} into {out}.")
