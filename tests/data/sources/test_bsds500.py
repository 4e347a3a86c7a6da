"""The 500 photos of Berkeley, from an archive like theirs."""

import hashlib
import io
import os
import shutil
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flaky_server import FlakyServer, serve

from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.data.sources import bsds500
from exposure_lab.data.sources.bsds500 import COUNTS, download_bsds500, has_bsds500
from exposure_lab.data.verification.decodable import decode
from exposure_lab.errors import DataError, DownloadError, FilesError
from exposure_lab.parallel import map_items

REAL = Path(__file__).parents[4] / "shared" / "data" / "bsds500"
QUICK = RetryPolicy(connect=2, read=2, wait=0.01, attempts=2)


def make_archive(path: Path, photos: dict[str, bytes]) -> Path:
    """As BSR_bsds500.tgz is laid out: photos under data/images, drawings and code beside them."""
    others = {
        "BSR/BSDS500/data/groundTruth/train/100.mat": b"MATLAB",
        "BSR/BSDS500/data/images/train/Thumbs.db": b"junk",
        "BSR/bench/source/match.cc": b"int main() {}",
        "BSR/documentation/figure.jpg": b"not a photo of the set",
    }
    files = {f"BSR/BSDS500/data/images/{name}": content for name, content in photos.items()}
    with tarfile.open(path, "w:gz", compresslevel=0) as archive:
        for name, content in {**files, **others}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


SMALL = {f"{s}/{i}.jpg": f"{s}{i}".encode() for s, number in COUNTS.items() for i in range(number)}


def content_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.jpg")}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlakyServer]:
    """Serves a small archive in the place of Berkeley's."""
    content = make_archive(tmp_path / "served.tgz", SMALL).read_bytes()
    with serve(content) as server:
        digest = hashlib.sha256(content).hexdigest()
        changed = {"url": f"{server.url}/BSR_bsds500.tgz", "sha256": digest, "size": len(content)}
        monkeypatch.setattr(bsds500, "ARCHIVE", bsds500.ARCHIVE._replace(**changed))
        yield server


def test_only_the_photos_come(server: FlakyServer, tmp_path: Path) -> None:
    out = tmp_path / "bsds500"
    assert not has_bsds500(out)
    download_bsds500(out, retry=QUICK)
    assert content_of(out) == SMALL
    assert sorted(os.listdir(out)) == [
        ".exposure-lab.lock",
        "downloads.json",
        "test",
        "train",
        "val",
    ]
    assert has_bsds500(out)
    download_bsds500(out, retry=QUICK)
    assert len(server.requests) == 1


def test_the_checksum_is_known_before(server: FlakyServer, tmp_path: Path) -> None:
    server.content = make_archive(tmp_path / "b.tgz", {**SMALL, "val/0.jpg": b"!"}).read_bytes()
    with pytest.raises(DownloadError, match=r"Expected BSR_bsds500\.tgz with SHA-256"):
        download_bsds500(tmp_path / "bsds500", retry=QUICK)
    assert not has_bsds500(tmp_path / "bsds500")


@pytest.mark.slow
def test_killed_between_two_folders(server: FlakyServer, tmp_path: Path) -> None:
    """The first folder is in its place, the others are not."""
    out = tmp_path / "bsds500"
    download_bsds500(out, retry=QUICK)
    (out / "val").rename(tmp_path / "val")
    download_bsds500(out, retry=QUICK)
    assert content_of(out) == SMALL


def test_an_archive_of_the_readers(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "mine.tgz", SMALL)
    download_bsds500(tmp_path / "bsds500", archive=archive)
    assert content_of(tmp_path / "bsds500") == SMALL
    assert archive.exists()


def test_too_few_photos(tmp_path: Path) -> None:
    few = {name: content for name, content in SMALL.items() if not name.startswith("val/1")}
    archive = make_archive(tmp_path / "mine.tgz", few)
    with pytest.raises(DataError, match=r"200 train, 100 val, 200 test photos .*200 train, 89 val"):
        download_bsds500(tmp_path / "bsds500", archive=archive)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "mine.tgz", SMALL)
    (tmp_path / "bsds500" / "val").mkdir(parents=True)
    with pytest.raises(FilesError, match="to hold 100 photos, but it does not: move it away"):
        download_bsds500(tmp_path / "bsds500", archive=archive)


def test_where_it_comes_from() -> None:
    """Size and checksum as public projects state them; tensorpack, for one, has the size."""
    assert bsds500.ARCHIVE.url.startswith("https://www2.eecs.berkeley.edu/")
    assert bsds500.ARCHIVE.url.endswith("/BSR_bsds500.tgz")
    assert bsds500.ARCHIVE.size == 70_763_455
    assert (
        bsds500.ARCHIVE.sha256.startswith("97e49d31764f3912") and len(bsds500.ARCHIVE.sha256) == 64
    )


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason=f"the photos are not at {REAL}")
def test_the_real_photos(tmp_path: Path) -> None:
    photos = content_of(REAL)
    assert Counter(name.split("/")[0] for name in photos) == COUNTS
    download_bsds500(tmp_path / "out", archive=make_archive(tmp_path / "real.tgz", photos))
    assert content_of(tmp_path / "out") == photos
    sizes = Counter(found.size for found in map_items(decode, sorted(REAL.rglob("*.jpg"))))
    assert sizes == {(481, 321): 348, (321, 481): 152}  # as `file` counts them


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(FilesError, match=r"downloads\.json, but .* holds .*, such as thesis\.tex"):
        download_bsds500(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("names", [["train", "val", "test"], ["notes.txt", "train"]])
def test_splits_of_somebody_else_are_left_alone(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name / "dog").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FilesError, match=r"(train|test) to be free or to hold 200 photos, but it"):
        download_bsds500(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_split_of_ours_among_other_files(tmp_path: Path) -> None:
    """As a kill leaves it between two folders, where the archive was the reader's own."""
    archive = make_archive(tmp_path / "mine.tgz", SMALL)
    out = tmp_path / "bsds500"
    download_bsds500(out, archive=archive)
    shutil.rmtree(out / "val")
    (out / "notes.txt").touch()
    download_bsds500(out, archive=archive)
    assert content_of(out) == SMALL
