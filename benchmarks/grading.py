"""Benchmark of grading: wall time a submission, beside nbgrader and otter, and memory.

    python benchmarks/grading.py --json benchmarks/results/grading.json   half an hour
    python benchmarks/grading.py --quick                                  ten submissions, no rivals

Ours are right submissions to chapter 01 (five questions, a variant each), graded by `course grade`
with one process a core, sandbox and pages included; chapter 02, whose sandboxes import torch, is
timed beside it. The rivals grade fewer questions without a sandbox, see `grading_rivals.py`. Memory
is the peak of the grading process itself, whose workers have limits of their own.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Report, arguments, finish
from grading_answers import write_class
from grading_rivals import make_environment, time_nbgrader, time_otter

from exposure_lab.course.grading.record import list_records
from exposure_lab.course.release.manifest import Manifest, read_manifest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(sys.executable).parent / "exposure-lab"
SEED = 20271
CORES = os.cpu_count() or 1
CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""

BARS = {
    "seconds_a_submission": ("<=", 1.5),
    "nbgrader_over_ours": (">=", 3.0),
    "otter_over_ours": (">=", 3.0),
    "memory_1000_over_10": ("<=", 1.05),
    "lost_of_1000_on_dask": ("<=", 0.0),
}


def make_release(folder: Path, chapter: str = "01") -> Manifest:
    """Write a release of one chapter."""
    options = ["--seed", str(SEED), "--chapters", chapter, "--book", str(ROOT / "book")]
    subprocess.run(
        [PROGRAM, "course", "release", folder, *options], check=True, stdout=subprocess.DEVNULL
    )
    return read_manifest(folder)


def grade(release: Path, submissions: Path, out: Path, *how: str) -> tuple[float, float]:
    """Grade a folder; give wall seconds and the peak memory of the process, MB."""
    command: list[str | Path] = [PROGRAM, "course", "grade", submissions]
    command += ["--release", release, "--out", out]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--seed", "1", *how], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    printed = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"course grade failed:\n{printed[-2000:]}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1000


def check_marks(out: Path, manifest: Manifest, students: int) -> int:
    """Count the submissions that lack full marks, or that are not there."""
    points = sum(entry.points for entry in manifest.questions)
    return students - sum(record.earned == points for record in list_records(out))


def measure_ours(report: Report, folder: Path, students: int) -> float:
    """Grade a class with one process a core; give wall seconds a submission."""
    manifest = make_release(folder / "release")
    write_class(folder / "release", manifest, folder / "class", students)
    wall, _ = grade(folder / "release", folder / "class", folder / "grades", "--jobs", str(CORES))
    report.figure("without_full_marks", check_marks(folder / "grades", manifest, students))
    report.bar("without_full_marks", "<=", 0)
    report.figure("submissions", students)
    report.figure("cores", CORES)
    report.figure("seconds_a_submission", wall / students)
    return wall / students


def measure_torch(report: Report, folder: Path, students: int) -> None:
    """Grade a class of chapter 02, whose workers import torch; its cells are as handed out."""
    manifest = make_release(folder / "release-02", "02")
    write_class(folder / "release-02", manifest, folder / "class-02", students, answered=False)
    how = ("--jobs", str(CORES))
    wall, _ = grade(folder / "release-02", folder / "class-02", folder / "grades-02", *how)
    report.figure("seconds_a_submission_with_torch", wall / students)


def measure_rivals(report: Report, folder: Path, ours: float, students: int) -> None:
    """Grade a class with each rival, and say how many times as long a submission takes.

    A rival that fails leaves a reason instead: the other figures took half an hour.
    """
    for rival, measure in (("nbgrader", time_nbgrader), ("otter", time_otter)):
        place = folder / rival
        try:
            programs = make_environment(place / "environment", rival)
            seconds = measure(place, programs, students) / students
        except (RuntimeError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
            report.skip(f"{rival}_over_ours", f"{rival} failed; its output is above the table")
            continue
        report.figure(f"{rival}_seconds_a_submission", seconds)
        report.figure(f"{rival}_over_ours", seconds / ours)


def measure_many(report: Report, folder: Path) -> None:
    """Grade 10 and 1,000 submissions on two Dask workers; compare memory, and count losses."""
    manifest = read_manifest(folder / "release")
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as cluster:
        assert cluster.stdout is not None and cluster.stdin is not None
        how = ["--scheduler", cluster.stdout.readline().strip()]
        peaks = []
        for students in (10, 1000):
            name = f"class-{students}"
            write_class(folder / "release", manifest, folder / name, students)
            out = folder / f"grades-{students}"
            wall, peak = grade(folder / "release", folder / name, out, *how)
            peaks.append(peak)
        cluster.stdin.close()
    report.figure("memory_10_mb", peaks[0])
    report.figure("memory_1000_mb", peaks[1])
    report.figure("memory_1000_over_10", peaks[1] / peaks[0])
    report.figure("seconds_for_1000_on_dask", wall)
    report.figure("lost_of_1000_on_dask", check_marks(out, manifest, students))


def main() -> None:
    options = arguments("Time grading.")
    report = Report("grading")
    with tempfile.TemporaryDirectory(prefix="exposure-lab-") as name:
        folder = Path(name)
        ours = measure_ours(report, folder, 10 if options.quick else 100)
        if options.quick:
            for figure in BARS.keys() - {"seconds_a_submission"}:
                report.skip(figure, "left out by --quick")
        else:
            measure_torch(report, folder, 20)
            measure_rivals(report, folder, ours, 20)
            measure_many(report, folder)
    for figure, (op, bar) in BARS.items():
        report.bar(figure, op, bar)
    finish(report, options.json)


if __name__ == "__main__":
    main()
