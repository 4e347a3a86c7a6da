"""Walk over a folder at any depth: the files by their suffix, and what the walk does not enter."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from exposure_lab.files.ownership import SYSTEM_FILES


class FolderListing(NamedTuple):
    """Files below a folder, by suffix, but for names that begin with a dot."""

    found: list[Path]
    """Those with one of the suffixes, in order."""
    others: list[Path]
    """The others, in order."""
    refused: list[str]
    """One sentence for each folder that was not entered."""


def list_folder(folder: Path, suffixes: Collection[str]) -> FolderListing:
    """List the files below a folder, at any depth, whatever single folders in it refuse.

    Folders whose name begins with a dot are passed over. A link to a folder is not followed, since
    it may lead in a circle; it is named, as is a folder that the system refuses.

    Args:
        folder: itself it may be a link.
        suffixes: of the files that are looked for, in lower case.
    """
    listing = FolderListing([], [], [])

    def refuse(error: OSError) -> None:
        listing.refused.append(
            f"Expected to be allowed to look into {error.filename}, but the system refuses "
            f"({error.strerror}): change its permissions."
        )

    for parent, folders, names in os.walk(folder, onerror=refuse):
        inside = Path(parent)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        listing.refused.extend(
            f"Expected folders below {folder}, but {inside / name} is a link to one, which is not "
            "followed: run again on the folder that it leads to."
            for name in folders
            if os.path.islink(inside / name)
        )
        for name in names:
            if name.startswith(".") or name.lower() in SYSTEM_FILES:
                continue
            is_wanted = os.path.splitext(name)[1].lower() in suffixes
            (listing.found if is_wanted else listing.others).append(inside / name)
    for paths in (listing.found, listing.others):
        # By the parts: paths of Windows sort without case, and a seed draws splits from the order.
        paths.sort(key=lambda path: path.parts)
    return listing
