"""Parts of MSEC in a folder: training, validation and testing, each under either of its names."""

from collections.abc import Sequence
from pathlib import Path

from exposure_lab.data.layout import INPUTS, SPLIT_FOLDERS
from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS
from exposure_lab.errors import DataError

PARTS = tuple(MSEC_COUNTS)
"""Names of the parts, as the authors' archives have them."""


def has_part(root: Path, part: str) -> bool:
    """Whether a set has a part of MSEC, by one of its two names."""
    return any((root / name / INPUTS).is_dir() for name in _names(part))


def find_parts(folder: Path, parts: Sequence[str] = ()) -> dict[str, Path]:
    """Find the parts of MSEC in a folder, since no archive is bound to one layout.

    Args:
        folder: looked through to a depth of three.
        parts: those that must be there; none means those that are. If it is only one, a lone
            INPUT_IMAGES whose folder has another name is taken for it.

    Raises:
        DataError: one is not there.
    """
    candidates = [
        path.parent
        for depth in range(4)
        for path in sorted(folder.glob("*/" * depth + INPUTS))
        if path.is_dir()
    ]
    sources = {
        part: candidate
        for part in PARTS
        for candidate in reversed(candidates)
        if candidate.name.lower() in _names(part) and (not parts or part in parts)
    }
    known = {name for names in SPLIT_FOLDERS.values() for name in names}
    alone = len(candidates) == len(parts) == 1
    if not sources and alone and candidates[0].name.lower() not in known:
        return {parts[0]: candidates[0]}
    missing = [part for part in parts if part not in sources]
    if missing or not sources:
        unnamed = candidates and not parts
        raise DataError(
            f"Expected a folder {' and '.join(missing) or ' or '.join(PARTS)} with {INPUTS}, "
            f"but {folder} has {'only others' if candidates else 'none'}: "
            + ("say which part it is with --part." if unnamed else "check the source.")
        )
    return sources


def _names(part: str) -> tuple[str, ...]:
    """Names that the folder of a part may have."""
    return next(names for names in SPLIT_FOLDERS.values() if part in names)
