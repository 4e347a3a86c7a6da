"""Experiments of the study, read from ``experiments.toml``: arms that differ in one factor."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exposure_lab.config import RunConfig, deepest_discriminator, parse_config
from exposure_lab.errors import ConfigError, unknown_name
from exposure_lab.fingerprints import digest
from exposure_lab.profiles.load import KIND, load_profile, with_overrides

Networks = Literal["report", "mlp"]

_ABSENT = object()


class Experiment(BaseModel):
    """Question that is answered by training networks that differ in one factor."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question: str
    """What it answers, one sentence."""
    factor: tuple[str, ...]
    """Settings in which its arms may differ; several where only together they make the factor."""
    arms: dict[str, dict[str, Any]] = Field(min_length=1)
    """Name of an arm to its settings. ``"x3"`` multiplies the profile's value, ``"/4"`` divides it;
    ``"deepest"`` is the most layers that the pictures take."""
    common: dict[str, Any] = {}
    """Settings of all arms that depart from the profile."""
    baselines: tuple[str, ...] = ()
    """Arms that learn nothing: image functions by name."""
    networks: Networks = "report"
    """Networks of all arms: those of the settings, or two without a convolution."""

    @property
    def design_hash(self) -> str:
        """SHA-256, 16 digits, over the arms and their settings."""
        return digest(self.model_dump(exclude={"question"}))[:16]

    def config(
        self, arm: str, seed: int, profile: str, overrides: tuple[str, ...] = ()
    ) -> RunConfig:
        """Resolve the settings of one run.

        Args:
            arm: name of one of the arms.
            seed: of weights, batches and augmentation, the same for every arm.
            profile: name of the profile that the arms depart from.
            overrides: settings of all arms, as the command line takes them.

        Raises:
            ConfigError: an unknown profile or setting.
        """
        own = {**self.common, **self.arms[arm]}
        # Another kind of generator has other settings, of which the profile tells none.
        kind = [f"{KIND}={own.pop(KIND)}"] if KIND in own else []
        config = with_overrides(load_profile(profile), [*overrides, *kind, f"seed={seed}"])
        settings = config.model_dump()
        # Once it is scored, a run of the study keeps its generator alone.
        settings["training"]["keep_every"] = 0
        for key, value in own.items():
            _set(settings, key, value)
        return parse_config(settings)

    def check_factor(self, profile: str, overrides: tuple[str, ...] = ()) -> None:
        """Check that the resolved settings of the arms differ in the factor and in nothing else.

        Raises:
            ConfigError: they differ in more, or not at all.
        """
        leaves = {
            arm: dict(_leaves(self.config(arm, 1, profile, overrides).model_dump()))
            for arm in self.arms
        }
        # An arm of another kind of network has settings that the others lack.
        keys = set().union(*leaves.values())
        differing = {
            key for key in keys if len({repr(arm.get(key, _ABSENT)) for arm in leaves.values()}) > 1
        }
        if extra := differing - set(self.factor):
            raise ConfigError(
                f"Expected the arms of {self.name} to differ in {', '.join(self.factor)} alone, "
                f"but they differ in {', '.join(sorted(extra))}: give every arm the same value."
            )
        shown = [tuple(sorted(settings.items(), key=str)) for settings in leaves.values()]
        if len(set(map(str, shown))) < len(shown):
            raise ConfigError(
                f"Expected arms of {self.name} that differ, but two of them have the same "
                f"settings at profile {profile}: leave one out."
            )


@cache
def all_experiments() -> dict[str, Experiment]:
    """Read every experiment that trains networks, by its name, in order of worth.

    Raises:
        ConfigError: one of them is not whole.
    """
    file = resources.files("exposure_lab.study") / "experiments.toml"
    return parse_experiments(tomllib.loads(file.read_text(encoding="utf-8")))


def parse_experiments(entries: Mapping[str, Any]) -> dict[str, Experiment]:
    """Validate a table of experiments, such as ``experiments.toml`` holds.

    Raises:
        ConfigError: one sentence for the first that is wrong.
    """
    experiments = {}
    for name, entry in entries.items():
        try:
            experiments[name] = Experiment.model_validate({"name": name, **entry})
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise ConfigError(
                f"Expected a whole experiment under {name!r}, but {key} is wrong: "
                f"{first['msg'].lower()}."
            ) from error
    return experiments


def find_experiment(name: str) -> Experiment:
    """Look up an experiment that trains networks.

    Raises:
        ConfigError: there is none of this name.
    """
    known = all_experiments()
    if name not in known:
        raise unknown_name("experiment", name, known)
    return known[name]


def _set(settings: dict[str, Any], key: str, value: Any) -> None:
    """Set a setting by its dotted key, to a value or to one that is taken from the profile's."""
    table, _, field = key.rpartition(".")
    target = settings[table] if table else settings
    if value == "deepest":
        value = deepest_discriminator(settings["data"]["image_size"])
    elif isinstance(value, str) and value[0] in "x/" and value[1:].isdigit():
        value = _scaled(target[field], value[0], int(value[1:]))
    target[field] = value


def _scaled(value: float, sign: str, factor: int) -> float:
    """Multiply a value by a factor, or divide it; a part of a count is rounded up."""
    if sign == "x":
        return value * factor
    return -(-value // factor) if isinstance(value, int) else value / factor


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
