"""Profiles parse, each departure from the report has its reason, and typos are answered kindly."""

import tomllib
from importlib import resources

import pytest
from pydantic import ValidationError

from exposure_lab.config import BilateralGridConfig, parse_config
from exposure_lab.errors import ConfigError
from exposure_lab.profiles.load import (
    departures,
    departures_of,
    load_profile,
    parse_profile,
    profile_names,
    report_sources,
    with_overrides,
)

OTHERS = [name for name in profile_names() if name != "report"]


def leaves(tree: dict, prefix: str = "") -> dict:
    """Nested settings as dotted keys."""
    dotted = {}
    for key, value in tree.items():
        dotted |= (
            leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return dotted


@pytest.mark.parametrize("name", profile_names())
def test_profile_parses_and_survives_json(name: str) -> None:
    config = load_profile(name)
    assert config.profile == name
    assert parse_config(config.model_dump(mode="json")) == config


def test_report_is_the_reports() -> None:
    config = load_profile("report")
    # The report's sections 3.2, 4, 6 and 7.
    assert (config.data.image_size, config.data.flip) == (256, "report")
    assert (config.data.flip_probability, config.data.jitter_probability) == (0.5, 0.2)
    assert (config.training.batch_size, config.training.epochs) == (64, 150)
    assert config.optimizer.lr == 1e-4


def test_every_setting_of_the_report_says_where_it_comes_from() -> None:
    sources = report_sources()
    settings = leaves(load_profile("report").model_dump())
    del settings["profile"]
    assert sources.keys() == settings.keys()
    for source in sources.values():
        kind, _, reason = source.partition(": ")
        assert kind in ("stated", "inferred", "chosen")
        assert reason


@pytest.mark.parametrize("name", OTHERS)
def test_every_departure_has_a_reason_and_every_reason_a_departure(name: str) -> None:
    report, own = (leaves(load_profile(profile).model_dump()) for profile in ("report", name))
    different = {key for key in own if key != "profile" and own[key] != report[key]}
    listed = departures(name)
    assert {departure.key for departure in listed} == different
    for departure in listed:
        assert departure.why, departure.key
        assert (departure.report, departure.value) == (report[departure.key], own[departure.key])


@pytest.mark.parametrize("name", OTHERS)
def test_profile_holds_nothing_but_departures(name: str) -> None:
    text = (resources.files("exposure_lab") / "profiles" / f"{name}.toml").read_text()
    settings = tomllib.loads(text)
    assert settings.pop("why").keys() == {departure.key for departure in departures(name)}
    assert leaves(settings).keys() == {departure.key for departure in departures(name)}


def test_report_departs_in_nothing() -> None:
    assert departures("report") == []


def test_overrides() -> None:
    overrides = ["seed=11", "optimizer.lr=2e-4", "data.flip=none", 'precision="bf16"']
    config = load_profile("smoke", [*overrides, "training.epochs=3"])
    assert (config.seed, config.optimizer.lr, config.data.flip) == (11, 2e-4, "none")
    assert (config.precision, config.training.epochs) == ("bf16", 3)
    assert load_profile("smoke").seed != 11


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("lr=1e-3", r"Unknown setting 'lr'; did you mean 'optimizer\.lr'\?"),
        ("lrr=1e-3", r"Unknown setting 'lrr'; did you mean 'optimizer\.lr'\?"),
        ("training.epoch=3", r"did you mean 'training\.epochs'\?"),
        ("optimiser.lr=1", r"did you mean 'optimizer\.lr'\?"),
        ("qqq=1", "Unknown setting 'qqq'; known: seed, precision"),
        ("training=3", "Unknown setting 'training'; "),
        ("profile=report", "Unknown setting 'profile'; "),
        ("training.epochs", r"Expected key=value, such as training\.epochs=10, but got"),
        ("training.epochs=many", "'training.epochs', but got 'many'"),
        ("training.epochs=0", r"'training\.epochs', but got 0: .* greater than 0"),
        ("training.epochs=2.5", r"'training\.epochs', but got 2\.5"),
        ("data.flip=mirror", "'data.flip', but got 'mirror'"),
        ("data.flip_probability=1.5", "'data.flip_probability', but got 1.5"),
        ("optimizer.lr=nan", "'optimizer.lr', but got nan: .* finite"),
        ("seed=-1", "'seed', but got -1"),
        ("data.image_size=48", "under 'data' that agree, but image_size must be a power of two"),
        ("data.image_size=4096", r"'data.image_size', but got 4096: .* less than or equal to 2048"),
        ("data.short_side=4097", r"'data.short_side', but got 4097: .* less than or equal to 4096"),
        ("data.workers=1025", "'data.workers', but got 1025: .* less than or equal to 1024"),
        (
            "data.jitter=1e7",
            r"'data\.jitter', but got 10000000\.0: .* equal to 1000000",
        ),
        ("generator.width=1025", "'generator.width', but got 1025: .* less than or equal to 1024"),
        ("discriminator.width=9999", "'discriminator.width', but got 9999"),
        (
            "discriminator.layers=10",
            "'discriminator.layers', but got 10: .* or equal to 9",
        ),
        ("training.batch_size=65537", "'training.batch_size', but got 65537"),
        ("training.epochs=1000001", "'training.epochs', but got 1000001"),
        ("training.steps_per_epoch=1000001", "'training.steps_per_epoch', but got 1000001"),
        ("training.keep_every=1000001", "'training.keep_every', but got 1000001"),
        ("loss.lambda_l1=2e6", r"'loss.lambda_l1', but got 2000000\.0"),
        ("seed=2147483648", "'seed', but got 2147483648"),
        (f"seed={'9' * 4000}", r"'seed', but got 9{5,}\.\.\.9{5,}: "),
        ("data.short_side=32", r"short_side must be 0 or at least image_size \(64\), not 32"),
    ],
)
def test_wrong_override_is_answered_in_one_sentence(override: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        load_profile("smoke", [override])
    assert "\n" not in str(caught.value)


def test_another_kind_of_generator_brings_its_own_settings() -> None:
    kind = "generator.kind=bilateral-grid"
    own = load_profile("smoke", [kind])
    assert own.generator == BilateralGridConfig()
    rest = load_profile("smoke").model_dump(exclude={"generator"})
    assert own.model_dump(exclude={"generator"}) == rest
    narrow = load_profile("smoke", ["generator.width=5", 'generator.kind="bilateral-grid"'])
    assert narrow.generator == BilateralGridConfig(width=5)
    assert with_overrides(narrow, [kind, "generator.bins=4"]).generator == BilateralGridConfig(
        width=5, bins=4
    )
    assert parse_config(narrow.model_dump(mode="json")) == narrow
    assert (
        with_overrides(own, ["generator.kind=unet"]).generator == load_profile("report").generator
    )


def test_settings_that_name_no_kind_are_the_u_nets() -> None:
    """As they all are that were written before there was another; so a run's hash stays."""
    settings = load_profile("report").model_dump(mode="json")
    assert "kind" not in settings["generator"]
    named = settings | {"generator": settings["generator"] | {"kind": "unet"}}
    assert parse_config(named).model_dump(mode="json") == settings
    assert load_profile("smoke", ["generator.kind=unet"]) == load_profile("smoke")


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["generator.kind=grid"], r"'generator', but got .*: its kind is unet or bilateral-grid\."),
        (["generator.kind=3"], r"'generator', but got .*: its kind is unet or bilateral-grid\."),
        (["kind=bilateral-grid"], r"'kind'; did you mean 'generator\.kind'\?"),
        (["generator.bins=8"], r"generator\.bins is none of kind unet: leave it out, or choose"),
        (
            ["generator.kind=bilateral-grid", "generator.skips=false"],
            r"generator\.skips is none of kind bilateral-grid: leave it out, or choose another",
        ),
        (
            ["generator.kind=bilateral-grid", "generator.width=21"],
            r"'generator\.width', but got 21: .* less than or equal to 20",
        ),
        (["generator.kind=bilateral-grid", "generator.bins=1"], r"'generator\.bins', but got 1: "),
    ],
)
def test_settings_of_the_other_kind_are_refused(overrides: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        load_profile("smoke", overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("generator", [3, None, [1], {"kind": [1]}, {"kind": None}, {"kind": {}}])
def test_stored_generator_of_no_kind(generator: object) -> None:
    settings = load_profile("smoke").model_dump() | {"generator": generator}
    with pytest.raises(ConfigError, match="Expected another value for 'generator', but got"):
        parse_config(settings)


def test_a_recipe_of_another_kind_departs_in_its_own_settings() -> None:
    own = {
        "generator": {"kind": "bilateral-grid", "width": 12, "bins": 6},
        "optimizer": {"lr": 1e-3},
        "why": {"generator.kind": "it keeps detail", "optimizer.lr": "a short run"},
    }
    assert parse_profile(own, "grid").generator == BilateralGridConfig(width=12, bins=6)
    listed = {departure.key: departure[1:] for departure in departures_of(own)}
    assert listed == {
        "generator.kind": ("unet", "bilateral-grid", "it keeps detail"),
        "generator.width": (64, 12, ""),
        "generator.bins": ("none", 6, ""),
        "optimizer.lr": (1e-4, 1e-3, "a short run"),
    }


def test_unknown_profile_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Unknown profile 'smok'; did you mean 'smoke'\?"):
        load_profile("smok")
    with pytest.raises(ConfigError, match="known: smoke, laptop, colab, study, report"):
        departures("../secret")


def test_unknown_key_in_a_stored_config() -> None:
    settings = load_profile("smoke").model_dump()
    settings["data"]["rotate"] = True
    with pytest.raises(ConfigError, match=r"'data\.rotate' is none: remove it"):
        parse_config(settings)
    with pytest.raises(ConfigError, match="'data'"):
        parse_config({key: value for key, value in settings.items() if key != "data"})


def test_a_researchers_settings_are_within_bounds() -> None:
    """Sixteen times the report's weights, on squares of 16 times its area."""
    overrides = ["data.image_size=1024", "data.short_side=1144", "generator.width=256"]
    more = ["discriminator.width=256", "discriminator.layers=5", "training.batch_size=4096"]
    config = load_profile("report", [*overrides, *more, "training.epochs=100000"])
    assert (config.data.image_size, config.generator.width) == (1024, 256)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ([1, 2], r"Expected a table of settings, but got \[1, 2\]"),
        ("text", "but got 'text'"),
        (None, "but got None"),
        ({}, "'profile'"),
        ({"data": [[[[[[[[[]]]]]]]]]}, "'profile'"),
        ({str(i): 0 for i in range(200_000)}, "there are 200000 in one table"),
        ({"data": {str(i): 0 for i in range(200_000)}}, "there are 200000 in one table"),
    ],
)
def test_settings_of_any_shape(settings: object, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        parse_config(settings)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("profile", "\x1b[2J"),
        ("profile", "p" * 101),
        ("profile", "\ud800"),
        ("seed", "x" * 100_000),
        ("seed", [["deep"] * 1000] * 1000),
        ("seed", 10**4000),
        ("lo\nng" * 1000, 1),
    ],
)
def test_what_a_stranger_wrote_is_quoted_in_short(key: str, value: object) -> None:
    settings = load_profile("smoke").model_dump() | {key: value}
    with pytest.raises(ConfigError) as caught:
        parse_config(settings)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 400


def test_config_is_frozen() -> None:
    config = load_profile("smoke")
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 8
    with pytest.raises(ValidationError, match="frozen"):
        config.data.image_size = 128
