"""A server that means harm: a sentence each, in a time that has an end, and nothing of its junk."""

import json
import os
import time
from collections.abc import Iterator
from itertools import pairwise, repeat
from pathlib import Path

import numpy as np
import pytest
import requests
from flaky_server import Answer, FlakyServer, serve
from raw_server import serve_raw

from exposure_lab.data.download import transfer as module
from exposure_lab.data.download.download import download
from exposure_lab.data.download.google_drive import open_drive
from exposure_lab.data.download.http_request import Opener, next_url, open_url
from exposure_lab.data.download.response_stream import READ_CHUNK
from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.errors import DownloadError, FilesError

QUICK = RetryPolicy(connect=2, read=1, wait=0.01, attempts=2, window=0.5, least=10_000)
ONE = b"PK\x03\x04" + np.random.default_rng(1).bytes(10 * READ_CHUNK)
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[FlakyServer]:
    """Serves `ONE`."""
    with serve(ONE) as server:
        yield server


def get(url: str, folder: Path, expected: int | None = None, opener: Opener = open_url) -> bytes:
    """Download into a folder, which holds nothing else afterwards."""
    path = folder / "set.zip"
    download(f"{url}/set.zip", path, expected=expected, opener=opener, retry=QUICK)
    assert os.listdir(folder) == ["set.zip"]
    return path.read_bytes()


def refused(
    url: str,
    folder: Path,
    expected: int | None = None,
    opener: Opener = open_url,
    *,
    kept: bool = False,
) -> str:
    """The sentence of a download that fails; nothing is left but the begun file, if any."""
    path = folder / "set.zip"
    with pytest.raises(DownloadError) as caught:
        download(f"{url}/set.zip", path, expected=expected, opener=opener, retry=QUICK)
    assert sorted(os.listdir(folder)) == (["set.zip.part", "set.zip.part.json"] if kept else [])
    said = str(caught.value)
    assert said.startswith("Expected ") and said.endswith(".") and said.isprintable()
    assert len(said) < 500
    return said


def test_without_a_length_it_may_be_twice_what_is_expected(
    server: FlakyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL", 1000)
    server.always = Answer(length=False)
    said = refused(server.url, tmp_path, len(ONE) // 2 - 1)
    assert "Expected at most 1 MB at " in said
    assert "tells no length and sends more without end" in said
    assert len(server.requests) == 1
    assert get(server.url, tmp_path, len(ONE) // 2 + 1) == ONE


def test_a_small_file_may_be_larger_than_expected(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(length=False)
    assert get(server.url, tmp_path, 1000) == ONE


def test_an_absurd_length_is_refused_before_it_comes(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(headers={"Content-Length": str(4 * 10**8)})
    said = refused(server.url, tmp_path, 10**8 - 1)
    assert "Expected about 100 MB at " in said and "the server announces 400 MB" in said
    server.always = Answer(headers={"Content-Length": str(10**12)})
    with pytest.raises(FilesError, match="MB free"):  # few disks have it
        download(f"{server.url}/set.zip", tmp_path / "set.zip", expected=10**12, retry=QUICK)


def test_a_length_that_a_range_tells_is_held_against_it_too(
    server: FlakyServer, tmp_path: Path
) -> None:
    (tmp_path / "set.zip.part").write_bytes(ONE[:READ_CHUNK])
    note = {"url": f"{server.url}/set.zip", "total": None, "etag": '"one"', "date": ""}
    (tmp_path / "set.zip.part.json").write_text(json.dumps(note))
    span = f"bytes {READ_CHUNK}-{10**9 - 1}/{10**9}"
    server.always = Answer(206, ONE[READ_CHUNK:], {"Content-Range": span, "ETag": '"one"'})
    assert "announces 1000 MB" in refused(server.url, tmp_path, 1000, kept=True)


def test_a_range_that_ends_early_is_no_end_of_the_file(tmp_path: Path) -> None:
    """No length at first, then a range of a part: the rest is asked for."""
    with serve(ONE) as server:
        date = server.validators["Last-Modified"]
        begun = {"url": f"{server.url}/set.zip", "total": None, "etag": '"one"', "date": date}
        (tmp_path / "set.zip.part").write_bytes(ONE[:READ_CHUNK])
        (tmp_path / "set.zip.part.json").write_text(json.dumps(begun))
        span = f"bytes {READ_CHUNK}-{2 * READ_CHUNK - 1}/{len(ONE)}"
        headers = {"Content-Range": span, **server.validators}
        server.script = [Answer(206, ONE[READ_CHUNK : 2 * READ_CHUNK], headers)]
        assert get(server.url, tmp_path) == ONE
        assert server.ranges_asked() == [f"bytes={READ_CHUNK}-", f"bytes={2 * READ_CHUNK}-"]


def test_more_than_was_told_is_begun_anew(tmp_path: Path) -> None:
    """Chunks know no length, and may go on beyond the range that they are said to be."""
    with serve_raw() as server:
        tag = b'ETag: "one"\r\n'
        length = f"Content-Length: {len(ONE)}\r\n\r\n".encode()
        span = f"Content-Range: bytes 1000-{len(ONE) - 1}/{len(ONE)}\r\n".encode()
        chunk = f"{len(ONE):x}\r\n".encode() + ONE + b"\r\n0\r\n\r\n"
        more = b"HTTP/1.1 206 OK\r\nTransfer-Encoding: chunked\r\n"
        server.script = [[HEAD + tag + length + ONE[:1000]], [more + tag + span + b"\r\n" + chunk]]
        assert "sends more than it told, again" in refused(server.url, tmp_path)
        server.script = []
        server.always = [HEAD + tag + length + ONE]
        assert get(server.url, tmp_path) == ONE


def test_what_comes_with_a_redirect_is_not_read(server: FlakyServer, tmp_path: Path) -> None:
    endless = {"Location": "/elsewhere", "Content-Length": str(10**12)}
    server.pages["/set.zip"] = Answer(302, b"page", endless, stalls=True)
    start = time.monotonic()
    assert get(server.url, tmp_path) == ONE
    assert time.monotonic() - start < QUICK.read
    assert [path for path, _ in server.requests] == ["/set.zip", "/elsewhere"]


def test_cookies_are_carried_from_place_to_place(server: FlakyServer, tmp_path: Path) -> None:
    sent = {"Location": "/elsewhere", "Set-Cookie": "confirmed=yes"}
    server.pages["/set.zip"] = Answer(302, b"", sent)
    assert get(server.url, tmp_path) == ONE
    assert server.requests[1][1]["Cookie"] == "confirmed=yes"


@pytest.mark.parametrize("hops", [10, 11])
def test_redirects_have_an_end(server: FlakyServer, tmp_path: Path, hops: int) -> None:
    places = ["/set.zip", *(f"/{number}" for number in range(hops))]
    for here, there in pairwise(places):
        server.pages[here] = Answer(307, b"", {"Location": there})
    if hops == 10:
        assert get(server.url, tmp_path) == ONE
    else:
        assert "we are sent on more than 10 times" in refused(server.url, tmp_path)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/set.zip", "data:,x", "http://[", "//["]
)
def test_redirects_to_odd_places(server: FlakyServer, tmp_path: Path, location: str) -> None:
    server.pages["/set.zip"] = Answer(302, b"", {"Location": location})
    said = refused(server.url, tmp_path)
    assert f"cannot be asked for (we are sent on to {location!r}): check the link" in said


def test_a_redirect_to_nowhere(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(302, b"")
    assert "the server answers 302 Found" in refused(server.url, tmp_path)


def test_no_redirect_leads_from_https_to_http() -> None:
    assert next_url("http://a/b", "https://c") == "https://c"
    assert next_url("https://a/b", "c") == "https://a/c"
    assert next_url("https://a/b", "//c") == "https://c"
    with pytest.raises(requests.RequestException, match="sent on to 'http://a/b'"):
        next_url("https://a/b", "http://a/b")


@pytest.mark.parametrize("length", ["9" * 5000, "-5", "1e3", "\xb2", "", "1_000_000_000"])
def test_a_length_that_is_none(server: FlakyServer, tmp_path: Path, length: str) -> None:
    server.always = Answer(headers={"Content-Length": length})
    try:
        assert get(server.url, tmp_path) == ONE
    except DownloadError as error:  # urllib3 takes 1_000_000_000 for a number
        assert "again and again" in str(error)


def test_two_lengths(tmp_path: Path) -> None:
    with serve_raw() as server:
        server.always = [HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nPK\x03\x04ab"]
        assert "cannot be asked for (Content-Length contained" in refused(server.url, tmp_path)


@pytest.mark.parametrize(
    "span",
    [
        f"bytes {READ_CHUNK}-{'9' * 5000}/{'9' * 5000}",
        f"bytes {'9' * 5000}-5/*",
        "bytes -5-9/10",
        "\x1b[2J",
        "",
    ],
)
def test_a_range_that_is_none(server: FlakyServer, tmp_path: Path, span: str) -> None:
    server.script = [
        Answer(stop_after=READ_CHUNK),
        Answer(206, ONE[READ_CHUNK:], {"Content-Range": span, "ETag": '"one"'}),
    ]
    retry = QUICK._replace(attempts=3)
    download(f"{server.url}/set.zip", tmp_path / "set.zip", retry=retry)
    assert (tmp_path / "set.zip").read_bytes() == ONE


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
@pytest.mark.parametrize("text", ["x" * 60_000, "\x1b[2J", "\xe9\xff", "a\x00b"])
def test_a_tag_that_is_none_is_not_repeated(
    server: FlakyServer, tmp_path: Path, name: str, text: str
) -> None:
    server.validators = {name: f'"{text}"'}
    server.script = [Answer(stop_after=3 * READ_CHUNK)]
    assert get(server.url, tmp_path) == ONE
    assert server.ranges_asked() == ["", ""]


@pytest.mark.parametrize(
    "note",
    [
        "[]",
        "[" * 100_000,
        '{"url": 5}',
        '{"url": URL, "total": "many", "etag": [], "date": {}}',
        '{"url": URL, "total": -1, "etag": "a\\nHost: b", "date": "\\ud800"}',
        '{"url": URL, "total": 1e400, "etag": "a", "date": ""}',
        '{"url": URL, "total": true, "etag": 5, "date": null}',
        '{"url": URL, "total": NaN, "etag": "\\u00e9", "date": ""}',
    ],
)
def test_a_note_of_any_shape_begins_anew(server: FlakyServer, tmp_path: Path, note: str) -> None:
    (tmp_path / "set.zip.part").write_bytes(b"junk")
    text = note.replace("URL", json.dumps(f"{server.url}/set.zip"))
    (tmp_path / "set.zip.part.json").write_text(text)
    assert get(server.url, tmp_path) == ONE
    assert server.ranges_asked() == [""]


def test_a_folder_in_the_place_of_the_note(server: FlakyServer, tmp_path: Path) -> None:
    (tmp_path / "set.zip.part").mkdir()
    (tmp_path / "set.zip.part" / "mine").touch()
    with pytest.raises(FilesError, match=r"^Expected to write .*set\.zip, but the system does not"):
        download(f"{server.url}/set.zip", tmp_path / "set.zip", retry=QUICK)
    assert (tmp_path / "set.zip.part" / "mine").exists()


@pytest.mark.parametrize("later", ["9" * 5000, "-1", "soon", "\xb2"])
def test_when_to_ask_again(server: FlakyServer, tmp_path: Path, later: str) -> None:
    server.script = [Answer(503, b"", {"Retry-After": later})]
    start = time.monotonic()
    assert get(server.url, tmp_path) == ONE
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("status", [404, 503])
def test_words_that_would_steer_a_terminal(
    server: FlakyServer, tmp_path: Path, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = Answer(status, b"", reason="\x1b[2J\x07\x9bGone" + "!" * 10_000)
    assert f"{status} ?[2J??Gone!!!!" in refused(server.url, tmp_path)
    assert capsys.readouterr().err.replace("\n", "").isprintable()


def test_titles_that_would_steer_a_terminal(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(200, b"<html><title>\x1b[2J Sorry\xe2\x80\xae\n</title>")
    assert "a web page titled '?[2J Sorry?' came" in refused(server.url, tmp_path)


def test_a_page_that_is_slow_to_look_through(server: FlakyServer, tmp_path: Path) -> None:
    server.always = Answer(200, b"<html><title>" + b" " * 60_000)
    assert "a web page" in refused(server.url, tmp_path)
    server.always = Answer(200, b"<html>" + b"<title" * 10_000)
    assert "a web page" in refused(server.url, tmp_path)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SMALL_FILE = b"PK\x03\x04" + bytes(600)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begin", "each"),
    [
        (b"", b"H"),
        (HEAD + b"X: ", b"x"),
        (HEAD, b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"\r\n" + SMALL_FILE, b"x"),
        (CHUNKED + b"25c\r\n" + SMALL_FILE + b"\r\n", b"1"),
        (CHUNKED + b"25c\r\n" + SMALL_FILE + b"\r\n0\r\n", b"X: y\r\n"),
    ],
)
def test_drips_have_an_end(tmp_path: Path, begin: bytes, each: bytes) -> None:
    """A piece every 50 ms, for ever: no read ever takes as long as its timeout."""
    with serve_raw() as server:
        server.always = [
            begin,
            *(piece for pair in zip(repeat(0.05, 400), repeat(each)) for piece in pair),
        ]
        start = time.monotonic()
        said = refused(server.url, tmp_path, kept=SMALL_FILE in begin)
        assert "the server sends next to nothing, again and again" in said
        assert time.monotonic() - start < 5


def test_a_server_that_breaks_off_after_each_byte(server: FlakyServer, tmp_path: Path) -> None:
    """Such progress counts as none."""
    server.always = Answer(stop_after=600, ranges=True)
    assert "again and again" in refused(server.url, tmp_path, kept=True)
    assert len(server.requests) == QUICK.attempts


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff" * 70_000,
        b"HTTP/1.1 two hundred\r\n\r\n",
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_an_answer_that_is_no_http(tmp_path: Path, answer: bytes) -> None:
    with serve_raw() as server:
        server.always = [answer]
        assert "the server's answer is no HTTP, again and again" in refused(server.url, tmp_path)


def test_a_chunk_that_is_smaller_than_nothing(tmp_path: Path) -> None:
    """To read minus one byte is to read all that ever comes."""
    with serve_raw() as server:
        server.always = [CHUNKED + b"-1\r\n", *repeat(b"PK\x03\x04" + bytes(10**6), 20)]
        said = refused(server.url, tmp_path, 1000)
    assert "no length and sends more without end" in said


PAGE = {"Content-Type": "text/html; charset=utf-8"}


def test_pages_of_any_length_are_read_to_a_limit(server: FlakyServer, tmp_path: Path) -> None:
    endless = Answer(
        200, b"<p>" + b"x" * 10**6, {**PAGE, "Content-Length": str(10**12)}, stalls=True
    )
    server.always = endless
    said = refused(server.url, tmp_path, opener=open_drive)
    assert "Google does not give it now" in said


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (b'<form id="download-form">', "its page is none that we know"),
        (b'<form id="download-form" action="http://["></form>', "its page is none that we know"),
        (b'"downloadUrl":"file:///etc/passwd"', "sent on to 'file:///etc/passwd'"),
        (
            b'<p class="uc-error-subcaption">\x1b[2J No</p>',
            "Google does not give it now (?[2J",
        ),
        (b"<" * 10**5, "Google does not give it now"),
    ],
)
def test_pages_of_any_kind(server: FlakyServer, tmp_path: Path, page: bytes, sentence: str) -> None:
    server.always = Answer(200, page, PAGE)
    assert sentence in refused(server.url, tmp_path, opener=open_drive)
