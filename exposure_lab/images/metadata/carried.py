"""Metadata that a photo's file holds, in any format: read as bytes, and made true once upright."""

import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from exposure_lab.images.metadata import losses
from exposure_lab.images.metadata.exif_block import (
    PREFIX,
    TURNED,
    XMP_TAG,
    describes_anything,
    orientation_in,
    upright_block,
)
from exposure_lab.images.metadata.exif_limits import block_of_tiff
from exposure_lab.images.metadata.jpeg_segments import (
    GAIN_MAP_MARKS,
    carried_segments,
    photoshop_resources,
)
from exposure_lab.images.metadata.png_chunks import describing_chunks, exif_and_xmp, read_chunks
from exposure_lab.images.metadata.tiff_layout import describe
from exposure_lab.images.metadata.tiff_tags import TagReader
from exposure_lab.images.metadata.xmp import Packet

PHOTOSHOP_TAG, PROFILE_TAG = 34377, 34675


@dataclass(frozen=True)
class Carried:
    """What a file says beside its pixels, before the photo is upright."""

    orientation: int = 1
    """1 to 8, as EXIF counts: how the stored pixels are to be shown."""
    extras: dict[str, Any] = field(default_factory=dict)
    """See `photo_file.PhotoFile.extras`."""
    losses: frozenset[str] = frozenset()
    """See `losses`."""
    profile: bytes | None = None
    """The ICC profile of a TIFF; elsewhere Pillow has it, or `png_colour`."""


def read_carried(path: Path, picture: Image.Image | None) -> Carried:
    """Read the metadata of a photo. Broken metadata are no reason to refuse it.

    EXIF's orientation counts; XMP's does where EXIF has none, as Pillow does it and Apple's
    programs; and a HEIC is upright once it is decoded.

    Args:
        path: the file.
        picture: the same file as Pillow has opened it; None for a TIFF.
    """
    if picture is None:
        return _of_tiff(path)
    info = picture.info
    extras: dict[str, Any] = {}
    lost: frozenset[str] = frozenset()
    if picture.format in ("JPEG", "MPO"):
        extras, lost = _of_jpeg(path, picture)
    elif picture.format == "PNG":
        chunks = read_chunks(path)
        extras["exif"], extras["xmp"] = exif_and_xmp(chunks)
        extras["chunks"] = describing_chunks(chunks)
        if any(name == b"caBX" for name, _ in chunks):
            lost = frozenset({losses.CREDENTIALS})
    else:
        extras = {key: info[key] for key in ("exif", "xmp") if isinstance(info.get(key), bytes)}
        if any("gainmap" in str(name).lower() for name in info.get("aux", {})):
            lost = frozenset({losses.GAIN_MAP})
    if info.get("dpi"):
        extras["dpi"] = info["dpi"]
    if picture.format != "HEIF":
        orientation = _orientation(extras)
        return _upright(orientation, orientation in TURNED, extras, lost)
    stored = info.get("original_orientation")  # the pixels are upright, the tags say the old sides
    return _upright(1, stored in TURNED, extras, lost)


def _of_jpeg(path: Path, picture: Image.Image) -> tuple[dict[str, Any], frozenset[str]]:
    extras, lost = carried_segments(picture.applist)  # type: ignore[attr-defined]
    if losses.SECOND_PICTURE in lost:
        content = path.read_bytes()
        if any(mark in content for mark in GAIN_MAP_MARKS):
            lost = (lost - {losses.SECOND_PICTURE}) | {losses.GAIN_MAP}
    if "jfif_density" in picture.info:
        extras["density"] = (picture.info.get("jfif_unit", 0), *picture.info["jfif_density"])
    if resources := photoshop_resources(extras.get("segments", [])):
        extras["photoshop"] = resources
    return extras, lost


def _of_tiff(path: Path) -> Carried:
    with path.open("rb") as file:
        try:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (ValueError, OSError):  # an empty file; its decoder says so
            return Carried()
        with data:
            reader = TagReader(data)
            first = reader.directory(reader.first)
            kept = {
                number: tag.value
                for number in (XMP_TAG, PHOTOSHOP_TAG, PROFILE_TAG)
                if (tag := first.find(number))
            }
            stated = orientation_in(reader)
            description = describe(reader)
    block, note = block_of_tiff(
        description.only(lambda tag: tag.number not in (XMP_TAG, PHOTOSHOP_TAG))
    )
    extras: dict[str, Any] = {
        "exif": block if description.all else b"",
        "maker_note_at": note,
        "xmp": kept.get(XMP_TAG, b""),
        "photoshop": kept.get(PHOTOSHOP_TAG, b""),
        "big": reader.big,
    }
    orientation = (Packet(extras["xmp"]).orientation or 1) if stated is None else stated
    carried = _upright(orientation, orientation in TURNED, extras, frozenset())
    return Carried(orientation, carried.extras, carried.losses, kept.get(PROFILE_TAG))


def _orientation(extras: dict[str, Any]) -> int:
    stated = (
        orientation_in(TagReader(extras["exif"].removeprefix(PREFIX)))
        if extras.get("exif")
        else None
    )
    if stated is None and extras.get("xmp"):
        stated = Packet(extras["xmp"]).orientation
    return stated or 1


def _upright(
    orientation: int, sides_swapped: bool, extras: dict[str, Any], lost: frozenset[str]
) -> Carried:
    """Make metadata true of the photo as it is stored once it is upright."""
    extras = {key: value for key, value in extras.items() if value}
    if "exif" in extras:
        extras["exif"] = upright_block(extras["exif"], sides_swapped)
        if not describes_anything(extras["exif"]):
            del extras["exif"]
    if sides_swapped:
        for key in ("dpi", "density"):
            if key in extras:
                *unit, one, other = extras[key]
                extras[key] = (*unit, other, one)
        if "chunks" in extras:
            extras["chunks"] = [
                (name, content[4:8] + content[:4] + content[8:] if name == b"pHYs" else content)
                for name, content in extras["chunks"]
            ]
    for key in ("xmp", "extended_xmp"):
        if key not in extras:
            continue
        packet = Packet(extras[key])
        if packet.has_gain_map:
            lost = (lost - {losses.SECOND_PICTURE}) | {losses.GAIN_MAP}
        if packet.has_film:
            lost |= {losses.FILM}
        packet.make_upright(sides_swapped)
        packet.drop_followers()
        extras[key] = bytes(packet)
    return Carried(orientation, extras, lost)
