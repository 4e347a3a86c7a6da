"""A kernel of this very interpreter, whatever else a machine calls `python3`."""

import os
from pathlib import Path


def own_kernel(scratch: Path) -> dict[str, str]:
    """Describe a kernel of this interpreter, under the name that every chapter asks for.

    A description of that name which some other program has installed for the user would be found
    before that of this environment; it may belong to another Python, or to one that is gone.

    Args:
        scratch: folder that lives as long as the kernel.

    Returns:
        The variable by which Jupyter finds this description first, for the environment of papermill
        or nbval.
    """
    from ipykernel.kernelspec import write_kernel_spec

    folder = scratch / "jupyter"
    write_kernel_spec(folder / "kernels" / "python3")
    folders = [str(folder), os.environ.get("JUPYTER_PATH", "")]
    return {"JUPYTER_PATH": os.pathsep.join(filter(None, folders))}
