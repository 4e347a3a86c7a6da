"""exposure-lab correct: what a photographer sees, on good photos and on a folder of wrecks."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from odd_files import CORRECTABLE, HOPELESS, Fuzzer
from PIL import Image

from exposure_lab import cluster
from exposure_lab.images.array import Array, to_uint8
from exposure_lab.images.io import read_image, write_image
from exposure_lab.images.photo_file import PhotoFile, write_photo


@pytest.fixture
def folder(photo: Array, tmp_path: Path) -> Path:
    """Three photos at two depths."""
    for name in ("a.png", "deep/b.png", "deep/c.tif"):
        write_image(tmp_path / "in" / name, photo)
    return tmp_path / "in"


def names(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def test_correct_never_touches_the_original(
    call, capsys: pytest.CaptureFixture[str], run: Path, photo: Array, tmp_path: Path
) -> None:
    source = tmp_path / "holiday.png"
    write_image(source, photo)
    original = source.read_bytes()
    assert call("correct", source, "--model", run) == 0
    assert read_image(tmp_path / "holiday_corrected.png").shape == photo.shape
    capsys.readouterr()
    assert call("correct", source, "--model", "identity") == 1
    assert "exists: go on with --resume" in capsys.readouterr().err
    assert call("correct", source, "--model", "identity", "--overwrite") == 0
    capsys.readouterr()
    assert call("correct", source, "--model", "identity", "--out", source, "--overwrite") == 1
    assert "is one of them: choose another --out" in capsys.readouterr().err
    assert source.read_bytes() == original


def test_correct_goes_on_after_a_broken_photo(
    call, capsys: pytest.CaptureFixture[str], photo: Array, tmp_path: Path
) -> None:
    for name in ("a", "c"):
        write_image(tmp_path / "in" / "deep" / f"{name}.png", photo)
    (tmp_path / "in" / "deep" / "b.jpg").write_text("no picture")
    code = call("correct", tmp_path / "in", "--model", "identity", "--out", tmp_path / "out")
    assert code == 1
    captured = capsys.readouterr()
    assert "Corrected 2 of 3 photos; 1 failed, named above." in captured.out
    assert captured.err.count("Error: ") == 1
    assert "b.jpg" in captured.err
    written = sorted(path.name for path in (tmp_path / "out" / "deep").iterdir())
    assert written == ["a.png", "c.png"]


@pytest.mark.slow
def test_wrecks_are_named_and_the_rest_is_done(
    call, capsys: pytest.CaptureFixture[str], photo: Array, run: Path, tmp_path: Path
) -> None:
    files = Fuzzer(photo, seed=22).write(tmp_path / "in", 200)
    originals = {path: path.read_bytes() for path in files}
    assert call("correct", tmp_path / "in", "--out", tmp_path / "out", "--model", run) == 1
    captured = capsys.readouterr()
    sentences = [line for line in captured.err.splitlines() if line.startswith("Error: ")]
    assert all(line.startswith("Error: Expected ") for line in sentences)
    written = {path.name for path in (tmp_path / "out").iterdir()}
    lost = [path.name for path in files if path.name not in written]
    assert len(sentences) == len(lost)
    for name in lost:
        assert sum(name in line for line in sentences) == 1, name
    written_kinds = Counter(name.split("_")[1].split(".")[0] for name in written)
    all_kinds = Counter(path.stem.split("_")[1] for path in files)
    assert {kind: written_kinds[kind] for kind in CORRECTABLE} == {
        kind: all_kinds[kind] for kind in CORRECTABLE
    }
    assert not set(HOPELESS) & set(written_kinds)
    for path in (tmp_path / "out").iterdir():
        with Image.open(path) as picture:
            picture.load()
    done, failed = len(written), len(lost)
    assert f"Corrected {done} of 200 photos; {failed} failed, named above." in captured.out
    assert {path: path.read_bytes() for path in files} == originals


def test_nothing_but_the_photo(call, photo: Array, tmp_path: Path) -> None:
    """The weights that ship make a dark photo brighter."""
    write_image(tmp_path / "dark.jpg", photo / 3)
    assert call("correct", tmp_path / "dark.jpg") == 0
    dark, corrected = (read_image(tmp_path / name) for name in ("dark.jpg", "dark_corrected.jpg"))
    assert corrected.mean() > 1.5 * dark.mean()


def test_folder_keeps_its_shape(call, folder: Path, run: Path, tmp_path: Path) -> None:
    assert call("correct", folder, "--out", tmp_path / "out", "--model", run) == 0
    assert names(tmp_path / "out") == ["a.png", "deep/b.png", "deep/c.tif"]


@pytest.mark.slow
def test_several_processes_write_the_same(call, folder: Path, run: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        out = tmp_path / f"out{jobs}"
        assert call("correct", folder, "--out", out, "--jobs", jobs, "--model", run) == 0
    for name in names(tmp_path / "out1"):
        serial, parallel = ((tmp_path / f"out{jobs}" / name).read_bytes() for jobs in (1, 2))
        assert serial == parallel


def test_second_search_passes_over_what_the_first_wrote(
    call, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    for options in ((), ("--overwrite",), ("--side-by-side",)):
        assert call("correct", folder, "--model", "auto-gamma", *options) == 0
        assert "Corrected 3 of 3 photos." in capsys.readouterr().out
    beside = ["a_compared.png", "a_corrected.png"]
    assert [name for name in names(folder) if name.startswith("a")] == ["a.png", *beside]
    inside = folder / "out"
    for options in ((), ("--overwrite",)):
        assert call("correct", folder, "--model", "identity", "--out", inside, *options) == 0
    assert not (inside / "out").exists()


def test_no_original_is_an_output(
    call, capsys: pytest.CaptureFixture[str], folder: Path, photo: Array, tmp_path: Path
) -> None:
    """Neither its own output, nor that of a photo of the same name elsewhere."""
    write_image(tmp_path / "more" / "a.png", photo[::-1])
    originals = {path: path.read_bytes() for path in folder.rglob("*.*")}
    for photos in ([folder], [tmp_path / "more" / "a.png", folder / "deep" / "b.png"]):
        out = folder if len(photos) == 1 else folder / "deep"
        arguments = (*photos, "--out", out, "--overwrite", "--model", "identity")
        assert call("correct", *arguments) == 1
        assert "is one of them: choose another --out" in capsys.readouterr().err
    (tmp_path / "link.png").symlink_to(folder / "a.png")
    arguments = (folder / "a.png", "--out", tmp_path / "link.png", "--overwrite")
    assert call("correct", *arguments, "--model", "identity") == 1
    assert {path: path.read_bytes() for path in originals} == originals


def test_two_photos_of_one_name_both_get_an_output(
    call, capsys: pytest.CaptureFixture[str], folder: Path, photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "other" / "A.PNG", 1 - photo)
    arguments = (folder, tmp_path / "other", "--out", tmp_path / "out", "--model", "identity")
    assert call("correct", *arguments) == 0
    captured = capsys.readouterr()
    assert "Corrected 4 of 4 photos." in captured.out
    assert captured.err.startswith(
        f"Note: {tmp_path}/other/A.PNG becomes A-2.PNG, since {folder}/a.png"
    )
    assert read_image(tmp_path / "out" / "A-2.PNG").mean() == pytest.approx(
        1 - photo.mean(), abs=0.01
    )
    assert call("correct", *arguments, "--resume") == 0
    assert "Corrected 0 of 4 photos; 4 had been corrected before." in capsys.readouterr().out


def test_an_output_that_appears_during_the_batch_stays(
    call, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path, monkeypatch
) -> None:
    """Here while the first photo is read; somebody's picture, and one in another folder."""
    from exposure_lab.inference import batch

    out, read = tmp_path / "out", batch.read_photo

    def read_while_others_write(path: Path) -> PhotoFile:
        (out / "deep").mkdir(parents=True, exist_ok=True)
        (out / "deep" / "b.png").write_bytes(b"somebody's")
        return read(path)

    monkeypatch.setattr(batch, "read_photo", read_while_others_write)
    for option in ((), ("--resume",)):
        assert call("correct", folder, "--out", out, "--model", "identity", *option) == 1 - len(
            option
        )
        assert (out / "deep" / "b.png").read_bytes() == b"somebody's"
    assert "no file at" in capsys.readouterr().err
    assert call("correct", folder, "--out", out, "--model", "identity", "--overwrite") == 0
    assert names(out) == ["a.png", "deep/b.png", "deep/c.tif"]


def test_an_output_is_never_written_through_a_link(
    call, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").symlink_to(tmp_path / "elsewhere.png")
    arguments = ("correct", folder / "a.png", "--out", tmp_path / "out", "--model", "identity")
    assert call(*arguments) == 1
    assert "exists: go on with --resume" in capsys.readouterr().err
    assert call(*arguments, "--overwrite") == 0
    assert not (tmp_path / "elsewhere.png").exists()


def test_a_link_in_a_circle_is_named_and_the_rest_done(
    call, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    (folder / "loop.png").symlink_to("loop.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").symlink_to("a.png")
    assert call("correct", folder, "--out", tmp_path / "out", "--model", "identity") == 1
    captured = capsys.readouterr()
    assert "Corrected 2 of 4 photos; 2 failed, named above." in captured.out
    assert "loop.png" in captured.err and "a.png exists" in captured.err


def tagged_exif() -> bytes:
    """A block that says how a photo was taken, and where, by whom and with which copy."""
    exif = Image.Exif()
    exif.update({271: "Maker", 272: "Model T", 306: "2026:01:02 03:04:05"})
    exif.update({270: "PRIVATE title", 315: "PRIVATE artist", 316: "PRIVATE computer"})
    details = exif.get_ifd(0x8769)
    details.update({33434: 0.004, 34855: 200, 42036: "Lens 50mm", 36867: "2026:01:02 03:04:05"})
    details.update({37500: b"PRIVATE maker note", 37510: b"PRIVATE comment"})
    details.update({42032: "PRIVATE owner", 42033: "PRIVATE body", 42037: "PRIVATE lens"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    return exif.tobytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ((), True),
        (("--strip",), False),
        (("--side-by-side",), False),
        (("--side-by-side", "--keep-metadata"), True),
    ],
)
def test_what_is_made_to_be_shown_tells_nothing_private(
    call, photo: Array, tmp_path: Path, suffix: str, options: tuple[str, ...], kept: bool
) -> None:
    source, out = tmp_path / f"photo{suffix}", tmp_path / f"out{suffix}"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>PRIVATE place</x:xmpmeta>"
    also = {"xmp": xmp} if suffix in (".jpg", ".webp") else {}
    Image.fromarray(to_uint8(photo)).save(source, exif=tagged_exif(), dpi=(300, 300), **also)
    assert b"PRIVATE" in source.read_bytes()
    assert call("correct", source, "--out", out, "--model", "identity", *options) == 0
    assert (b"PRIVATE" in out.read_bytes()) == kept
    with Image.open(out) as picture:
        exif = picture.getexif()
        assert (exif[271], exif[272], exif[306]) == ("Maker", "Model T", "2026:01:02 03:04:05")
        details = exif.get_ifd(0x8769)
        assert (float(details[33434]), details[34855], details[42036]) == (0.004, 200, "Lens 50mm")
        assert (exif.get_ifd(0x8825) != {}) == kept
    with Image.open(source) as picture:
        assert picture.getexif().get_ifd(0x8825) != {}


def test_metadata_at_sixteen_bits_is_stripped_too(call, photo: Array, tmp_path: Path) -> None:
    deep = (photo * 65535).astype(np.uint16)
    for suffix in (".png", ".tif"):
        source, out = tmp_path / f"deep{suffix}", tmp_path / f"out{suffix}"
        write_photo(source, PhotoFile(deep, extras={"exif": tagged_exif()}))
        assert b"PRIVATE" in source.read_bytes()
        assert call("correct", source, "--out", out, "--model", "identity", "--strip") == 0
        assert b"PRIVATE" not in out.read_bytes() and b"Model T" in out.read_bytes()


def test_resume_does_what_is_left(
    call, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("correct", folder, "--out", out, "--model", "identity")
    assert call(*arguments) == 0
    (out / "a.png").unlink()
    modified = (out / "deep" / "b.png").stat().st_mtime_ns
    capsys.readouterr()
    assert call(*arguments) == 1
    captured = capsys.readouterr()
    assert captured.err.count("exists: go on with --resume, replace it with --overwrite") == 2
    (out / "a.png").unlink()
    assert call(*arguments, "--resume") == 0
    assert "Corrected 1 of 3 photos; 2 had been corrected before." in capsys.readouterr().out
    assert (out / "deep" / "b.png").stat().st_mtime_ns == modified


def test_strength_goes_from_nothing_to_everything(
    call, run: Path, photo: Array, tmp_path: Path
) -> None:
    write_image(tmp_path / "photo.png", photo)
    results = {}
    for model in (str(run), "auto-gamma"):
        for strength in (0, 0.5, 1):
            out = tmp_path / f"{strength}.png"
            arguments = ("--out", out, "--strength", strength, "--model", model, "--overwrite")
            assert call("correct", tmp_path / "photo.png", *arguments) == 0
            results[strength] = read_image(out)
        original = read_image(tmp_path / "photo.png")
        assert np.abs(results[0] - original).max() <= 1.01 / 255
        middle = (original + results[1]) / 2
        # Where the whole correction is clipped, half of it need not be.
        unclipped = (results[1] > 0.01) & (results[1] < 0.99)
        assert np.abs(results[0.5] - middle)[unclipped].max() <= 1.6 / 255
    assert call("correct", tmp_path / "photo.png", "--strength", 3) == 2


def test_before_and_after_in_one_picture(call, photo: Array, tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", photo)
    assert call("correct", tmp_path / "photo.png", "--model", "auto-gamma") == 0
    assert call("correct", tmp_path / "photo.png", "--model", "auto-gamma", "--side-by-side") == 0
    both = read_image(tmp_path / "photo_compared.png")
    width = photo.shape[1]
    assert np.array_equal(both[:, :width], read_image(tmp_path / "photo.png"))
    assert np.array_equal(both[:, -width:], read_image(tmp_path / "photo_corrected.png"))
    assert (both[:, width:-width] == 1).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.jpg"], "Expected a picture at .*missing.jpg, but there is no such file"),
        (["text.jpg"], "not an image file that this program can read: replace it"),
    ],
)
def test_single_photos_that_fail(
    call, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    paths = [tmp_path / name for name in arguments]
    assert call("correct", *paths, "--model", "identity") == 1
    assert re.search(sentence, capsys.readouterr().err)


@pytest.mark.slow
def test_wrong_usage(
    call,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_WITHIN", 1)
    (tmp_path / "empty").mkdir()
    for arguments, sentence in [
        ((folder, "--model", "nothing"), "Expected a run folder, a file of weights"),
        ((tmp_path / "empty",), "Expected photos in"),
        ((folder, "--strip", "--keep-metadata"), "Expected --strip or --keep-metadata"),
        ((folder, "--scheduler", "tcp://127.0.0.1:1"), "Expected a Dask scheduler at"),
    ]:
        extra = () if "--model" in arguments else ("--model", "identity")
        assert call("correct", *arguments, *extra) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_no_output_keeps_is_said_once_with_the_number_of_photos(
    call, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path, monkeypatch
) -> None:
    from exposure_lab.inference import batch

    write = batch.write_photo

    def write_and_lose(path: Path, photo: PhotoFile, **options: bool) -> frozenset[str]:
        lost = write(path, photo, **options)
        return lost | {"gain map"} if path.parent.name == "deep" else lost

    monkeypatch.setattr(batch, "write_photo", write_and_lose)
    assert call("correct", folder, "--out", tmp_path / "out", "--model", "identity") == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("Note: Left out of 2 photos: the gain map, since ")
    assert captured.err.count("Note: ") == 1
    assert captured.out == "Corrected 3 of 3 photos.\n"
