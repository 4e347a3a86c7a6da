"""Part of `gpu_day.py`: the photos rendered and packed, where the other parts look for them."""

from gpu_day_report import KeptReport, cores, part_of_day
from gpu_day_study import PROFILE, TOY

from exposure_lab.data.layout import Split
from exposure_lab.data.packing import pack
from exposure_lab.data.sample.sample_set import write_sample
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.profiles.load import load_profile

SPLITS: dict[str, Split] = {name: name for name in ("training", "validation", "test")}
"""Folder of photos to the split that it becomes."""


def main() -> None:
    part = part_of_day("Render and pack the photos.")
    report = KeptReport("data", part.out)
    if part.photos is None:
        write_sample(part.data)
    else:
        written = synthesize(part.photos, part.data, by_folder=SPLITS, jobs=cores())
        for split, photos in written.photos.items():
            report.figure(f"{split}_photos", photos)
    report.figure("render_s", part.seconds - part.left)
    config = load_profile("smoke", TOY) if part.rehearse else load_profile(PROFILE)
    jobs = 1 if part.photos is None else cores()
    pack(part.data, part.packed, config.data, jobs=jobs)
    report.figure("render_and_pack_s", part.seconds - part.left)


if __name__ == "__main__":
    main()
