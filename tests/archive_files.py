"""Archives as programs write them, and the error message for one that is refused."""

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from exposure_lab.data.download.archive_members import Limits
from exposure_lab.data.download.unpack import unpack
from exposure_lab.errors import DataError


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    """A zip as most programs write it, with entries for folders."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("set")
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: dict[str, bytes]) -> Path:
    """A tar in gzip, with an entry for a folder."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        folder = tarfile.TarInfo("set")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def make_plain_tar(path: Path, files: dict[str, bytes]) -> Path:
    """A tar that is not compressed."""
    path.write_bytes(gzip.decompress(make_tar(path, files).read_bytes()))
    return path


Make = Callable[[Path, dict[str, bytes]], Path]
MAKERS = pytest.mark.parametrize("make", [make_zip, make_tar])


def content_of(folder: Path) -> dict[str, bytes]:
    """Relative path -> content, of every file."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(archive: Path, **options: Limits) -> str:
    """The error message for an archive that is not unpacked; nothing is left of the attempt."""
    folder = archive.parent / "out" / "new"
    with pytest.raises(DataError) as caught:
        unpack(archive, folder, **options)
    assert os.listdir(folder.parent) == []
    assert sorted(os.listdir(archive.parent)) == sorted([archive.name, "out"])
    message = str(caught.value)
    assert message.startswith("Expected ") and message.endswith(".") and message.isprintable()
    assert len(message) < 800
    return message
