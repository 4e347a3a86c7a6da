"""Check of results against themselves and against what is here: rows, figures, arms, code."""

from pathlib import Path

from exposure_lab.errors import DataError
from exposure_lab.fingerprints import read_fingerprinted
from exposure_lab.study.experiments import all_experiments
from exposure_lab.study.figures import figures_of
from exposure_lab.study.ledger import REPORT
from exposure_lab.study.measurements.registry import MEASUREMENTS
from exposure_lab.study.results import Results, parse_results, repeat_folders


def check_results(folder: Path) -> int:
    """Check every file of results: its fingerprint, its figures, and the design that made it.

    Figures are computed anew from the rows. The design is that of the experiment's arms, or of the
    code that measured, as they are now. What a benchmark wrote has neither rows nor a design, and
    its fingerprint alone is checked.

    Args:
        folder: of the results; those at other scales and on other photos lie below it.

    Returns:
        Number of files that were checked.

    Raises:
        DataError: there are none, a file was edited by hand or bears another name, a figure is not
            what its rows make it, or its arms or the code that measured were changed since.
    """
    places = (folder, folder / REPORT, *repeat_folders(folder))
    paths = [path for place in places for path in sorted(place.glob("*.json"))]
    if not paths:
        raise DataError(
            f"Expected results, one JSON file an experiment, in {folder}, but there are none: give "
            "the folder that `exposure-lab study run` wrote to."
        )
    for path in paths:
        content = read_fingerprinted(path)
        if "rows" in content:
            _check_rows(path, parse_results(content), content["figures"])
    return len(paths)


def _check_rows(path: Path, results: Results, stored: dict[str, object]) -> None:
    """Check the figures of a file of rows, and what made them."""
    if results.experiment != path.stem:
        raise DataError(
            f"Expected results of {path.stem} in {path}, but it holds those of "
            f"{results.experiment}: give it the name {results.experiment}.json, or take the file "
            "back from version control."
        )
    computed = figures_of(results)
    differing = [key for key in stored | computed if stored.get(key) != computed.get(key)]
    if differing:
        raise DataError(
            f"Expected the figures of {path} as its rows make them, but {sorted(differing)[0]} "
            "differs: run the experiment again, or take the file back from version control."
        )
    if results.design != _design(results):
        what = "the code that measures" if results.experiment in MEASUREMENTS else "the arms"
        raise DataError(
            f"Expected {path} to be made by {results.experiment} as it is now, but {what} changed "
            "since: run it again."
        )


def _design(results: Results) -> str:
    """Hash of what would make these results now; empty where nothing of their name would."""
    name = results.experiment
    if name in MEASUREMENTS:
        return MEASUREMENTS[name].design
    return all_experiments()[name].design_hash if name in all_experiments() else ""
