"""Make the data set of the replication study from the Berkeley photos and the Kodak suite.

python data_scripts/study_set.py BSDS500 KODAK OUT

BSDS500 is a folder with train/, val/ and test/; KODAK one of 24 photos. The study trains on train/
and test/, and scores on val/ (as testing) and on Kodak's photos (as validation).
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from exposure_lab.data.layout import Split
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.errors import ExposureLabError

SPLITS: dict[str, Split] = {
    "train": "training",
    "test": "training",
    "val": "test",
    "kodak": "validation",
}

if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    berkeley, kodak, out = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="exposure-lab-") as photos:
        for name in SPLITS:
            folder = kodak if name == "kodak" else berkeley / name
            shutil.copytree(folder, Path(photos, name))
        try:
            written = synthesize(photos, out, by_folder=SPLITS, jobs=os.cpu_count() or 1)
        except ExposureLabError as error:
            sys.exit(f"Error: {error}")
    print(f"Wrote {written.photos} to {out}.")
    for sentence in written.skipped:
        print(f"Skipped: {sentence}", file=sys.stderr)
    sys.exit(1 if written.skipped else 0)
