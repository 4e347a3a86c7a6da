"""Download the three parts of MSEC, for research only; run again to go on after a break.

python data_scripts/download_msec.py OUT --accept-license
"""

import sys

from exposure_lab.data.sources.msec import LICENCE, download_msec
from exposure_lab.data.verification.verify import verify
from exposure_lab.errors import ExposureLabError

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print(LICENCE)
    try:
        download_msec(sys.argv[1], accept_license="--accept-license" in sys.argv[2:])
    except ExposureLabError as error:
        sys.exit(f"Error: {error}")
    for problem in verify(sys.argv[1], msec=True, decoding=False).problems:
        where = f"{problem.path} {problem.description}"
        sys.exit(f"{where}: run data_scripts/verify.py for the others.")
    print("Every name is there; data_scripts/verify.py decodes the files.")
