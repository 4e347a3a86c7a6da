"""Every result says what made it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import torch

from exposure_lab import provenance as module
from exposure_lab.provenance import commit, data_fingerprint, provenance


def test_provenance_is_strict_json_and_complete() -> None:
    facts = provenance(device="cpu", seed=7, data="0123456789abcdef")
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert (facts["device"], facts["seed"], facts["data"]) == ("cpu", 7, "0123456789abcdef")
    assert facts["versions"]["torch"] == torch.__version__.split("+")[0] or (
        facts["versions"]["torch"] == torch.__version__
    )
    assert all(facts["versions"].values())
    assert facts["processor"]
    assert facts["commit"] == commit()


def test_date_is_now_in_utc() -> None:
    date = datetime.fromisoformat(provenance()["date"])
    assert date.utcoffset() == timedelta(0)
    assert abs(datetime.now(date.tzinfo) - date) < timedelta(minutes=1)


def test_missing_package_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGES", ("no-such-package-anywhere",))
    assert provenance()["versions"] == {"no-such-package-anywhere": None}


def test_commit_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", fail)
    assert commit.__wrapped__() in ("unknown", "release 0.1.0")


def test_a_copy_tells_what_it_was_made_from(tmp_path: Path) -> None:
    """As in a bundle: the package without its repository, in another process."""
    copy = tmp_path / "exposure_lab"
    source = Path(module.__file__)
    for name in ("__init__.py", "provenance.py", "errors.py", "lazy.py", "files"):
        origin, target = source.with_name(name), copy / name
        copy.mkdir(exist_ok=True)
        shutil.copytree(origin, target) if origin.is_dir() else shutil.copy(origin, target)
    command = [sys.executable, "-c", "from exposure_lab.provenance import *; print(commit())"]

    def told() -> str:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert told().startswith("release ")
    (copy / "COMMIT").write_text("0123456789-dirty\n", encoding="utf-8")
    assert told() == "0123456789-dirty"


def test_fingerprint_follows_names_and_sizes(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place / "deep").mkdir(parents=True)
        (tmp_path / place / "deep" / "a.jpg").write_bytes(b"123")
    first = data_fingerprint(tmp_path / "one")
    assert len(first) == 16
    assert int(first, 16) >= 0
    assert data_fingerprint(tmp_path / "two") == first  # wherever it lies
    for name in (".lock", "Thumbs.db", "desktop.ini"):
        (tmp_path / "two" / name).touch()
    assert data_fingerprint(tmp_path / "two") == first  # neither hidden files nor a system's own
    (tmp_path / "two" / "deep" / "a.jpg").write_bytes(b"1234")
    assert data_fingerprint(tmp_path / "two") != first
    (tmp_path / "one" / "deep" / "a.jpg").rename(tmp_path / "one" / "a.jpg")
    assert data_fingerprint(tmp_path / "one") != first


def test_fingerprint_of_names_that_are_no_text(tmp_path: Path) -> None:
    """The digest of what the system calls them; for all other names it is as it always was."""
    (tmp_path / "b.jpg").write_bytes(b"12")
    digest = hashlib.sha256(b"b.jpg 2\n")
    assert data_fingerprint(tmp_path) == digest.hexdigest()[:16]
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"123")  # Latin-1
    digest.update(b"caf\xe9.jpg 3\n")
    assert data_fingerprint(tmp_path) == digest.hexdigest()[:16]
