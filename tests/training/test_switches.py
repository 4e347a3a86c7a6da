"""Every switch changes the run it is turned in, and such a run resumes as any other."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from runs import STEPS, assert_same_run, run_whole, stop

from exposure_lab.profiles.load import load_profile
from exposure_lab.training.history import read_history

SWITCHES = [
    "generator.norm=instance",
    "generator.upsampling=resize",
    "generator.downsampling=max-pool",
    "generator.activation=maxout",
    "generator.skips=false",
    "generator.dropout=0.5",
    "data.normalise=false",
    "optimizer.halve_from=0.5",
    "discriminator.norm=instance",
    "discriminator.spectral_norm=true",
    "discriminator.conditional=false",
    "loss.adversarial=lsgan",
    "loss.adversarial=hinge",
    "loss.lambda_adversarial=0.0",
    "loss.pixel=l2",
    "optimizer.decay_from=0.25",
    "training.ema_decay=0.9",
    "precision=bf16",
]


@pytest.mark.slow
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_run_with_a_switch(
    whole: Path, small_set: Path, tiny_overrides: Sequence[str], tmp_path: Path, switch: str
) -> None:
    config = load_profile("smoke", [*tiny_overrides, switch])
    run_whole(config, small_set, tmp_path / "whole")
    stop(config, small_set, tmp_path / "cut", 6)
    run_whole(config, small_set, tmp_path / "cut", resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")
    rows, usual = (read_history(run, "step") for run in (tmp_path / "whole", whole))
    assert len(rows) == STEPS
    scored = [read_history(run, "epoch")[-1] for run in (tmp_path / "whole", whole)]
    assert rows != usual or scored[0] != scored[1]


def test_no_switch_is_forgotten(tiny_overrides: Sequence[str]) -> None:
    """What the networks, losses, optimiser and average can be set to, is set above."""
    config = load_profile("smoke", tiny_overrides)
    set_by_size = {"width", "layers", "lr", "beta1", "beta2", "lambda_l1"}
    tables = {"generator", "discriminator", "loss", "optimizer"}
    switches = {
        f"{table}.{key}" for table in tables for key in type(getattr(config, table)).model_fields
    }
    tried = {switch.partition("=")[0] for switch in SWITCHES}
    assert {key for key in switches if key.partition(".")[2] not in set_by_size} <= tried
