"""Check of a folder of results: whatever was changed since is found, in a sentence."""

import re
import shutil
from pathlib import Path

import pytest

from exposure_lab.errors import DataError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.fingerprints import write_fingerprinted
from exposure_lab.study.check import check_results
from exposure_lab.study.results import results_folder

NAMES = ("forms", "counts", "interval-coverage")
"""An experiment that no claim names, a measurement, and what a benchmark wrote."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        shutil.copy(results_folder() / f"{name}.json", tmp_path)
    return tmp_path


def test_every_file_is_checked(folder: Path) -> None:
    assert check_results(folder) == len(NAMES)
    (folder / "other-photos" / "mine").mkdir(parents=True)
    shutil.copy(results_folder() / "forms.json", folder / "other-photos" / "mine")
    assert check_results(folder) == len(NAMES) + 1


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_was_edited_by_hand(folder: Path, name: str) -> None:
    path = folder / f"{name}.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub('"value": (-?)', r'"value": \g<1>1', text, count=1), encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}.json as the program wrote it, but its fingerprin"):
        check_results(folder)


def test_a_figure_that_its_rows_do_not_make(folder: Path) -> None:
    content = read_json_object(folder / "forms.json")
    content["figures"]["psnr.curve"]["value"] += 1
    write_fingerprinted(folder / "forms.json", content)
    with pytest.raises(DataError, match=r"rows make them, but psnr\.curve differs: run the exper"):
        check_results(folder)


@pytest.mark.parametrize(
    ("name", "what"), [("forms", "the arms"), ("counts", "the code that measures")]
)
def test_a_design_that_changed_since(folder: Path, name: str, what: str) -> None:
    content = read_json_object(folder / f"{name}.json")
    write_fingerprinted(folder / f"{name}.json", content | {"rule_hash": "0123456789abcdef"})
    with pytest.raises(DataError, match=f"by {name} as it is now, but {what} changed since: run i"):
        check_results(folder)


def test_results_under_another_name(folder: Path) -> None:
    shutil.copy(folder / "forms.json", folder / "flips.json")
    with pytest.raises(DataError, match=r"results of flips in .*, but it holds those of forms: gi"):
        check_results(folder)


def test_a_folder_that_is_empty_or_not_there(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(
            DataError, match=r"one JSON file an experiment, in .*, but there are no"
        ):
            check_results(place)
