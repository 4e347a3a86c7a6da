"""Check every file of a set in MSEC layout; exits with 1 if there is a fault.

python data_scripts/verify.py SET [--msec]
"""

import os
import sys

from exposure_lab.data.verification.verify import verify
from exposure_lab.errors import ExposureLabError

if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        counts, problems = verify(
            sys.argv[1], msec="--msec" in sys.argv[2:], jobs=os.cpu_count() or 1
        )
    except ExposureLabError as error:
        sys.exit(f"Error: {error}")
    for count in counts:
        print(f"{count.split}: {count.inputs} inputs of {count.scenes} scenes.")
    for problem in problems:
        print(f"{problem.path} {problem.description}.")
    sys.exit(1 if problems else 0)
