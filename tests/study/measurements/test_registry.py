"""Measurements by name: each claim that needs no training finds its figure, and its verdict."""

import subprocess
import sys
from pathlib import Path

import pytest

from exposure_lab.study.claims import Claim, all_claims
from exposure_lab.study.estimates import mean_of
from exposure_lab.study.experiments import all_experiments
from exposure_lab.study.measurements import speed
from exposure_lab.study.measurements.registry import MEASUREMENTS, Measurement
from exposure_lab.study.samples import Sample
from exposure_lab.study.verdicts import find

UNTRAINED = [one for one in all_claims().values() if one.kind in ("arithmetic", "measured")]

VERDICTS = {
    "gan-is-cnn": "fails",  # one of two GANs has none
    "update-each-epoch": "fails",  # 17,675 / 64 = 276.2: 277 steps
    "relu-in-use": "holds",
    "flip-probability": "holds",
    "real-is-target": "holds",
    "fake-label-by-error": "fails",  # 0 for every generated picture
    "critic-shapes-generator": "holds",
    "unet-fully-connected": "fails",  # two of sixteen layers
    "unet-fully-convolutional": "holds",
    "unet-max-pool": "holds in part",  # strides, no pooling
    "skips-global": "holds in part",  # one of seven
    "unet-symmetric": "holds",
    "encoder-context": "holds",
    "unet-one-pixel": "holds",
    "unet-six-layers": "fails",  # 4x4
    "stride-two": "holds",
    "patch-values": "holds",
    "patch-any-size": "holds",
    "model-any-size": "fails",
    "patch-fewer-parameters": "holds",
    "augmentation-varies": "holds",
    "jitter-probability": "holds",
    "targets-untouched": "holds",
    "two-losses": "holds",
    "loss-d-bce": "holds",
    "loss-g-l1": "fails",  # log 2 is left
    "bce-classifies": "holds",
    "bce-probability-from-g": "fails",
    "bce-target-one": "holds in part",  # in the generator's turn
    "bce-sum": "fails",
    "l1-absolute": "holds",
    "l1-every-image": "holds",
    "counts": "holds",
    "inputs-per-target": "holds",
    "counts-validation": "holds",
    "epoch-all-images": "holds",
    "batch-has-a-curve": "fails",
    "mean-kernel-brightens": "fails",
}
"""Claims that are decided the same way on every machine and by any photos, by hand."""


@pytest.fixture(scope="module")
def measured(sample: Path) -> dict[str, list[Sample]]:
    """All measurements of the built-in photos, with few rounds of timing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "REPEATS", 2)
        return {
            name: one.function(sample if one.needs_data else None)
            for name, one in MEASUREMENTS.items()
        }


@pytest.mark.parametrize("claim", UNTRAINED, ids=lambda claim: claim.id)
def test_every_claim_without_training_has_its_figure(claim: Claim) -> None:
    assert claim.figure in MEASUREMENTS[claim.experiment].figures


@pytest.mark.slow
@pytest.mark.parametrize("one", MEASUREMENTS.values(), ids=lambda one: one.name)
def test_a_measurement_gives_the_figures_that_it_declares(
    one: Measurement, measured: dict[str, list[Sample]]
) -> None:
    samples = measured[one.name]
    assert tuple(sample.figure for sample in samples) == one.figures
    for sample in samples:
        assert len(sample.over) in (0, len(sample.values)) and sample.values
        assert (len(sample.values) > 1) == bool(sample.over)
    assert one.about.endswith(".") and len(one.design) == 16
    assert any(claim.experiment == one.name for claim in UNTRAINED), "no claim asks for it"


def test_names_and_designs_are_of_one_measurement_each() -> None:
    assert not MEASUREMENTS.keys() & all_experiments().keys()
    assert len({one.design for one in MEASUREMENTS.values()}) == len(MEASUREMENTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", VERDICTS)
def test_the_verdict_is_that_of_a_hand_derivation(
    name: str, measured: dict[str, list[Sample]]
) -> None:
    claim = all_claims()[name]
    values = {sample.figure: sample.values for sample in measured[claim.experiment]}
    assert find(claim, mean_of(values[claim.figure])).verdict == VERDICTS[name]


def test_what_holds_at_any_scale_is_in_the_table() -> None:
    of_any_scale = {one.id for one in UNTRAINED if MEASUREMENTS[one.experiment].any_scale}
    assert set(VERDICTS) == of_any_scale


@pytest.mark.slow
def test_listing_the_measurements_loads_no_torch() -> None:
    code = (
        "import sys; from exposure_lab.study.measurements.registry import MEASUREMENTS; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
