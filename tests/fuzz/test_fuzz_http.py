"""Whatever a server answers, its file comes or one printable line says why not."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import within
from raw_server import Answer, RawServer, serve_raw

from exposure_lab.data.download import transfer as module
from exposure_lab.data.download.download import download
from exposure_lab.data.download.google_drive import open_drive
from exposure_lab.data.download.http_request import open_url
from exposure_lab.data.download.retry_policy import RetryPolicy
from exposure_lab.data.download.transfer import MOST_ANNOUNCED
from exposure_lab.errors import ExposureLabError

RETRY_POLICY = RetryPolicy(connect=1, read=0.2, wait=0, attempts=3, window=0.2, least=500)
FILE = b"PK\x03\x04" + bytes(range(256)) * 12
SIZE = len(FILE)
TAG = b'ETag: "one"'
WHOLE = [b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n" % (TAG, SIZE) + FILE]
FOLLOWED = [
    b"/set.zip",
    b"elsewhere",
    b"//127.0.0.1:1",
    b"file:///etc/passwd",
    b"http://[",
    b"\xff",
]

STATUSES = st.sampled_from([b"200", b"200", b"200", b"206", b"302", b"404", b"416", b"503"]) | (
    st.sampled_from([b"100", b"099", b"304", b"307", b"999", b"2OO", b"", b"1" * 5000])
)
WORDS = st.binary(max_size=12) | st.sampled_from(
    [b"OK", b"\x1b[2J\x07", b"x" * 70_000, b"\xe2\x80\xae"]
)
NUMBERS = st.integers(-1, 2 * SIZE).map(lambda number: b"%d" % number) | st.sampled_from(
    [b"%d" % SIZE, b"9" * 5000, b"1e3", b"\xb2", b"+5", b"7, 8", b"1" * 19]
)
RANGES = st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda span: b"bytes %s-%s/%s" % span)
HEADERS = st.one_of(
    st.tuples(st.just(b"Content-Length"), NUMBERS),
    st.tuples(st.just(b"Content-Range"), RANGES | WORDS),
    st.tuples(st.sampled_from([b"ETag", b"Last-Modified"]), st.just(b'"one"') | WORDS),
    st.tuples(st.just(b"Location"), st.sampled_from(FOLLOWED) | WORDS),
    st.tuples(st.just(b"Retry-After"), NUMBERS),
    st.tuples(st.just(b"Transfer-Encoding"), st.sampled_from([b"chunked", b"gzip", b"?"])),
    st.tuples(st.just(b"Content-Encoding"), st.sampled_from([b"gzip", b"deflate", b"br", b"?"])),
    st.tuples(st.just(b"Content-Type"), st.sampled_from([b"text/html", b"application/zip"])),
    st.tuples(st.just(b"Content-Disposition"), WORDS),
    st.tuples(st.just(b"Set-Cookie"), WORDS | st.just(b"a=b; Domain=.; Expires=Sun, 99 Nov")),
    st.tuples(WORDS, WORDS),
)
PAGES = [
    b"<html><title>\x1b[2J" + b" " * 3000,
    b'<form id="download-form" action="/set.zip"><input type="hidden" name="id" value="7"></form>',
    b'<form id="download-form">',
    b'"downloadUrl":"file:///etc/passwd"',
    b'<p class="uc-error-subcaption">\x1b[2J&#0;&#xd800;</p>',
]
BODIES = st.one_of(
    st.just(FILE),
    st.integers(0, SIZE).map(lambda end: FILE[:end]),
    st.integers(0, SIZE).map(lambda start: FILE[start:]),
    st.sampled_from(PAGES),
    st.binary(max_size=50),
    st.just(FILE * 20),
)


def chunked(body: bytes, size: int) -> bytes:
    """A body in chunks, whole."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


@st.composite
def odd_answers(draw: st.DrawFn) -> Answer:
    """Status, headers and body that need not fit each other, some bytes of which may be changed."""
    lines = [b"HTTP/1.1 %s %s" % (draw(STATUSES), draw(st.just(b"OK") | WORDS))]
    lines += [b"%s: %s" % header for header in draw(st.lists(HEADERS, max_size=5))]
    lines *= draw(st.sampled_from([1] * 20 + [60]))
    body = draw(BODIES)
    if draw(st.booleans()):
        lines.append(b"Transfer-Encoding: chunked")
        body = draw(st.just(chunked(body, 700)) | st.just(b"-1\r\n" + body))
    answer = bytearray(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        answer[draw(st.integers(0, min(300, len(answer) - 1)))] = draw(st.integers(0, 255))
    if draw(st.integers(0, 19)) == 13:  # a byte every now and then
        cut = draw(st.integers(0, len(answer)))
        drips = [piece for _ in range(60) for piece in (0.02, bytes(answer[cut : cut + 1]))]
        return [bytes(answer[:cut]), *drips]
    return [bytes(answer)]


@st.composite
def honest_answers(draw: st.DrawFn) -> Answer:
    """The file or a range of it, told as it is, from a connection that may break."""
    start = draw(st.sampled_from([0, 0, 500, 1000, 2000]))
    end = draw(st.just(SIZE) | st.integers(start + 1, SIZE)) if start else SIZE
    head = b"HTTP/1.1 %s\r\n%s\r\n" % (b"206 Part" if start else b"200 OK", TAG)
    if start:
        head += b"Content-Range: bytes %d-%d/%d\r\n" % (start, end - 1, SIZE)
    if draw(st.booleans()):
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(FILE[start:end], 500)
    else:
        answer = head + b"Content-Length: %d\r\n\r\n" % (end - start) + FILE[start:end]
    breaks = draw(st.sampled_from([len(answer), len(head) + 600, len(head) + 1200]))
    return [answer[: draw(st.just(breaks) | st.integers(0, len(answer)))]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """At which nobody waits long, and the disk need not."""
    monkeypatch.setattr("os.fsync", lambda number: None)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(module, "SMALL", 1000)
    with serve_raw() as server:
        yield server


def attempt(server: RawServer, drive: bool) -> bytes | None:
    """The file, or None after an error; nothing is left but what may be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.zip"
        opener = open_drive if drive else open_url
        try:
            url = f"{server.url}/set.zip"
            download(url, path, expected=SIZE, opener=opener, retry=RETRY_POLICY)
        except ExposureLabError as error:
            message = str(error)
            assert (
                message.startswith("Expected ") and message.endswith(".") and message.isprintable()
            )
            assert len(message) < 800
            assert set(os.listdir(folder)) <= {"set.zip.part", "set.zip.part.json"}
            return None
        assert os.listdir(folder) == ["set.zip"]
        return path.read_bytes()


@pytest.mark.slow
def test_any_answers(server: RawServer) -> None:
    contents: list[bytes | None] = []

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(st.lists(odd_answers(), max_size=3), odd_answers() | st.just(WHOLE), st.booleans())
    def run(answers: list[Answer], always: Answer, drive: bool) -> None:
        server.script, server.always = answers, always
        content = attempt(server, drive)
        assert content is None or (
            content[:4] == FILE[:4] and len(content) <= MOST_ANNOUNCED * SIZE
        )
        contents.append(content)

    with within(300):
        run()
    assert 50 <= contents.count(None) <= 180  # it is no fuzzer that never hits, or always


@pytest.mark.slow
def test_honest_answers_make_the_file(server: RawServer) -> None:
    contents: list[bytes | None] = []

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(st.lists(honest_answers(), min_size=1, max_size=5))
    def run(answers: list[Answer]) -> None:
        server.script, server.always = answers, WHOLE
        contents.append(attempt(server, drive=False))

    with within(300):
        run()
    assert set(contents) <= {FILE, None}
    assert contents.count(FILE) >= 100
