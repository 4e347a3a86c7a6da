"""Paired set from the Berkeley photos: real data for chapters, without an account."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.data.layout import Split
from exposure_lab.data.sample.sample_set import cache_dir
from exposure_lab.data.sources.bsds500 import download_bsds500
from exposure_lab.data.synthesis.synthesize import synthesize
from exposure_lab.data.synthesis.variation import Variation
from exposure_lab.files.ownership import path_lock

SPLITS: dict[str, Split] = {"train": "training", "test": "training", "val": "validation"}
"""Our split for each of the authors'; the 100 that they validate on are held out here too."""

SET_NAME = "bsds500-set-1"
"""Changes when the renderings change, so that an old copy in a user's cache is not taken."""

RETRY_POLICY = RetryPolicy(attempts=2)
"""A chapter without a connection should start with the six photos, and not wait for a minute."""


WAIT = 900.0
"""Seconds that a second chapter waits for the first, which fetches and renders the same."""


def berkeley_set(
    say: Callable[[str], None] = print, rendering: Mapping[str, Any] | None = None
) -> Path:
    """Find the set in the user's cache; downloaded (70 MB) and rendered on first use, in a minute.

    Args:
        say: prints what is under way.
        rendering: arguments of `synthesize` where it is another rendering than the chapters', with
            those of a `Variation` under ``variation``. It has a folder of its own.

    Raises:
        DownloadError: the server can't be reached, or gives something else.
        FilesError: no room, or another process has been at it for too long.
    """
    options = dict(rendering or {})
    name = SET_NAME
    if options:
        digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()
        name = f"{SET_NAME}-{digest[:8]}"
        options["variation"] = Variation(**options.get("variation", {}))
    photos, folder = cache_dir() / "bsds500", cache_dir() / name
    done = folder / ".done"
    if done.exists():
        return folder
    say("Fetching the 500 Berkeley photos and rendering them, once: about a minute.")
    with path_lock(folder, timeout=WAIT):
        if not done.exists():  # by now another chapter may have made it
            download_bsds500(photos, retry=RETRY_POLICY)
            synthesize(photos, folder, by_folder=SPLITS, **options)
            done.touch()
    return folder
