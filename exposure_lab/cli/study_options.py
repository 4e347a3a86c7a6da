"""Options that the commands of `exposure-lab study` share."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.study import OWN_PROFILE

Out = Annotated[Path, typer.Option(help="Folder of the results, one JSON file an experiment.")]
Profile = Annotated[str, typer.Option(help="smoke, laptop, colab, study or report.")]
Seeds = Annotated[
    int | None, typer.Option(min=2, help="Paired seeds; else as many as the claims ask for.")
]


def folder_of_profile(out: Path, profile: str) -> Path:
    """Find the folder, in that of all results, of those of a profile."""
    return out if profile == OWN_PROFILE else out / profile
