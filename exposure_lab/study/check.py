"""Check of results against themselves: every figure must be what its rows make it."""

from pathlib import Path

from exposure_lab.errors import DataError
from exposure_lab.files.json_files import read_json_object
from exposure_lab.study.figures import figures_of
from exposure_lab.study.ledger import REPORT, experiment_names
from exposure_lab.study.results import read_results, repeat_folders


def check_results(folder: Path) -> int:
    """Recompute the figures of every experiment from its rows and compare.

    Args:
        folder: of the results; those at other scales and on other photos lie below it.

    Returns:
        Number of files that were checked.

    Raises:
        DataError: a file was edited by hand, or a figure is not what its rows make it.
    """
    checked = 0
    for place in (folder, folder / REPORT, *repeat_folders(folder)):
        for name in experiment_names():
            path = place / f"{name}.json"
            if (results := read_results(path)) is None:
                continue
            stored, computed = read_json_object(path)["figures"], figures_of(results)
            differing = [key for key in stored | computed if stored.get(key) != computed.get(key)]
            if differing:
                raise DataError(
                    f"Expected the figures of {path} as its rows make them, but "
                    f"{sorted(differing)[0]} differs: run the experiment again, or take the file "
                    "back from version control."
                )
            checked += 1
    return checked
