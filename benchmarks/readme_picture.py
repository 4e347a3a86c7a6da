"""README's first picture: a photo too dark and too bright, and as the shipped weights correct it.

    python benchmarks/readme_picture.py    draws book/images/before_after.jpg

The photo is one of the six that ship; the network was trained on others.
"""

from pathlib import Path

import numpy as np

from exposure_lab import Corrector, apply_ev, sample_photo, write_image

PICTURE = Path(__file__).resolve().parent.parent / "book" / "images" / "before_after.jpg"
PHOTO, EVS = "chelsea", (-1.5, 1.5)


def main() -> None:
    photo, correct = sample_photo(PHOTO), Corrector.load()
    panels = []
    for ev in EVS:
        badly_exposed = apply_ev(photo, ev)
        panels += [badly_exposed, correct(badly_exposed)]
    line = np.ones((photo.shape[0], 8, 3), np.float32)
    row = [part for panel in panels for part in (panel, line)][:-1]
    write_image(PICTURE, np.concatenate(row, axis=1), quality=88)


if __name__ == "__main__":
    main()
