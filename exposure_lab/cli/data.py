"""exposure-lab data: making paired sets."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli import real_data, synthesize
from exposure_lab.cli.progress import progress
from exposure_lab.cli.terminal import say

app = typer.Typer(help="Make and check paired sets of photos.", no_args_is_help=True)

app.command("download-msec")(real_data.download_msec)
app.command("download-bsds500")(real_data.download_bsds500)
app.command("verify")(real_data.verify)
app.command("synthesize")(synthesize.synthesize)


@app.command()
def sample(out: Annotated[Path, typer.Argument(help="Folder of the new set.")]) -> None:
    """Render the built-in photos at five exposures, as a set in MSEC layout.

    Four photos go to training/, china and flower to validation/.

    Example: exposure-lab data sample runs/sample
    """
    from exposure_lab.data.sample.sample_set import SAMPLE_SPLITS, write_sample

    write_sample(out)
    say(f"Wrote {len(SAMPLE_SPLITS)} photos at five exposures each to {out}.")


@app.command()
def pack(
    data: Annotated[Path, typer.Argument(help="Paired set in MSEC layout.")],
    out: Annotated[Path, typer.Argument(help="The new pack, such as set.pack.")],
    profile: Annotated[
        str, typer.Option(help="The profile that it is for: its scale decides the photos' size.")
    ] = "report",
    jobs: Annotated[int, typer.Option(min=1, help="Processes that decode.")] = 1,
) -> None:
    """Decode a set once, into one file that training maps into memory.

    A run with `--data set.pack` then decodes no JPEG. The set is verified first: if it has faults,
    each is named, and nothing is written.

    Example: exposure-lab data pack msec msec.pack --profile report --jobs 8
    """
    from exposure_lab.data.loading.packed import scale_of
    from exposure_lab.data.packing import pack as pack_set
    from exposure_lab.profiles.load import load_profile

    config = load_profile(profile).data
    packed = 0
    with progress("photo") as show:

        def count(done: int, total: int) -> None:
            nonlocal packed
            packed = done
            show(done, total)

        pack_set(data, out, config, jobs=jobs, on_photo=count)
    say(f"Packed {packed} photos, {scale_of(config)}, into {out}.")
