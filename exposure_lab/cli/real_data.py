"""exposure-lab data download-msec, download-bsds500 and verify: sets of real photos."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.terminal import say


class Part(StrEnum):
    """A part of MSEC."""

    training = "training"
    validation = "validation"
    testing = "testing"


def download_msec(
    out: Annotated[Path, typer.Argument(help="Folder of the set; run again to go on.")],
    part: Annotated[
        list[Part] | None, typer.Option(help="One part; repeat for several. Default: all.")
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option("--from", help="A folder or archive that you have: nothing is downloaded."),
    ] = None,
    accept_license: Annotated[
        bool, typer.Option("--accept-license", help="I have read the licence and keep to it.")
    ] = False,
) -> None:
    """Fetch MSEC, the set of the report: 24,330 exposures of 4,866 photos, research use only.

    The set comes from its authors' Google Drive, which refuses all downloads for a day once there
    were too many. Their first host serves browsers only; without --accept-license the command
    prints its addresses: open one, save the .zip, and name it with --from.

    Example: exposure-lab data download-msec runs/msec --part validation --accept-license
    """
    from exposure_lab.data.sources import msec
    from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS
    from exposure_lab.data.verification.verify import verify

    say(msec.LICENCE)
    if not accept_license:
        say("By hand, in a browser; then --from FILE.zip --part PART:")
        for name, address in msec.BY_HAND.items():
            say(f"  {name:<10} {address}")
    if archive is None:
        msec.download_msec(out, part or [], accept_license=accept_license)
    else:
        msec.take_msec(archive, out, part or [], accept_license=accept_license)
    counts, problems = verify(out, msec=True, decoding=False)
    for count in counts:
        say(f"{count.split}: {count.inputs} of {MSEC_COUNTS[count.split]} inputs are there.")
    if problems:
        say(
            f"The names in {out} differ from MSEC in {len(problems)} places, such as "
            f"{problems[0].path}, which {problems[0].description}: "
            "run exposure-lab data verify --msec.",
            err=True,
        )
        raise typer.Exit(1)
    say(f"Now decode every file: exposure-lab data verify {out} --msec --jobs 2")


def download_bsds500(
    out: Annotated[Path, typer.Argument(help="Folder of the photos; run again to go on.")],
    archive: Annotated[
        Path | None,
        typer.Option("--from", help="BSR_bsds500.tgz, if you have it: nothing is downloaded."),
    ] = None,
) -> None:
    """Fetch the 500 photos of the Berkeley Segmentation Data Set, 71 MB, for research.

    The set holds photos, not pairs: exposure-lab data synthesize renders pairs from them.

    Example: exposure-lab data download-bsds500 runs/bsds500
    """
    from exposure_lab.data.sources import bsds500

    bsds500.download_bsds500(out, archive=archive)
    say(f"{sum(bsds500.COUNTS.values())} photos are in {out}.")


def verify(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a set in MSEC layout.")],
    msec: Annotated[
        bool, typer.Option("--msec", help="Compare with MSEC's own list of scenes too.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Check every file of a set: pairs, names, splits, pixels.

    Each fault is named; with any, the exit code is 1.

    Example: exposure-lab data verify runs/msec --msec --jobs 2
    """
    from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS
    from exposure_lab.data.verification.verify import verify

    counts, problems = verify(root, msec=msec, jobs=jobs)
    for count in counts:
        of = f" of {MSEC_COUNTS[count.split]}" if msec else ""
        say(
            f"{count.split}: {count.inputs}{of} inputs of {count.scenes} scenes, "
            f"{count.targets} targets."
        )
    for problem in problems:
        say(f"{problem.path} {problem.description}.")
    if problems:
        say(f"Faults: {len(problems)}.")
        raise typer.Exit(1)
    say("No fault.")
