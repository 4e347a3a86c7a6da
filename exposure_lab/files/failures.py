"""Sentences for what goes wrong with one file of many, so that the others are done all the same."""

import traceback
from pathlib import Path

from exposure_lab.errors import ExposureLabError

OUT_OF_MEMORY = ("DefaultCPUAllocator", "out of memory", "ALLOC_FAILED", "bad_alloc")
"""Words that mark the RuntimeError of torch, or of a library that it calls, as a lack of memory."""


def explain_failure(path: Path | str, error: Exception) -> str:
    """Explain what stopped the work on one file, with the name of the file in it.

    Args:
        path: the file that was read.
        error: whatever was raised over it, also where that is a fault of this program.
    """
    if isinstance(error, ExposureLabError):
        # What is wrong with pixels, and not with a file, is said without the file's name.
        return str(error) if str(path) in str(error) else f"{path}: {error}"
    if _is_lack_of_memory(error):
        return (
            f"Expected memory for {path}, but there is not enough: close other programs, run with "
            "fewer --jobs, or shrink the photo first."
        )
    if isinstance(error, OSError) and error.errno is not None:
        at = f" at {error.filename}" if error.filename not in (None, str(path)) else ""
        return (
            f"Expected to read {path} and to write what becomes of it, but the system refuses "
            f"({error.strerror or error}{at}): look at the disk and run again."
        )
    return (
        f"Expected to read {path} and to write what becomes of it, but this program fails over it "
        f"({_describe(error)}): leave it out, and please report this sentence."
    )


def explain_death(path: Path | str) -> str:
    """Explain that the process that worked on a file was ended over it, and alone a second time."""
    return (
        f"Expected a process to work on {path} to its end, but the system ended it twice, most "
        "likely for want of memory: close other programs, or shrink the photo first."
    )


def _is_lack_of_memory(error: Exception) -> bool:
    words = isinstance(error, RuntimeError) and any(word in str(error) for word in OUT_OF_MEMORY)
    return words or isinstance(error, MemoryError)


def _describe(error: Exception) -> str:
    """Type, message and place of an error, in one line."""
    message = " ".join(str(error).split())
    told = f"{type(error).__name__}: {message}" if message else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{told}, {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else told
