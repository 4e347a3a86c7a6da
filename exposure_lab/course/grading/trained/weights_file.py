"""Check of a weights file from a stranger, before anything else reads it; needs no torch."""

from pathlib import Path

import numpy as np

from exposure_lab.errors import GradingError
from exposure_lab.files.safetensors_file import open_safetensors

LARGEST = 64_000_000
"""Bytes of a weights file, at most: ten times that of the capstone's generator."""

MOST_TENSORS = 2_000

READ = ("F16", "F32", "F64", "I64", "I32", "U8", "BOOL")
"""Types of numbers that are read; numpy has no bfloat16."""


def check_weights(path: Path, shown: str) -> None:
    """Check that a file holds finite numbers in the safetensors format, and no more than fit.

    Args:
        path: of the file.
        shown: its name in sentences.

    Raises:
        GradingError: it is something else; one sentence for the student.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise GradingError(
            f"Expected weights of at most {LARGEST / 1e6:.0f} MB in {shown}, but it has "
            f"{size / 1e6:.0f} MB: hand in the generator alone, in half precision."
        )
    try:
        with open_safetensors(path, "numpy") as opened:
            names = list(opened.keys())
            if len(names) > MOST_TENSORS:
                raise ValueError(f"it holds {len(names)} tensors")
            for name in names:
                kind = opened.get_slice(name).get_dtype()
                if kind not in READ:
                    raise ValueError(f"it holds numbers of type {kind}")
                if not np.isfinite(opened.get_tensor(name)).all():
                    raise ValueError(f"{name[:60]!r} holds NaN or infinity")
    except ValueError as error:
        raise GradingError(
            f"Expected finite weights in the safetensors format in {shown}, but {error}: hand in "
            "the file that the template writes."
        ) from None
