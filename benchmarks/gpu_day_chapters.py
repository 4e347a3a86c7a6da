"""Part of `gpu_day.py`: how long each chapter takes alone at profile colab, and how much memory.

In half precision as on a T4, each in its own process, folder and cache, the quickest first. Its
code cells are run one after another by `gpu_day_cells.py`: papermill and a kernel would be nine
packages more to take along, and could not say what was the most memory on the GPU. What they cost
beyond that, about two seconds a chapter, is therefore not in these times.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from gpu_day_report import ROOT, KeptReport, Part, part_of_day

from exposure_lab.files.json_files import read_json_object

CELLS = Path(__file__).with_name("gpu_day_cells.py")
T4_MINUTES = 30
"""As `chapters.py` has it."""

LARGEST_SHARE = 0.5
"""Of the time that is left, for one chapter: a long one leaves as much to those after it."""


def chapters(rehearse: bool) -> list[Path]:
    """The notebooks, those first that were quickest when they were timed last; rehearsed, one."""
    timed = read_json_object(ROOT / "benchmarks" / "results" / "chapters.json")["figures"]
    found = sorted(
        (ROOT / "book").glob("[0-9][0-9]_*.ipynb"),
        key=lambda path: (timed.get(f"{path.stem}_smoke_s", 60.0), path.stem),
    )
    return [min(found)] if rehearse else found


def environment(part: Part, cache: str) -> dict[str, str]:
    """Of a chapter that nobody watches, with empty caches: ours, IPython's and the compiler's."""
    own = {"EXPOSURE_LAB_HEADLESS": "1", "MPLBACKEND": "agg", "NO_COLOR": "1"}
    own |= {"XDG_CACHE_HOME": cache, "IPYTHONDIR": cache}
    own |= {"TORCHINDUCTOR_CACHE_DIR": str(Path(cache, "inductor"))}
    if not part.rehearse:
        own["EXPOSURE_LAB_DATA"] = str(part.data)
    if torch.cuda.is_available():
        own["EXPOSURE_LAB_PRECISION"] = "fp16"
    return os.environ | own


def run_chapter(chapter: Path, profile: str, part: Part, report: KeptReport) -> None:
    """Run one chapter, and record what it took or why it did not end."""
    name, seconds = chapter.stem, part.left * LARGEST_SHARE
    with tempfile.TemporaryDirectory(dir=part.work) as folder:
        (Path(folder) / "empty").mkdir()
        measured = Path(folder) / "measured.json"
        command = [sys.executable, CELLS, chapter, profile, measured]
        try:
            done = subprocess.run(
                list(map(str, command)),
                cwd=Path(folder) / "empty",
                env=environment(part, folder),
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            why = f"did not end in {seconds:.0f} s, {LARGEST_SHARE:.0%} of what was left"
            report.skip(f"{name}_{profile}_minutes", why)
            return
        figures = read_json_object(measured) if measured.exists() else {}
    if done.returncode or "seconds" not in figures:
        why = figures.get("error", f"ended with {done.returncode}")
        report.skip(f"{name}_{profile}_minutes", str(why))
        return
    report.figure(f"{name}_{profile}_minutes", figures["seconds"] / 60)
    report.figure(f"{name}_memory_mb", figures["memory_mb"])
    if torch.cuda.is_available():
        report.bar(f"{name}_{profile}_minutes", "<=", T4_MINUTES)
        report.figure(f"{name}_gpu_memory_mb", figures["gpu_memory_mb"])


def main() -> None:
    part = part_of_day("Time the chapters.")
    report = KeptReport("chapters", part.out)
    profile = "smoke" if part.rehearse else "colab"
    for chapter in chapters(part.rehearse):
        if part.left < 5:
            report.skip(f"{chapter.stem}_{profile}_minutes", "the time was over before it began")
            continue
        print(f"{chapter.stem}, {part.left:.0f} s left", flush=True)
        run_chapter(chapter, profile, part, report)


if __name__ == "__main__":
    main()
