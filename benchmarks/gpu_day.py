"""A GPU day in one call: everything that needs a GPU, in order of worth, within a few minutes.

    python benchmarks/gpu_day.py --minutes 9 --out OUT            on a machine with a GPU
    python benchmarks/gpu_day.py --rehearse --out OUT             two minutes on a CPU, toy sizes

The parts are the tests that need a GPU, the step's speed (`train.py`), the headline experiments of
the study, and the chapters at profile colab. Each is a process of its own with its share of the
time that is left; one that fails or takes too long leaves its reason, and the next one goes on.
OUT gets three files: `gpu_day.json` with the reports of all parts, the study's results in
`gpu_day_study.zip`, and `gpu_day.log`, all written as they come: a kill at any moment loses what
was running and nothing before it.

For a machine that reaches nothing, collect what it lacks first; `--has` names what is there beside
torch and torchvision (see `gpu_day_bundle.py`):

    python benchmarks/gpu_day.py --bundle FOLDER --photos PHOTOS --has scipy matplotlib    here
    sh FOLDER/run.sh OUT 9                                                                 there

PHOTOS holds folders called training, validation and test; without it the package's own six photos
are trained on, which tells times and nothing else.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

HERE = Path(__file__).resolve().parent

SHARES = {"data": 0.4, "tests": 0.16, "train": 0.18, "study": 0.48, "chapters": 0.18}
"""Shares of the time, by their proportion. What a part leaves over goes to those after it: that of
the data is what two slow cores take, and a larger machine leaves most of it."""

GRACE = 5.0
"""Seconds between asking a part to end and ending it."""

MEMORY_DISK = Path("/dev/shm")
MEMORY_DISK_BYTES = 40e9
"""Room from which on it is worked there: eight runs keep two checkpoints of 686 MB each, and a lent
disk may take longer to flush them than the runs take for their steps."""


class Ended(NamedTuple):
    """How a part ended: after so many seconds, and why not well, where it did not."""

    seconds: float
    why: str | None


def share_of(name: str, left: float, names: Sequence[str], shares: Mapping[str, float]) -> float:
    """Seconds of a part: its share of what is left, among itself and the parts after it."""
    coming = names[names.index(name) :]
    return left * shares[name] / sum(shares[one] for one in coming)


def run_part(command: Sequence[str], seconds: float, log: Path) -> Ended:
    """Run a part in a group of processes of its own, and end all of it when its time is over."""
    start = time.monotonic()
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, process_group=0
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            end_group(process)
            return Ended(time.monotonic() - start, f"was stopped after {seconds:.0f} s")
        except BaseException:  # Ctrl-C, or a termination
            end_group(process)
            raise
    why = None if code == 0 else f"ended with {code}: {last_line(log)}"
    return Ended(time.monotonic() - start, why)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Ask a group of processes to end, and end what is left of it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:  # all of it has ended
            break
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def last_line(log: Path) -> str:
    """What a part said last."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def run_day(asked: argparse.Namespace, work: Path) -> int:
    """Run the parts; the number of those that did not end well."""
    from gpu_day_report import KeptReport, forget_reports

    forget_reports(asked.out, asked.parts)
    report = KeptReport("day", asked.out)
    log = asked.out / "gpu_day.log"
    failed = 0
    for name in asked.parts:
        left = asked.until - time.monotonic()
        if left < GRACE:
            report.skip(name, "the time was over before it began")
            continue
        seconds = share_of(name, left, asked.parts, SHARES)
        ended = run_part(command_of(name, asked, work, seconds), seconds, log)
        report.figure(f"{name}_s", ended.seconds)
        if ended.why:
            failed += 1
            report.skip(name, ended.why)
        print(f"{name}: {ended.seconds:.0f} s{', ' + ended.why if ended.why else ''}", flush=True)
    return failed


def command_of(name: str, asked: argparse.Namespace, work: Path, seconds: float) -> list[str]:
    """Command of a part, which is told to end a little before it is ended."""
    command = [sys.executable, str(HERE / f"gpu_day_{name}.py"), "--out", str(asked.out)]
    command += ["--work", str(work), "--seconds", str(max(1.0, seconds - GRACE))]
    if asked.photos:
        command += ["--photos", str(asked.photos)]
    if asked.rehearse:
        command += ["--rehearse"]
    if asked.steps and name == "study":
        command += ["--steps", str(asked.steps)]
    return command


def has_gpu() -> bool:
    """Whether torch sees a GPU."""
    import torch  # whose import the time is counted with

    return bool(torch.cuda.is_available())


def work_on() -> Path | None:
    """The folder to work in: memory, where there is plenty of it, else what the system takes."""
    plenty = MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free >= MEMORY_DISK_BYTES
    return MEMORY_DISK if plenty else None


def options() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description="Use a GPU for a few minutes, and lose none.")
    parser.add_argument("--out", type=Path, default=Path("gpu-day"), help="folder of the results")
    parser.add_argument("--minutes", type=float, default=9.0, help="time for all of it")
    parser.add_argument("--photos", type=Path, help="folders training, validation and test")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=list(SHARES))
    parser.add_argument("--steps", type=int, help="steps of each run of the study")
    parser.add_argument("--rehearse", action="store_true", help="toy sizes, on any machine")
    parser.add_argument("--bundle", type=Path, metavar="FOLDER", help="collect for another machine")
    parser.add_argument("--has", nargs="*", default=[], help="packages that are there already")
    parser.add_argument("--alone", action="store_true", help="this checkout stays here")
    parser.add_argument("--python", default="3.12", help="version of the Python there")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(SHARES):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; parts: {', '.join(SHARES)}")
    return asked


def main() -> int:
    asked = options()
    if asked.bundle:
        from gpu_day_bundle import build_bundle

        return build_bundle(asked.bundle, asked.photos, asked.has, asked.python, asked.alone)
    asked.until = time.monotonic() + 60 * asked.minutes
    if not asked.rehearse and not has_gpu():
        print("Expected a GPU, but torch sees none: go where there is one, or try --rehearse.")
        return 1
    asked.out = asked.out.resolve()
    asked.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="exposure-lab-gpu-day-", dir=work_on()) as work:
        run_day(asked, Path(work))
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that the running part is ended too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
