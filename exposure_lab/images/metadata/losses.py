"""Names of what a corrected photo's file cannot keep, and the sentences that a summary prints."""

from collections import Counter
from collections.abc import Iterable

GAIN_MAP, SECOND_PICTURE, FILM = "gain map", "second picture", "film"
CREDENTIALS, MAKER_NOTE, LARGE_EXIF = "content credentials", "maker note", "large EXIF value"
EXTENDED_XMP = "extended XMP"

REASONS = {
    GAIN_MAP: "it was made for the picture as it was, and would brighten the wrong places",
    SECOND_PICTURE: "it shows the photo, or its depth, as it was",
    FILM: "the file holds a single picture now",
    CREDENTIALS: "their signature is of the pixels as they were",
    MAKER_NOTE: "it could not stay where its own addresses point",
    EXTENDED_XMP: "only a JPEG holds one",
    LARGE_EXIF: "a JPEG holds 64 KB of EXIF",
}
"""What can be lost, and why it is."""


def loss_sentences(photos: Iterable[frozenset[str]]) -> list[str]:
    """Describe what was left out of a batch of photos, one sentence a kind, with their number.

    Args:
        photos: what each photo has lost, by the names of this module; see `photo_file.write_photo`.
    """
    counts = Counter(name for losses in photos for name in losses)
    return [
        f"Left out of {counts[name]} {'photo' if counts[name] == 1 else 'photos'}: the {name}, "
        f"since {REASONS[name]}."
        for name in REASONS
        if counts[name]
    ]
