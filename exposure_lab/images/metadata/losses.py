"""Names of what a corrected photo's file cannot keep, and the sentences that a summary prints."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

GAIN_MAP, SECOND_PICTURE, FILM = "gain map", "second picture", "film"
CREDENTIALS, MAKER_NOTE, LARGE_EXIF = "content credentials", "maker note", "large EXIF value"
EXTENDED_XMP, COMMENT, CAPTIONS, TEXT = "extended XMP", "comment", "IPTC", "text of a PNG"

IPTC_RESOURCE = b"8BIM\x04\x04"
"""Beginning of captions and keywords. Source: Photoshop File Formats, resource 0x0404."""

REASONS = {
    GAIN_MAP: "it was made for the picture as it was, and would brighten the wrong places",
    SECOND_PICTURE: "it shows the photo, or its depth, as it was",
    FILM: "the file holds a single picture now",
    CREDENTIALS: "their signature is of the pixels as they were",
    MAKER_NOTE: "it could not stay where its own addresses point",
    EXTENDED_XMP: "only a JPEG holds one",
    CAPTIONS: "only a JPEG and a TIFF hold it",
    COMMENT: "only a JPEG and a PNG hold one",
    TEXT: "only a PNG holds it",
    LARGE_EXIF: "a JPEG holds 64 KB of EXIF",
}
"""What can be lost, and why it is."""


def not_held(suffix: str, extras: dict[str, Any]) -> frozenset[str]:
    """Name the metadata of a photo that a format has no place for.

    Args:
        suffix: of the new file, in lower case.
        extras: of the photo, see `photo_file.PhotoFile`.
    """
    jpeg, png, tiff = (".jpg", ".jpeg"), (".png",), (".tif", ".tiff")
    segments = {name for name, _ in extras.get("segments", [])}
    chunks = {name for name, _ in extras.get("chunks", [])}
    held = {
        EXTENDED_XMP: ("extended_xmp" in extras, jpeg),
        CAPTIONS: (IPTC_RESOURCE in extras.get("photoshop", b""), (*jpeg, *tiff)),
        COMMENT: ("COM" in segments, (*jpeg, *png)),
        TEXT: (bool(chunks & {b"tEXt", b"zTXt", b"iTXt"}), png),
    }
    return frozenset(
        name for name, (is_there, formats) in held.items() if is_there and suffix not in formats
    )


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
