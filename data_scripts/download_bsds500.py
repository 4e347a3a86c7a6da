"""Download the 500 photos of the Berkeley Segmentation Data Set, for research.

python data_scripts/download_bsds500.py OUT
"""

import sys

from exposure_lab.data.sources.bsds500 import download_bsds500
from exposure_lab.errors import ExposureLabError

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        download_bsds500(sys.argv[1])
    except ExposureLabError as error:
        sys.exit(f"Error: {error}")
    print(f"500 photos are in {sys.argv[1]}; data_scripts/synthesize.py makes pairs of them.")
