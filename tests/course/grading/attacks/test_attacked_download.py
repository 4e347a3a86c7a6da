"""Attacks by the zip of a whole class: each is named, and the others get their grades."""

import csv
import json
import stat
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attacks_on_intake import zipped
from made_up_batch import OWN_QUESTIONS, Class, needs_sandbox

if TYPE_CHECKING:
    from conftest import CommandLine

pytestmark = [needs_sandbox, pytest.mark.slow]


def write_hostile_zip(path: Path, notebook: bytes, outside: Path, canary: Path) -> None:
    """Zip of a class with two honest students among others."""
    changed = notebook.replace(b"return ", b"return 1 + ")
    files = {
        "anna.ipynb": notebook,
        "bert.zip": zipped({"mine/01_scaling.ipynb": notebook}),
        f"{'../' * 12}{outside}/up.ipynb": notebook,
        f"{outside}/absolute.ipynb": notebook,
        "C:\\drive.ipynb": notebook,
        "a\\..\\..\\..\\back.ipynb": notebook,
        "bomb.ipynb": bytes(100_000_000),
        "deep.zip": zipped({"a.zip": zipped({"b.zip": zipped({"c.ipynb": notebook})})}),
    }
    kinds = {"link.ipynb": stat.S_IFLNK, "device.ipynb": stat.S_IFBLK, "pipe.ipynb": stat.S_IFIFO}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name, kind in kinds.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (kind | 0o666) << 16
            archive.writestr(info, str(canary))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile sees that the name is there twice
            archive.writestr("twin.ipynb", notebook)
            archive.writestr("twin.ipynb", changed)


def test_a_hostile_zip_of_a_class(command_line: "CommandLine", tmp_path: Path) -> None:
    small = Class(tmp_path / "class")
    small.hand_in_right("anna")
    notebook = (small.submissions / "anna.ipynb").read_bytes()
    canary, out = tmp_path / "canary", tmp_path / "grades"
    outside = Path("/tmp/exposure-lab-hostile-zip")
    canary.write_text("the secret")
    write_hostile_zip(tmp_path / "class.zip", notebook, outside, canary)
    before = set(tmp_path.rglob("*"))
    arguments = ["--release", small.release, "--out", out, "--questions", OWN_QUESTIONS]
    done = command_line("course", "grade", tmp_path / "class.zip", "--seed", 3, *arguments)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not outside.exists()
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == before
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    points = {student: row["01.scale (3)"] for student, row in rows.items()}
    assert {student for student, earned in points.items() if earned} == {"anna", "bert"}
    assert points["anna"] == points["bert"] == "3"
    said = {
        "tmp": "outside its folder",
        "drive": "outside its folder",
        "a": "outside its folder",
        "bomb": "of 20 at most",
        "deep": "too deep",
        "link": "is a link or a device",
        "device": "is a link or a device",
        "pipe": "is a link or a device",
        "twin": "with different answers",
    }
    assert set(rows) == {"anna", "bert", *said}
    for student, sentence in said.items():
        assert sentence in json.dumps(rows[student]), student
    assert not [path for path in out.rglob("*.*") if b"the secret" in path.read_bytes()]
