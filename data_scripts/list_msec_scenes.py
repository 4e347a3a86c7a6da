"""Write exposure_lab/data/sources/msec_scenes.txt from a table of MSEC's scenes.

    python data_scripts/list_msec_scenes.py msec_scenes.csv

The table has the columns split, scene, gt_file and n_inputs. It was read from the complete file
lists that three public repositories print for their experiments: Exposure-slot
(`Dataset_txt/MSEC_*.txt`), LACT (`data/multi_adobe5k-*.json`) and FECNet
(`groups_*_mixexposure.txt`). They agree but for one scene of the test set, a0016-jmac_MG_0795,
which FECNet's list also trains on. Names and counts are facts; no pixel comes from there.
"""

import csv
import sys
from itertools import groupby
from pathlib import Path

COUNTS = {"training": 3_535, "validation": 150, "testing": 1_181}
TARGET = Path(__file__).resolve().parent.parent / "exposure_lab/data/sources/msec_scenes.txt"
HEADER = """\
# Every scene of the exposure-error set of Afifi et al. 2021 (MSEC), by split; each has five inputs
# and a target called SCENE.jpg. Written by data_scripts/list_msec_scenes.py, which says whence.
"""


def main() -> None:
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["split"], row["scene"]))
    assert all(row["gt_file"] == f"{row['scene']}.jpg" and row["n_inputs"] == "5" for row in rows)
    assert len({row["scene"][:5] for row in rows}) == len(rows), "one FiveK photo in two scenes"
    text = HEADER
    for split, members in groupby(rows, key=lambda row: row["split"]):
        scenes = [row["scene"] for row in members]
        assert len(scenes) == COUNTS[split], split
        text += "\n".join([f"[{split}]", *scenes]) + "\n"
    TARGET.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
