"""Nothing that a photographer wrote is lost: groups of metadata, with exiftool as the reader."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from camera_files import FIRMWARE, OWNER, described_photo, exiftool

from exposure_lab.data.verification.decodable import decode
from exposure_lab.images.io import read_image
from exposure_lab.images.photo_file import read_photo, write_photo

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool (libimage-exiftool-perl) is not installed"
)
FILES = {
    "JPEG": (".jpg", False),
    "PNG, 8 bits": (".png", False),
    "PNG, 16 bits": (".png", True),
    "TIFF, 8 bits": (".tif", False),
    "TIFF, 16 bits": (".tif", True),
    "WebP": (".webp", False),
}
GROUPS = {  # what a group is made of, as exiftool names it
    "EXIF": ("IFD0:Make", "IFD0:Model", "ExifIFD:ExposureTime"),
    "maker note": ("Canon:CanonImageType", "Canon:CanonFirmwareVersion", "Canon:OwnerName"),
    "GPS": ("GPS:GPSLatitude", "GPS:GPSLatitudeRef"),
    "IPTC": ("IPTC:Caption-Abstract", "IPTC:Keywords"),
    "XMP": ("XMP-dc:Title", "XMP-xmp:Rating"),
    "ICC": ("ICC_Profile:ProfileDescription", "ICC_Profile:RedMatrixColumn"),
    "comment": ("File:Comment", "PNG:Comment", "PNG:Author"),
    "resolution": ("IFD0:XResolution", "JFIF:XResolution", "JFIF:ResolutionUnit"),
}
LAYOUT = {"File", "System", "Composite", "ExifTool", "RIFF", "VP8"}
CHANGED = {"Orientation", "ImageSize", "ImageWidth", "ImageHeight", "StripOffsets", "ProfileName"}
CHANGED |= {"RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "SubfileType"}


@cache
def tags(path: Path) -> dict[str, Any]:
    """Every tag that exiftool finds, as GROUP:NAME."""
    (found,) = json.loads(exiftool("-json", "-a", "-G1", "-s", path.name, cwd=path.parent))
    return dict(found)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """A described photo of each kind, the same written once, and once more."""
    files = {}
    for name, (suffix, deep) in FILES.items():
        folder = tmp_path_factory.mktemp("described")
        paths = [described_photo(folder, suffix, deep)]
        for number in (1, 2):
            paths.append(folder / f"{number}{suffix}")
            write_photo(paths[-1], read_photo(paths[-2]))
        files[name] = paths
    return files


@needs_exiftool
@pytest.mark.parametrize("name", FILES)
def test_every_tag_stays(corrected: dict[str, list[Path]], name: str) -> None:
    source, once, twice = map(tags, corrected[name])

    def describing(found: dict[str, Any]) -> dict[str, Any]:
        return {
            tag: value
            for tag, value in found.items()
            if tag.split(":")[0] not in LAYOUT and tag.split(":")[-1] not in CHANGED
            if tag not in ("ExifIFD:ExifImageWidth", "ExifIFD:ExifImageHeight", "SourceFile")
        }

    assert describing(once) == describing(source)
    assert describing(twice) == describing(source)
    assert once["Canon:CanonFirmwareVersion"] == FIRMWARE
    assert once["Canon:OwnerName"] == OWNER


@needs_exiftool
@pytest.mark.parametrize("name", FILES)
def test_a_turned_photo_is_upright_once(corrected: dict[str, list[Path]], name: str) -> None:
    source, once, twice = corrected[name]
    assert read_image(source).shape == (60, 40, 3)
    assert decode(source).size == decode(once).size == (40, 60)
    for path in (once, twice):
        assert read_image(path).shape == (60, 40, 3)
        found = tags(path)
        turned = [
            tag
            for tag, value in found.items()
            if "Orientation" in tag
            if value != "Horizontal (normal)"
        ]
        assert not turned
        assert (found["ExifIFD:ExifImageWidth"], found["ExifIFD:ExifImageHeight"]) == (40, 60)
        assert found["Composite:ImageSize"] == "40x60"


@needs_exiftool
def test_the_table_in_readme_is_measured(corrected: dict[str, list[Path]]) -> None:
    lines = ["| | " + " | ".join(GROUPS) + " |", "|---" * (len(GROUPS) + 1) + "|"]
    for name, paths in corrected.items():
        source, once = tags(paths[0]), tags(paths[1])
        cells = []
        for wanted in GROUPS.values():
            held = {tag: source[tag] for tag in wanted if tag in source}
            kept = all(once.get(tag) == value for tag, value in held.items())
            cells.append(("kept" if kept else "LOST") if held else "none")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    assert "\n".join(lines) in (ROOT / "README.md").read_text(encoding="utf-8"), "\n".join(lines)
