"""A download gets the server's file or says in a sentence why not, whatever the server does."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flaky_server import Answer, FlakyServer, serve

from exposure_lab.data.download.download import download
from exposure_lab.data.download.google_drive import open_drive
from exposure_lab.data.download.response_stream import READ_CHUNK
from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.errors import DownloadError, FilesError

QUICK = RetryPolicy(connect=2, read=0.3, wait=0.01, attempts=3)
PAGE = b"<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>"


def zip_like(seed: int, size: int = 10 * READ_CHUNK + 123) -> bytes:
    """Bytes that begin as a zip file does."""
    return b"PK\x03\x04" + np.random.default_rng(seed).bytes(size - 4)


ONE, OTHER = zip_like(1), zip_like(2)


@pytest.fixture
def server() -> Iterator[FlakyServer]:
    """Serves `ONE`."""
    with serve(ONE) as server:
        yield server


def get(server: FlakyServer, folder: Path, retry: RetryPolicy = QUICK) -> bytes:
    """Download into a folder, which holds nothing else afterwards."""
    download(f"{server.url}/set.zip", folder / "set.zip", retry=retry)
    assert os.listdir(folder) == ["set.zip"]
    return (folder / "set.zip").read_bytes()


def refused(server: FlakyServer, folder: Path, *, kept: bool = False) -> str:
    """What a download says that fails; nothing is left but the begun file, if any."""
    with pytest.raises(DownloadError) as caught:
        download(f"{server.url}/set.zip", folder / "set.zip", retry=QUICK)
    assert sorted(os.listdir(folder)) == (["set.zip.part", "set.zip.part.json"] if kept else [])
    said = str(caught.value)
    assert said.startswith("Expected ") and said.endswith(".") and "\n" not in said
    return said


def test_whole_file_is_fetched_once(server: FlakyServer, tmp_path: Path) -> None:
    assert get(server, tmp_path) == ONE
    assert get(server, tmp_path) == ONE
    assert len(server.requests) == 1


@pytest.mark.parametrize("stalls", [False, True])
def test_broken_transfer_goes_on_where_it_stopped(
    server: FlakyServer, tmp_path: Path, stalls: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """More breaks than attempts in a row are allowed: each got further than the one before."""
    server.script = [Answer(stop_after=2 * READ_CHUNK, stalls=stalls) for _ in range(4)]
    assert get(server, tmp_path) == ONE
    asked = server.ranges_asked()
    assert asked[0] == "" and all(asked[1:])
    starts = [int(text.removeprefix("bytes=").removesuffix("-")) for text in asked[1:]]
    assert starts == sorted(set(starts))
    assert starts[0] >= READ_CHUNK
    said = capsys.readouterr().err
    assert said.count("stalled" if stalls else "cut off") == 4


@pytest.mark.parametrize(
    "stop", [0, 1, 3, READ_CHUNK - 1, READ_CHUNK, READ_CHUNK + 1, len(ONE) - 1]
)
def test_cut_anywhere(server: FlakyServer, tmp_path: Path, stop: int) -> None:
    server.script = [Answer(stop_after=stop)]
    assert get(server, tmp_path) == ONE


def test_server_without_ranges_sends_all_of_it_again(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(ranges=False)
    server.script = [Answer(stop_after=3 * READ_CHUNK, ranges=False) for _ in range(2)]
    assert get(server, tmp_path) == ONE


def test_no_end_of_breaks_is_told(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(stop_after=2 * READ_CHUNK, ranges=False)
    said = refused(server, tmp_path, kept=True)
    assert "the connection was cut off, again and again" in said
    assert "it goes on after 0.1 MB" in said
    server.always = Answer()
    assert get(server, tmp_path) == ONE
    assert server.ranges_asked()[-1] == f"bytes={2 * READ_CHUNK}-"


def test_a_changed_file_is_never_glued_to_the_old_one(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(stop_after=3 * READ_CHUNK, ranges=False)
    refused(server, tmp_path, kept=True)
    server.change(OTHER, '"two"')
    server.always = Answer()
    assert get(server, tmp_path) == OTHER


@pytest.mark.parametrize("validators", [("ETag",), ("Last-Modified",), ("ETag", "Last-Modified")])
def test_nor_if_the_server_ignores_our_question(
    server: FlakyServer, tmp_path: Path, validators: tuple[str, ...]
) -> None:
    """Such a server answers 206 with a range of the new file."""
    server.validators = {name: server.validators[name] for name in validators}
    server.script = [Answer(stop_after=3 * READ_CHUNK)]
    server.always = Answer(stop_after=0, status=503)
    refused(server, tmp_path, kept=True)
    server.change(OTHER, '"two"')
    server.validators = {name: server.validators[name] for name in validators}
    server.always = Answer(if_range=False)
    assert get(server, tmp_path) == OTHER


@pytest.mark.parametrize("validators", [{}, {"ETag": 'W/"one"'}])
def test_nor_if_nothing_tells_whether_it_changed(
    server: FlakyServer, tmp_path: Path, validators: dict[str, str]
) -> None:
    server.validators = validators
    server.script = [Answer(stop_after=3 * READ_CHUNK)]
    assert get(server, tmp_path) == ONE
    assert server.ranges_asked() == ["", ""]


def test_a_shorter_new_file_is_fetched_whole(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(stop_after=5 * READ_CHUNK, ranges=False)
    refused(server, tmp_path, kept=True)
    short = OTHER[: 2 * READ_CHUNK]
    server.change(short, '"two"')
    server.always = Answer(if_range=False)  # answers 416
    assert get(server, tmp_path) == short


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"url": "http://elsewhere/set.zip"}'])
def test_a_begun_file_of_unknown_origin_is_not_continued(
    server: FlakyServer, tmp_path: Path, note: str
) -> None:
    (tmp_path / "set.zip.part").write_bytes(OTHER[:1000])
    (tmp_path / "set.zip.part.json").write_text(note)
    assert get(server, tmp_path) == ONE


def test_killed_just_before_the_last_step(server: FlakyServer, tmp_path: Path) -> None:
    """All bytes are there, and only the name is missing: nothing is asked again."""
    server.script = [Answer(stop_after=3 * READ_CHUNK)]
    server.always = Answer(status=503, body=b"")
    refused(server, tmp_path, kept=True)
    (tmp_path / "set.zip.part").write_bytes(ONE)
    before = len(server.requests)
    assert get(server, tmp_path) == ONE
    assert len(server.requests) == before


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "the server answers 404 Not Found (the link is dead)"),
        (410, "410 Gone (the link is dead)"),
        (403, "403 Forbidden (it does not give the file to us)"),
        (418, "418 I'm a Teapot (it does not give the file to us)"),
    ],
)
def test_refusals_are_not_asked_twice(
    server: FlakyServer, tmp_path: Path, status: int, sentence: str
) -> None:
    server.always = Answer(status, PAGE)
    assert sentence.lower() in refused(server, tmp_path).lower()
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: FlakyServer, tmp_path: Path, status: int) -> None:
    server.script = [Answer(status, PAGE, {"Retry-After": "0"}), Answer(status, PAGE)]
    assert get(server, tmp_path) == ONE


def test_a_server_that_stays_busy(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(503, PAGE)
    assert "the server answers 503 Service Unavailable, again" in refused(server, tmp_path)
    assert len(server.requests) == QUICK.attempts


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/zip"])
def test_a_page_is_no_archive(server: FlakyServer, tmp_path: Path, kind: str) -> None:
    server.always = Answer(200, PAGE, {"Content-Type": kind})
    said = refused(server, tmp_path)
    assert "a web page titled 'Google Drive - Quota exceeded' came" in said


def test_a_page_costs_nothing_of_what_is_there(server: FlakyServer, tmp_path: Path) -> None:
    server.script = [Answer(stop_after=3 * READ_CHUNK)]
    server.always = Answer(200, PAGE, {"Content-Type": "text/html"})
    assert "a web page" in refused(server, tmp_path, kept=True)
    server.always = Answer()
    assert get(server, tmp_path) == ONE
    assert server.ranges_asked()[-1] == f"bytes={3 * READ_CHUNK}-"


@pytest.mark.parametrize("body", [b"", b"PK", b'{"error": "quota"}', b"\x1f\x8b" + ONE])
def test_anything_else_is_no_archive_either(
    server: FlakyServer, tmp_path: Path, body: bytes
) -> None:
    server.always = Answer(200, body)
    assert "what came is none" in refused(server, tmp_path)


def test_length_may_be_unknown(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(length=False)
    assert get(server, tmp_path) == ONE


def test_a_compressed_archive_stays_compressed(tmp_path: Path) -> None:
    """Some servers call a .tgz a tar in gzip encoding, and clients then unpack it on arrival."""
    content = b"\x1f\x8b" + ONE
    with serve(content) as server:
        server.always = Answer(headers={"Content-Encoding": "x-gzip"})
        download(f"{server.url}/a.tgz", tmp_path / "a.tgz", retry=QUICK)
    assert (tmp_path / "a.tgz").read_bytes() == content


def test_redirects_are_followed(server: FlakyServer, tmp_path: Path) -> None:
    server.pages["/set.zip"] = Answer(302, b"", {"Location": "/elsewhere"})
    assert get(server, tmp_path) == ONE
    server.pages["/set.zip"] = Answer(302, b"", {"Location": "/set.zip"})
    (tmp_path / "set.zip").unlink()
    assert "cannot be asked for" in refused(server, tmp_path)


@pytest.mark.parametrize("url", ["set.zip", "ftp://127.0.0.1/set.zip", "http://"])
def test_what_is_no_link_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError, match=r"cannot be asked for .*check the link"):
        download(url, tmp_path / "set.zip", retry=QUICK)


def test_nobody_is_there(tmp_path: Path) -> None:
    with serve(ONE) as server:
        url = server.url
    with pytest.raises(DownloadError, match="the server could not be reached, again and again"):
        download(url, tmp_path / "set.zip", retry=QUICK)


def test_certificates_are_checked_once(server: FlakyServer, tmp_path: Path) -> None:
    """A server that does not speak TLS at all fails as one with a wrong certificate does."""
    with pytest.raises(DownloadError, match="to prove whose it is"):
        download(server.url.replace("http", "https"), tmp_path / "set.zip", retry=QUICK)


def test_room_is_asked_for_first(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(headers={"Content-Length": str(10**18)})
    with pytest.raises(FilesError, match=r"Expected 1000000000000 MB free"):
        download(f"{server.url}/set.zip", tmp_path / "set.zip", retry=QUICK)
    assert os.listdir(tmp_path) == []


def test_room_is_asked_for_the_rest_alone(
    server: FlakyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always = Answer(stop_after=3 * READ_CHUNK, ranges=False)
    refused(server, tmp_path, kept=True)
    server.always = Answer()
    rest = len(ONE) - 3 * READ_CHUNK
    for free in (rest - 1, rest):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        if free < rest:
            with pytest.raises(FilesError, match="MB free"):
                get(server, tmp_path)
        else:
            assert get(server, tmp_path) == ONE


def test_a_range_that_is_shorter_than_asked_for(server: FlakyServer, tmp_path: Path) -> None:
    """Whole as a response, and yet not the rest of the file: what is missing is asked for again."""
    start, end = 3 * READ_CHUNK, 5 * READ_CHUNK
    span = {"Content-Range": f"bytes {start}-{end - 1}/{len(ONE)}", **server.validators}
    server.script = [Answer(stop_after=start), Answer(206, ONE[start:end], span)]
    assert get(server, tmp_path) == ONE
    assert server.ranges_asked() == ["", f"bytes={start}-", f"bytes={end}-"]


def test_full_disk(server: FlakyServer, tiny_disk: Path) -> None:
    server.always = Answer(length=False)
    with pytest.raises(FilesError, match=r"the disk is full.*the download goes on"):
        download(f"{server.url}/set.zip", tiny_disk / "set.zip", retry=QUICK)


KILLED = """
import sys
from pathlib import Path
from exposure_lab.data.download.download import download
download(sys.argv[1], Path(sys.argv[2]))
"""


def wait_until(true: Callable[[], bool]) -> None:
    """For something that another process does."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_kill_9_in_the_middle(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(slow=True)
    part = tmp_path / "set.zip.part"
    command = [sys.executable, "-c", KILLED, f"{server.url}/set.zip", tmp_path / "set.zip"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: part.exists() and part.stat().st_size > 2 * READ_CHUNK)
        process.send_signal(signal.SIGKILL)
    here = part.stat().st_size
    assert here < len(ONE)
    server.always = Answer()
    assert get(server, tmp_path) == ONE
    assert server.ranges_asked() == ["", f"bytes={here}-"]


FORM = """<html><head><title>Google Drive - Virus scan warning</title></head><body>
<form id="download-form" action="{url}/download" method="get"><input type="hidden" name="id" \
value="7"><input type="hidden" name="confirm" value="t"></form></body></html>"""
TOO_MANY = """<html><body><p class="uc-error-caption">Sorry</p>
<p class="uc-error-subcaption">Too many users have viewed or downloaded this file recently. Please \
try accessing the file again later.</p></body></html>"""
HTML = {"Content-Type": "text/html; charset=utf-8"}
FILE = {"Content-Disposition": 'attachment; filename="training.zip"'}


def drive(server: FlakyServer, folder: Path) -> bytes:
    """Download as from Google Drive."""
    path = folder / "set.zip"
    download(f"{server.url}/uc?id=7", path, opener=open_drive, retry=QUICK)
    return path.read_bytes()


def test_drive_asks_whether_we_mean_it(server: FlakyServer, tmp_path: Path) -> None:
    """Pages as Google's, to the elements that gdown looks for."""
    server.pages["/uc"] = Answer(200, FORM.format(url=server.url).encode(), HTML)
    server.always = Answer(headers=FILE)
    server.script = [Answer(headers=FILE, stop_after=3 * READ_CHUNK)]
    assert drive(server, tmp_path) == ONE
    paths = [path for path, _ in server.requests]
    assert paths[:2] == ["/uc?id=7", "/download?id=7&confirm=t"]
    assert server.ranges_asked()[-1] == f"bytes={3 * READ_CHUNK}-"


def test_drive_gives_a_small_file_at_once(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(headers=FILE)
    assert drive(server, tmp_path) == ONE
    assert len(server.requests) == 1


def test_drive_refuses_what_too_many_want(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(200, TOO_MANY.encode(), HTML)
    with pytest.raises(
        DownloadError,
        match=r"Google does not give it now \(Too many users have viewed or downloaded this file "
        r"recently\): try again tomorrow\.",
    ):
        drive(server, tmp_path)


def test_drive_page_that_nobody_knows(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(200, PAGE, HTML)
    with pytest.raises(DownloadError, match=r"Google does not give it now .*try again tomorrow\."):
        drive(server, tmp_path)


def test_drive_that_asks_for_ever(server: FlakyServer, tmp_path: Path) -> None:
    server.pages["/uc"] = Answer(200, FORM.format(url=server.url).encode(), HTML)
    server.pages["/download"] = server.pages["/uc"]
    with pytest.raises(DownloadError, match="but a web page came"):
        drive(server, tmp_path)


def test_drive_without_the_file(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(404, PAGE, HTML)
    with pytest.raises(DownloadError, match=r"404 Not Found .the link is dead"):
        drive(server, tmp_path)
