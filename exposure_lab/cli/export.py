"""exposure-lab export: a network as an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer

from exposure_lab.cli.extras import need_extra
from exposure_lab.cli.terminal import say
from exposure_lab.errors import ConfigError


def export(
    name: Annotated[str, typer.Argument(help="Shipped weights, a weights file or a run folder.")],
    out: Annotated[Path, typer.Argument(help="The new file, ending in .onnx.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Write a network as an ONNX file, which needs no torch: `correct --model OUT.onnx` takes it.

    The file says of itself how other programs run it. It needs the extra `onnx`.

    Example: exposure-lab export unet-16 unet-16.onnx
    """
    if out.suffix != ".onnx":
        raise ConfigError(f"Expected a file name that ends in .onnx, but got {out}.")
    if out.exists() and not overwrite:
        raise ConfigError(
            f"Expected a new file, but {out} exists: choose another name, or replace it with "
            "--overwrite."
        )
    need_extra("onnx", "onnx", "onnxscript")

    from exposure_lab.inference.load import load_network
    from exposure_lab.inference.onnx_export import export_network

    export_network(*load_network(name), out)
    say(f"Wrote {out}.")
