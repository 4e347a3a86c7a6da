"""What the networks that ship do to photos that are dark or bright on purpose.

    python benchmarks/unusual_photos.py --json OUT

Of the 100 photos of BSDS500 that neither network has seen, the three darkest and the three
brightest ones by the mean of their stored values, as they are. A network that leaves them alone
scores 60 dB, the most there is. They are read from ``../shared/data/bsds500/val``, or from
``HELD_OUT``.
"""

from common import Report, arguments, finish, photo_folder

from exposure_lab.images.array import from_uint8, to_uint8
from exposure_lab.images.io import read_image
from exposure_lab.inference.resolve import resolve
from exposure_lab.metrics.pixel import psnr
from exposure_lab.weights.shipped import weight_names

HELD_OUT = photo_folder("HELD_OUT", "bsds500", "val")
EACH = 3


def main() -> None:
    options = arguments(__doc__ or "")
    report = Report("unusual_photos")
    photos = {path.stem: read_image(path) for path in sorted(HELD_OUT.glob("*.jpg"))}
    if not photos:
        report.skip("photos", f"no photos in {HELD_OUT}")
    by_mean = sorted(photos, key=lambda name: float(photos[name].mean()))
    for name in by_mean[:EACH] + by_mean[-EACH:]:
        report.figure(f"{name}_mean", float(photos[name].mean()))
        for model in weight_names():
            after = from_uint8(to_uint8(resolve(model)(photos[name])))
            report.figure(f"{name}_{model}", psnr(after, photos[name]))
            report.figure(f"{name}_{model}_mean", float(after.mean()))
    finish(report, options.json)


if __name__ == "__main__":
    main()
