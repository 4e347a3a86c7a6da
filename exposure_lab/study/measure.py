"""Experiments that train nothing: run a measurement and write its results."""

from pathlib import Path

from exposure_lab.data.loading.dataset import fingerprint
from exposure_lab.runtime import device_name, start_runtime
from exposure_lab.study.begin import new_results
from exposure_lab.study.figures import figures_of
from exposure_lab.study.measurements.registry import MEASUREMENTS
from exposure_lab.study.results import (
    Results,
    read_results,
    sample_rows,
    write_results,
)


def measure(name: str, data: Path, out: Path, profile: str, data_name: str = "") -> None:
    """Run a measurement anew and write its results.

    Args:
        name: of the measurement.
        data: held-out pairs in MSEC layout.
        out: folder of the results.
        profile: name of the profile whose results lie there.
        data_name: name of the data set in a sentence; the folder's name where not given.

    Raises:
        DataError: the data cannot be used.
    """
    measurement = MEASUREMENTS[name]
    results = _begin(name, data, profile, data_name)
    samples = measurement.function(data if measurement.needs_data else None)
    results.rows = sample_rows(samples)
    if measurement.on_accelerator:
        results.device = device_name(start_runtime("fp32").device)
        results.provenance["device"] = results.device
    write_results(out / f"{name}.json", results, figures_of(results))


def is_measured(name: str, data: Path, out: Path, profile: str) -> bool:
    """Whether the results of a measurement are there, by the code, rules and data of now.

    Raises:
        DataError: they were edited by hand.
    """
    there = read_results(out / f"{name}.json")
    return there is not None and _basis(there) == _basis(_begin(name, data, profile))


def _begin(name: str, data: Path, profile: str, data_name: str = "") -> Results:
    measurement = MEASUREMENTS[name]
    if not measurement.needs_data:
        return new_results(name, measurement.design, profile)
    of_data = data_name or data.name, fingerprint(data)
    return new_results(name, measurement.design, profile, (), *of_data)


def _basis(results: Results) -> tuple[str, dict[str, str], str | None]:
    return results.design, results.rules, results.provenance["data"]
