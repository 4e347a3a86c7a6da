"""The real set: its list of scenes, its licence, and parts that come from a server or a reader."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flaky_server import Answer, FlakyServer, serve

from exposure_lab.data.download.http_request import open_url
from exposure_lab.data.download.remote_archive import RemoteArchive
from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.data.sources import msec
from exposure_lab.data.sources.msec import download_msec, take_msec
from exposure_lab.data.sources.msec_parts import find_parts
from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS, msec_scenes
from exposure_lab.errors import ConfigError, DataError, DownloadError, FilesError

QUICK = RetryPolicy(connect=2, read=2, wait=0.01, attempts=2)
JPEG = b"\xff\xd8 stands for a photo"


def test_list_of_scenes() -> None:
    """Counts of the authors; MIT-Adobe FiveK has 5,000 photos, a0001 to a5000."""
    scenes = msec_scenes()
    assert {split: 5 * len(names) for split, names in scenes.items()} == MSEC_COUNTS
    assert sum(MSEC_COUNTS.values()) == 24_330
    ids = [name[:5] for names in scenes.values() for name in names]
    assert len(set(ids)) == len(ids) == 4_866
    assert all(1 <= int(name.removeprefix("a")) <= 5000 for name in ids)


def test_scenes_with_difficult_names() -> None:
    scenes = msec_scenes()
    assert "a1379-_DSC5348-(original)" in set.union(*map(set, scenes.values()))
    assert any("__" in name for name in scenes["testing"])
    leaked = "a0016-jmac_MG_0795"  # in the training list that some repositories print
    assert leaked in scenes["testing"] and leaked not in scenes["training"]


@pytest.mark.parametrize("part", ["training", "validation", "testing"])
def test_two_hosts_for_each_part(part: str) -> None:
    """Links as the authors' README of 2023-12-23 has them, to the first characters."""
    drive = {"training": "1YtsTe", "validation": "1k_L2I", "testing": "1uxiD6"}
    sync = {"training": "141f68cf0", "validation": "49a6738c0", "testing": "098a6c5e0"}
    assert msec.ARCHIVES[part].url.startswith(f"https://drive.google.com/uc?id={drive[part]}")
    assert msec.BY_HAND[part].startswith(f"https://ln2.sync.com/dl/{sync[part]}/")


def files_of(part: str, top: str) -> dict[str, bytes]:
    """A small part of MSEC, with `top` in front of each name."""
    scenes = sorted(msec_scenes()[part])[:2]
    targets = ["GT_IMAGES"]
    if part == "testing":
        targets = [f"expert_{letter}_testing_set" for letter in "abcde"]
    names = [
        f"INPUT_IMAGES/{s}_{ev}.JPG" for s in scenes for ev in ("N1.5", "N1", "0", "P1", "P1.5")
    ]
    names += [f"{folder}/{scene}.jpg" for folder in targets for scene in scenes]
    return {f"{top}{name}": JPEG + name.encode() for name in names}


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder that is made, and return it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    """Relative path -> content, of every file but hidden ones and the record."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != "downloads.json"
    }


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlakyServer]:
    """Serves validation.zip, and stands for Google Drive."""
    archive = make_zip(tmp_path / "served.zip", files_of("validation", "validation/"))
    with serve(archive.read_bytes()) as server:
        source = RemoteArchive("validation.zip", f"{server.url}/validation.zip", 1000, open_url)
        monkeypatch.setitem(msec.ARCHIVES, "validation", source)
        yield server


def fetch(out: Path) -> None:
    download_msec(out, ["validation"], accept_license=True, retry=QUICK)


def test_a_part_is_downloaded_once(server: FlakyServer, tmp_path: Path) -> None:
    out = tmp_path / "msec"
    fetch(out)
    assert content_of(out) == files_of("validation", "validation/")
    assert sorted(os.listdir(out)) == [".exposure-lab.lock", "downloads.json", "validation"]
    record = json.loads((out / "downloads.json").read_text())["validation.zip"]
    assert record["bytes"] == len(server.content)
    assert record["url"].startswith(server.url)
    fetch(out)
    assert len(server.requests) == 1


def test_checksum_is_recorded_then_enforced(server: FlakyServer, tmp_path: Path) -> None:
    out, first = tmp_path / "msec", server.content
    fetch(out)
    (out / "validation").rename(tmp_path / "elsewhere")
    other = make_zip(tmp_path / "other.zip", files_of("validation", "val/"))
    server.change(other.read_bytes(), '"two"')
    with pytest.raises(DownloadError, match=r"Expected validation\.zip with SHA-256 \w{12}\.\.\.,"):
        fetch(out)
    assert not (out / "validation").exists()
    server.change(first, '"three"')
    fetch(out)
    assert content_of(out) == files_of("validation", "validation/")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "but it is damaged"),
        # Whole, but another one: its checksum must not shut out the right one for ever.
        (
            lambda path: make_zip(path, {"readme.txt": b"moved"}),
            "Expected a folder validation with INPUT_IMAGES",
        ),
    ],
    ids=["damaged", "without the part"],
)
def test_a_wrong_archive_is_not_recorded_and_fetched_again(
    server: FlakyServer, tmp_path: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    out, archive, good = tmp_path / "msec", tmp_path / "served.zip", server.content
    spoil(archive)
    server.change(archive.read_bytes(), '"two"')
    with pytest.raises(DataError, match=sentence):
        fetch(out)
    assert sorted(os.listdir(out)) == [".download", ".exposure-lab.lock"]
    server.change(good, '"three"')
    fetch(out)
    assert content_of(out) == files_of("validation", "validation/")
    assert sorted(os.listdir(out)) == [".exposure-lab.lock", "downloads.json", "validation"]


def test_a_refused_archive_does_not_block_the_next(server: FlakyServer, tmp_path: Path) -> None:
    out, good = tmp_path / "msec", server.content
    server.content = make_zip(tmp_path / "slip.zip", {"a.jpg": b"1", "../b.jpg": b"2"}).read_bytes()
    with pytest.raises(DataError, match="do not trust this archive"):
        fetch(out)
    assert content_of(tmp_path) == {
        "served.zip": good,
        "slip.zip": server.content,
    }
    server.content = good
    fetch(out)
    assert content_of(out) == files_of("validation", "validation/")


def test_what_a_killed_run_left_is_removed_and_nothing_else(
    server: FlakyServer, tmp_path: Path
) -> None:
    out = tmp_path / "msec"
    work = out / ".download"
    ours = [
        "unpacked/validation/a.jpg",
        "copied/a.jpg",
        f".exposure-lab-new-{'0' * 8}-{'1' * 16}/a",
    ]
    theirs = ["notes.txt", "validation.zip.mine", "validation.zip.part.bak", "mine/a.jpg"]
    theirs += [".unpacked.mine/a.jpg", "unpacked.zip", ".exposure-lab-mine/a.jpg"]
    write_files(work, dict.fromkeys(ours + theirs, b"x"))
    fetch(out)
    left = {path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()}
    assert left == set(theirs)
    assert content_of(out / "validation") == files_of("validation", "")


def test_killed_just_before_the_archive_is_removed(server: FlakyServer, tmp_path: Path) -> None:
    """The part is in its place: what is left of its archive would lie there for ever."""
    out = tmp_path / "msec"
    fetch(out)
    work = out / ".download"
    work.mkdir()
    for name in ("validation.zip", "validation.zip.part", "validation.zip.part.json", "mine.zip"):
        (work / name).write_bytes(b"x")
    fetch(out)
    assert os.listdir(work) == ["mine.zip"]
    assert content_of(out / "validation") == files_of("validation", "")
    assert len(server.requests) == 1


def test_a_link_in_the_way(server: FlakyServer, tmp_path: Path) -> None:
    (tmp_path / "validation").symlink_to(tmp_path / "a disk that is not there now")
    with pytest.raises(FilesError, match="to be free or to hold INPUT_IMAGES, but it does not"):
        fetch(tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        "[" * 10**5,
        "5",
        '{"validation.zip": 5}',
        '{"validation.zip": {}}',
        '{"a\u001b": 1}',
        '{"validation.zip": {"sha256": 5}}',
        '{"validation.zip": {"sha256": null}}',
        "\xff",
    ],
)
def test_a_record_of_any_shape_is_one_sentence(
    server: FlakyServer, tmp_path: Path, record: str
) -> None:
    (tmp_path / "downloads.json").write_text(record)
    with pytest.raises(FilesError) as caught:
        fetch(tmp_path)
    said = str(caught.value)
    assert said.startswith("Expected ") and "downloads.json" in said and said.isprintable()
    assert not server.requests  # said before the download, not after it
    assert (tmp_path / "downloads.json").read_text() == record


def test_a_file_in_the_place_of_our_folder(server: FlakyServer, tmp_path: Path) -> None:
    (tmp_path / ".download").write_text("mine")
    with pytest.raises(FilesError, match=r"Expected to make a folder .*\.download, but the system"):
        fetch(tmp_path)
    assert (tmp_path / ".download").read_text() == "mine"


def test_far_more_than_the_size_that_is_expected(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(headers={"Content-Length": str(10**9)})
    with pytest.raises(DownloadError, match=r"announces 1000 MB.*; or get validation\.zip in"):
        fetch(tmp_path / "msec")


def test_failure_names_the_other_host(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(404, b"")
    with pytest.raises(
        DownloadError,
        match=r"404 Not Found .*; or get validation\.zip in a browser from https://ln2\.sync\.com/"
        r"\S+ and run again with --from validation\.zip --part validation\.$",
    ):
        fetch(tmp_path / "msec")


def test_room_for_archive_and_photos_is_asked_for_first(tmp_path: Path) -> None:
    huge = RemoteArchive("training.zip", "http://127.0.0.1:9/training.zip", 10**17)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(msec.ARCHIVES, "training", huge)
        with pytest.raises(FilesError, match="Expected 200000000000 MB free"):
            download_msec(tmp_path / "msec", ["training"], accept_license=True)


KILLED = """
import sys
from pathlib import Path
from exposure_lab.data.sources import msec
from exposure_lab.data.download.remote_archive import RemoteArchive
msec.ARCHIVES["validation"] = RemoteArchive("validation.zip", sys.argv[1], 1000)
msec.download_msec(Path(sys.argv[2]), ["validation"], accept_license=True)
"""


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
@pytest.mark.parametrize("when", ["download", "unpack"])
def test_kill_9_then_again(
    server: FlakyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    files = files_of("validation", "validation/")
    files |= {f"validation/INPUT_IMAGES/x{i}_0.JPG": os.urandom(2000) for i in range(1000)}
    server.content = make_zip(tmp_path / "large.zip", files).read_bytes()
    server.always = Answer(slow=when == "download")
    out = tmp_path / "msec"
    command = [sys.executable, "-c", KILLED, f"{server.url}/validation.zip", out]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not _under_way(out, when):
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert not (out / "validation").exists()
    server.always = Answer()
    fetch(out)
    assert content_of(out) == files
    assert sorted(os.listdir(out)) == [".exposure-lab.lock", "downloads.json", "validation"]


def _under_way(out: Path, when: str) -> bool:
    if when == "unpack":
        return any(out.glob(".download/.exposure-lab-new-*/validation/INPUT_IMAGES/x5*.JPG"))
    part = out / ".download" / "validation.zip.part"
    return part.exists() and part.stat().st_size > 500_000


@pytest.mark.parametrize("top", ["validation/", "exposure_dataset/validation/", "val/", ""])
def test_an_archive_of_the_readers(tmp_path: Path, top: str) -> None:
    archive = make_zip(tmp_path / "mine.zip", files_of("validation", top))
    before = archive.read_bytes()
    take_msec(archive, tmp_path / "msec", ["validation"], accept_license=True)
    assert content_of(tmp_path / "msec") == files_of("validation", "validation/")
    assert archive.read_bytes() == before
    assert sorted(os.listdir(tmp_path / "msec")) == [".exposure-lab.lock", "validation"]


def test_a_folder_of_the_readers(tmp_path: Path) -> None:
    """Parts under either name; without --part those that are there are taken."""
    files = files_of("training", "train/") | files_of("testing", "test/")
    mine = write_files(tmp_path / "mine", {**files, "train/.DS_Store": b"", "notes.txt": b""})
    before = content_of(mine)
    take_msec(mine, tmp_path / "msec", accept_license=True)
    expected = files_of("training", "training/") | files_of("testing", "testing/")
    assert content_of(tmp_path / "msec") == expected
    assert content_of(mine) == before
    take_msec(mine, tmp_path / "msec", accept_license=True)  # again: all is there
    take_msec(tmp_path / "msec", tmp_path / "msec", accept_license=True)  # into itself: nothing


@pytest.mark.posix("pipes among files")
def test_what_is_no_photo_in_a_folder_of_the_readers(tmp_path: Path) -> None:
    """A pipe would be read for ever, a link to nothing cannot be."""
    mine = write_files(tmp_path / "mine", files_of("training", "training/"))
    os.mkfifo(mine / "training" / "pipe")
    (mine / "training" / "nowhere.jpg").symlink_to(tmp_path / "nowhere")
    take_msec(mine, tmp_path / "msec", accept_license=True)
    assert content_of(tmp_path / "msec") == files_of("training", "training/")
    (mine / "training" / "broken.jpg").symlink_to("/proc/self/mem")  # no disk to fail at hand
    with pytest.raises(FilesError, match=r"Expected to copy .*mend that or move it away"):
        take_msec(mine, tmp_path / "other", accept_license=True)
    assert content_of(tmp_path / "other") == {}


@pytest.mark.parametrize(
    ("names", "parts", "sentence"),
    [
        (["INPUT_IMAGES/a_0.JPG"], [], "say which part it is with --part"),
        (["training/INPUT_IMAGES/a_0.JPG"], ["testing"], "Expected a folder testing with INPUT"),
        (["photos/a.jpg"], [], "has none: check the source"),
        (["a/b/c/d/training/INPUT_IMAGES/a_0.JPG"], [], "has none: check the source"),
    ],
)
def test_no_part_there(tmp_path: Path, names: list[str], parts: list[str], sentence: str) -> None:
    archive = make_zip(tmp_path / "mine.zip", dict.fromkeys(names, JPEG))
    with pytest.raises(DataError, match=sentence):
        take_msec(archive, tmp_path / "msec", parts, accept_license=True)


def test_the_folder_nearest_the_top_is_the_part(tmp_path: Path) -> None:
    for name in ("training", "old/training"):
        (tmp_path / name / "INPUT_IMAGES").mkdir(parents=True)
    assert find_parts(tmp_path) == {"training": tmp_path / "training"}


def test_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected an archive at .* but there is no such file"):
        take_msec(tmp_path / "nowhere", tmp_path / "msec", accept_license=True)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "mine.zip", files_of("training", "training/"))
    (tmp_path / "msec" / "training").mkdir(parents=True)
    with pytest.raises(FilesError, match="to be free or to hold INPUT_IMAGES, but it does not"):
        take_msec(archive, tmp_path / "msec", accept_license=True)


@pytest.mark.parametrize("call", [download_msec, lambda out, **k: take_msec("mine.zip", out, **k)])
def test_licence_and_parts_are_checked_first(tmp_path: Path, call: Callable[..., None]) -> None:
    with pytest.raises(ConfigError, match="run again with --accept-license"):
        call(tmp_path / "msec", accept_license=False)
    with pytest.raises(ConfigError, match="among training, validation, testing, but got 'all'"):
        call(tmp_path / "msec", parts=["all"], accept_license=True)
    assert os.listdir(tmp_path) == []


def test_two_processes_at_one_folder(tmp_path: Path) -> None:
    from exposure_lab.files.ownership import folder_lock

    with folder_lock(tmp_path), pytest.raises(FilesError, match="another process is writing"):
        download_msec(tmp_path, accept_license=True)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(FilesError, match=r"downloads\.json, but .* holds .*, such as thesis\.tex"):
        download_msec(tmp_path, accept_license=True)
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("names", [["train", "val", "test"], ["training"], ["testing/INPUT"]])
@pytest.mark.parametrize("call", [download_msec, lambda out, **k: take_msec("mine.zip", out, **k)])
def test_splits_of_somebody_else_are_left_alone(
    tmp_path: Path, names: list[str], call: Callable[..., None]
) -> None:
    """Every second set of pictures lies in folders of these names."""
    for name in names:
        (tmp_path / name / "dog").mkdir(parents=True)
    with pytest.raises(FilesError, match=r"such as (train|test|testing|training): choose another"):
        call(tmp_path, parts=["validation"], accept_license=True)
    assert sorted(os.listdir(tmp_path)) == sorted(name.split("/")[0] for name in names)


def test_a_folder_in_the_way_is_named_before_any_download(
    server: FlakyServer, tmp_path: Path
) -> None:
    (tmp_path / "msec" / "validation" / "dog").mkdir(parents=True)
    with pytest.raises(FilesError, match="to be free or to hold INPUT_IMAGES, but it does not"):
        fetch(tmp_path / "msec")
    assert not server.requests


@pytest.mark.parametrize("name", ["train/INPUT_IMAGES", ".download", "downloads.json"])
def test_a_set_that_was_begun_is_ours(server: FlakyServer, tmp_path: Path, name: str) -> None:
    """One of its parts, under either name, what was under way, or the record."""
    out = tmp_path / "msec"
    (out / name).parent.mkdir(parents=True)
    if name.endswith(".json"):
        (out / name).write_text("{}")
    else:
        (out / name).mkdir()
    (out / "notes.txt").touch()
    fetch(out)
    assert content_of(out / "validation") == files_of("validation", "")


def test_a_link_that_leads_back(tmp_path: Path) -> None:
    """Followed, it would be copied into itself until the disk is full."""
    mine = write_files(tmp_path / "mine", files_of("training", "training/"))
    (tmp_path / "elsewhere").mkdir()
    for place, target in (
        (mine / "training" / "up", ".."),
        (mine / "training" / "GT_IMAGES" / "here", "."),
        (tmp_path / "elsewhere" / "back", mine / "training"),
    ):
        place.symlink_to(target)
        if place.parent.name == "elsewhere":
            (mine / "training" / "other").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(FilesError, match=rf"but .*{place.name} leads back .*: remove the link"):
            take_msec(mine, tmp_path / "msec", accept_license=True)
        assert content_of(tmp_path / "msec") == {}
        place.unlink()
    take_msec(mine, tmp_path / "msec", accept_license=True)
    assert content_of(tmp_path / "msec") == files_of("training", "training/")


@pytest.mark.parametrize(
    "name", ["validation.zip", "validation.zip.part", "validation.zip.part.json"]
)
@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_in_the_place_of_the_archive(
    server: FlakyServer, tmp_path: Path, name: str, is_there: bool
) -> None:
    out = tmp_path / "msec"
    if is_there:
        fetch(out)
    place = out / ".download" / name
    place.mkdir(parents=True)
    (place / "mine").touch()
    with pytest.raises(FilesError, match=rf"Expected .* {re.escape(str(place))}, but .* a folder"):
        fetch(out)
    assert (place / "mine").exists()
