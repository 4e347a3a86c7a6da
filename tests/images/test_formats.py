"""Pictures are opened as pictures, by their content, and nothing else is started or waited for."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from exposure_lab.data.verification.decodable import decode
from exposure_lab.errors import ImageError
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.images.formats import FORMATS, open_image
from exposure_lab.images.io import read_image, read_uint8, write_image
from exposure_lab.images.photo_file import read_photo
from exposure_lab.images.raw import read_raw

READERS = {"read_image": read_image, "read_uint8": read_uint8, "read_photo": read_photo}

EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 8 8
%%EndComments
(hostile) show
%%EOF
"""


@pytest.fixture
def ghostscript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for Ghostscript; the file exists once it has been started."""
    started = tmp_path / "started"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gs"
    program.write_text(f"#!/bin/sh\ntouch {started}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # it remembers what it found
    return started


def test_the_trap_is_one(ghostscript: Path, tmp_path: Path) -> None:
    """Pillow alone starts another program for a file that is called a JPEG."""
    (tmp_path / "x.jpg").write_bytes(EPS)
    with Image.open(tmp_path / "x.jpg") as picture, pytest.raises(OSError):
        picture.load()
    assert ghostscript.exists()


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.tif", "x.eps"])
@pytest.mark.parametrize("reader", READERS)
def test_no_other_program_is_started(
    ghostscript: Path, tmp_path: Path, reader: str, name: str
) -> None:
    (tmp_path / name).write_bytes(EPS)
    with pytest.raises(ImageError, match=f"{name}, but it is not an image file"):
        READERS[reader](tmp_path / name)
    assert decode(tmp_path / name).problem == "is not an image file that this program can read"
    assert not ghostscript.exists()


@pytest.mark.parametrize("content", FORMATS)
def test_content_decides_and_not_the_name(tmp_path: Path, photo: Array, content: str) -> None:
    path = tmp_path / "called_so.jpg"
    Image.fromarray(to_uint8(photo)).save(path, format=content)
    pixels = read_image(path)
    assert pixels.shape == photo.shape
    assert float(np.abs(pixels - photo).mean()) < 0.04
    assert decode(path).size == (photo.shape[1], photo.shape[0])


@pytest.mark.parametrize("content", ["PDF", "ICO", "TGA", "PCX", "SGI", "DDS"])
def test_other_formats_are_no_photos(tmp_path: Path, photo: Array, content: str) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(to_uint8(photo)).resize((32, 32)).save(path, format=content)
    with pytest.raises(
        ImageError, match="not an image file that this program can read: replace it"
    ):
        read_image(path)


@pytest.mark.posix("pipes and devices among files")
@pytest.mark.parametrize("suffix", [".jpg", ".dng"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_named_and_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    path = Path(f"special{suffix}")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(ImageError, match=f"special{suffix}.* is a {kind} and no file"):
        read_photo(path)
    assert decode(path).problem == f"is a {kind} and no file"


def test_heif_asks_for_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    (tmp_path / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(ImageError, match=r"extra `heic` for phone\.jpg, .*exposure-lab\[heic\]"):
        read_image(tmp_path / "phone.jpg")
    (tmp_path / "film.jpg").write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isomiso2")
    with pytest.raises(ImageError, match="it is not an image file"):
        read_image(tmp_path / "film.jpg")


@pytest.mark.parametrize("error", [RuntimeError("x"), AssertionError(), RecursionError("deep")])
@pytest.mark.parametrize("reader", READERS)
def test_whatever_a_decoder_raises_names_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: Array, reader: str, error: Exception
) -> None:
    write_image(tmp_path / "photo.png", photo)

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fail)
    with pytest.raises(ImageError, match=r"whole picture in .*photo\.png, but it does not decode"):
        READERS[reader](tmp_path / "photo.png")
    assert decode(tmp_path / "photo.png").problem.startswith("does not decode")


def test_a_raw_file_that_is_none(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    (tmp_path / "photo.dng").write_bytes(b"II*\0" + bytes(100))
    with pytest.raises(ImageError, match=r"photo\.dng, but it does not decode"):
        read_raw(tmp_path / "photo.dng")


@pytest.mark.posix("open files are counted in /proc")
def test_the_file_is_closed_afterwards(tmp_path: Path, photo: Array) -> None:
    write_image(tmp_path / "photo.jpg", photo)
    before = len(os.listdir("/proc/self/fd"))
    with open_image(tmp_path / "photo.jpg") as picture:
        picture.load()
    read_image(tmp_path / "photo.jpg")
    assert len(os.listdir("/proc/self/fd")) == before
