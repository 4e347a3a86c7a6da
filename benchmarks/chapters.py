"""How long each chapter takes alone: an empty folder, an empty cache, nothing trained before.

Then all of them in one go, where a network that several chapters look at is trained once. Figures
are drawn once each, as for whoever runs a notebook, not in all versions of the site.

    python benchmarks/chapters.py --json benchmarks/results/chapters.json    15 minutes, two cores
    python benchmarks/chapters.py --quick                                    the first one alone

On a GPU the same command runs them at profile colab, in half precision as on a T4, on the set that
``EXPOSURE_LAB_DATA`` names or on the Berkeley photos. What a T4 takes is derived from that by the
two cards' FLOPs, by whoever quotes it. Both write what they measured into ``exposure_lab/results``
too, from where a chapter's first cell takes how long it will take.
"""

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from common import Report, arguments, finish

from exposure_lab.publishing.notebook_files import find_chapters
from exposure_lab.publishing.papermill_run import execute
from exposure_lab.runtime import device_name

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "exposure_lab" / "results"
ALONE_S = 60
"""On two cores, at profile smoke."""
ALL_S = 420
"""In one go, with one cache that is empty at the start."""
T4_MINUTES = 30


def seconds(chapters: Sequence[Path], profile: str) -> float:
    """Of one run of these chapters, one after the other, from an empty cache."""
    with tempfile.TemporaryDirectory(prefix="exposure-lab-cache-") as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        start = time.perf_counter()
        for chapter in chapters:
            done = execute(chapter, {"profile": profile}, threading.Event(), for_the_site=False)
            if done.error:
                raise SystemExit(f"{chapter.stem} failed: {done.error}")
        return time.perf_counter() - start


def main() -> None:
    options = arguments("Time the chapters.")
    report = Report("chapters")
    gpu = torch.cuda.is_available()
    device = torch.device("cuda" if gpu else "cpu")
    if gpu:
        os.environ["EXPOSURE_LAB_PRECISION"] = "fp16"
    chapters = find_chapters(ROOT)[: 1 if options.quick else None]
    for chapter in chapters:
        elapsed = seconds([chapter], "colab" if gpu else "smoke")
        if gpu:
            report.figure(f"{chapter.stem}_colab_minutes", elapsed / 60)
            report.bar(f"{chapter.stem}_colab_minutes", "<=", T4_MINUTES)
        else:
            report.figure(f"{chapter.stem}_smoke_s", elapsed)
            report.bar(f"{chapter.stem}_smoke_s", "<=", ALONE_S)
            report.skip(f"{chapter.stem}_colab_minutes", "this machine has no GPU")
    if not gpu and not options.quick:
        report.figure("all_smoke_s", seconds(chapters, "smoke"))
        report.bar("all_smoke_s", "<=", ALL_S)
    finish(report, options.json)
    if options.json and not options.quick:
        # What the first cell of a chapter tells its reader to expect.
        name, unit = ("chapters-gpu", "minutes") if gpu else ("chapters", "s")
        report.write_result(RESULTS / f"{name}.json", unit, device=device_name(device))


if __name__ == "__main__":
    main()
