"""exposure-lab doctor: what a bug report needs."""

import os
import shutil
from pathlib import Path

import typer


def doctor() -> None:
    """Print versions, device, precision, sandbox and data sets, ready to paste into a bug report.

    Example: exposure-lab doctor
    """
    from exposure_lab.data.pairs import find_pairs, splits_in
    from exposure_lab.data.sample import sample_dir
    from exposure_lab.provenance import provenance
    from exposure_lab.runtime import device_name, start_runtime

    runtime = start_runtime()
    facts = provenance(device_name(runtime.device))
    typer.echo(f"exposure-lab {facts['versions'].pop('exposure-lab')} ({facts['commit']})")
    typer.echo(f"python {facts['python']} on {facts['system']}, {facts['processor']}")
    typer.echo(", ".join(f"{name} {version}" for name, version in facts["versions"].items()))
    typer.echo(f"device {facts['device']}, precision {runtime.precision}, {os.cpu_count()} cores")
    typer.echo(f"sandbox: {'bubblewrap found' if shutil.which('bwrap') else 'bubblewrap missing'}")
    folders = [sample_dir(), *map(Path, filter(None, [os.environ.get("EXPOSURE_LAB_DATA")]))]
    for folder in folders:
        counts = {split: len(find_pairs(folder, split)) for split in splits_in(folder)}
        typer.echo(f"data {folder}: {counts or 'no set in MSEC layout'}")
