"""Experiments: arms that differ in one factor, at every profile."""

import pytest

from exposure_lab.config import deepest_discriminator
from exposure_lab.errors import ConfigError
from exposure_lab.profiles.load import profile_names
from exposure_lab.study.claims import all_claims
from exposure_lab.study.experiments import (
    Experiment,
    all_experiments,
    find_experiment,
    parse_experiments,
)


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("experiment", all_experiments().values(), ids=lambda one: one.name)
def test_arms_differ_in_their_factor_alone(experiment: Experiment, profile: str) -> None:
    experiment.check_factor(profile)


def test_the_arms_of_claims_are_there() -> None:
    for claim in all_claims().values():
        if claim.kind == "trained" and claim.experiment in all_experiments():
            experiment = all_experiments()[claim.experiment]
            assert set(claim.arms) <= {*experiment.arms, *experiment.baselines}, claim.id


def test_arms_share_their_seed() -> None:
    experiment = find_experiment("flips")
    seeds = {experiment.config(arm, 3, "study").seed for arm in experiment.arms}
    assert seeds == {3}


def test_a_factor_of_the_profile_s_value() -> None:
    once, thrice = (find_experiment("longer").config(arm, 1, "study") for arm in ("once", "thrice"))
    assert thrice.training.epochs == 3 * once.training.epochs


def test_the_rates_of_the_report_and_their_multiples_at_our_scale() -> None:
    experiment = find_experiment("rate")
    rates = {
        profile: [experiment.config(arm, 1, profile).optimizer.lr for arm in experiment.arms]
        for profile in ("report", "study")
    }
    assert rates["report"] == [4e-4, 2e-4, 1e-4, 5e-5]  # section 7 of the report, and beyond
    assert rates["study"] == pytest.approx([20 * rate for rate in rates["report"]])
    switched = find_experiment("rate-switch").config("halved", 1, "report").optimizer
    assert (switched.lr, switched.halve_from) == (2e-4, 0.5)


def test_every_batch_size_sees_as_many_pictures() -> None:
    experiment = find_experiment("batch")
    seen = set()
    for arm in experiment.arms:
        training = experiment.config(arm, 1, "study").training
        seen.add(training.batch_size * training.steps_per_epoch * training.epochs)
    assert len(seen) == 1


def test_arms_that_differ_in_more_than_their_factor() -> None:
    arms = {"a": {"loss.pixel": "l1"}, "b": {"loss.pixel": "l2", "optimizer.lr": 1e-3}}
    experiment = Experiment(name="x", question="?", factor=("loss.pixel",), arms=arms)
    with pytest.raises(ConfigError, match=r"differ in loss\.pixel alone, but they differ in"):
        experiment.check_factor("report")


def test_arms_of_two_kinds_of_network_have_other_settings() -> None:
    """Each kind has some that the other lacks, whichever arm comes first."""
    kinds = [{}, {"generator.kind": "bilateral-grid"}]
    for arms in (kinds, kinds[::-1]):
        experiment = Experiment(
            name="kinds",
            question="?",
            factor=("generator.kind",),
            arms=dict(zip(("first", "second"), arms, strict=True)),
        )
        with pytest.raises(ConfigError, match=r"differ in generator\.kind alone, but .*\.skips"):
            experiment.check_factor("study")


def test_arms_that_do_not_differ() -> None:
    arms = {"a": {"loss.pixel": "l1"}, "b": {}}
    experiment = Experiment(name="x", question="?", factor=("loss.pixel",), arms=arms)
    with pytest.raises(ConfigError, match="two of them have the same settings at profile report"):
        experiment.check_factor("report")


def test_an_override_may_not_change_the_factor_of_an_arm() -> None:
    config = find_experiment("flips").config("none", 1, "study", ("data.flip=paired",))
    assert config.data.flip == "none"


def test_an_experiment_without_arms() -> None:
    with pytest.raises(ConfigError, match="whole experiment under 'x', but arms is wrong"):
        parse_experiments({"x": {"question": "?", "factor": []}})


def test_an_unknown_experiment() -> None:
    with pytest.raises(ConfigError, match="Unknown experiment 'flip'; did you mean 'flips'"):
        find_experiment("flip")


@pytest.mark.parametrize("profile", ["smoke", "study", "report"])
def test_the_critic_of_every_arm_fits_its_pictures(profile: str) -> None:
    for experiment in all_experiments().values():
        for arm in experiment.arms:
            if experiment.networks == "report":
                config = experiment.config(arm, 1, profile)
                layers = config.discriminator.layers
                assert layers <= deepest_discriminator(config.data.image_size), experiment.name
