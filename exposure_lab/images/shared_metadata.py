"""Removal of private metadata: how a photo was taken stays, where and by whom goes.

What may stay is listed, and everything else goes: maker notes, XMP and fields of free text hold
places, names and serial numbers in more forms than anybody could list.
"""

from typing import Any

from exposure_lab.images.metadata.exif_block import PREFIX
from exposure_lab.images.metadata.tiff_layout import Description, build_block, describe
from exposure_lab.images.metadata.tiff_tags import TagReader

CAMERA = (271, 272, 282, 283, 296, 306)
"""EXIF tags for make, model, resolution and date. Source: EXIF 2.32, table 4."""

EXPOSURE = (
    *(33434, 33437, 34850, 34855, 34864, 36864, 36867, 36868, 36880, 36881, 36882),
    *(37377, 37378, 37379, 37380, 37381, 37383, 37384, 37385, 37386, 37520, 37521, 37522),
    *(40961, 41986, 41987, 41988, 41989, 41990, 41991, 41992, 41993, 41994),
    *(42034, 42035, 42036),
)
"""EXIF tags for times, exposure, light, sharpness and lens. Source: EXIF 2.32, tables 7 and 8."""

KEPT = ("dpi", "density", "subsampling", "big")
"""What else may stay beside the pixels; `PhotoFile.extras` has the names."""


def without_private(extras: dict[str, Any]) -> dict[str, Any]:
    """Remove places, names, serial numbers, free text and the thumbnail from metadata.

    Args:
        extras: of a photo, see `photo_file.PhotoFile`.
    """
    public = {key: extras[key] for key in KEPT if key in extras}
    if "exif" in extras and (block := _public_exif(extras["exif"])):
        public["exif"] = block
    return public


def _public_exif(block: bytes) -> bytes | None:
    """Build an EXIF block of what may stay; None where nothing is left."""
    full = describe(TagReader(block.removeprefix(PREFIX)))
    public = Description(
        full.order,
        [tag for tag in full.first if tag.number in CAMERA],
        [tag for tag in full.details if tag.number in EXPOSURE],
    )
    return build_block(public) if public.all else None
