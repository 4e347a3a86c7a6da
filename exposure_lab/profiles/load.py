"""Loading of profiles, named sets of settings: one TOML file each, beside this one.

`report.toml` holds every setting; each other profile holds only what departs from it, and every
departure gives its reason in the table `[why]`.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

from exposure_lab.config import (
    BILATERAL_GRID,
    UNET,
    BilateralGridConfig,
    RunConfig,
    UNetConfig,
    parse_config,
)
from exposure_lab.errors import ConfigError

KIND = "generator.kind"
"""Setting that names the kind of generator, and so which other settings of it there are."""


_GENERATORS_SETTINGS = {
    f"generator.{key}" for kind in (UNetConfig, BilateralGridConfig) for key in kind.model_fields
}


class Departure(NamedTuple):
    """Setting in which a profile differs from the report's, and why."""

    key: str
    report: Any
    value: Any
    why: str


def profile_names() -> list[str]:
    """List the profiles of the package, from the quickest to the report's own."""
    return ["smoke", "laptop", "colab", "study", "report"]


def load_profile(name: str, overrides: Sequence[str] = ()) -> RunConfig:
    """Load a profile and change single settings.

    Args:
        name: one of `profile_names()`.
        overrides: such as ``"training.epochs=10"`` or ``"seed=11"``; values are read as TOML.
            ``"generator.kind=bilateral-grid"`` takes that network's own settings, wherever it
            stands among them.

    Raises:
        ConfigError: unknown profile or key (with the nearest known one), a value of the wrong type
            or out of range.
    """
    if name == "report":
        return _parse_with(_settings({}, name), overrides)
    return _parse_with(_settings(_read(name), name), overrides)


def parse_profile(own: Mapping[str, Any], name: str) -> RunConfig:
    """Parse settings in the form of a profile, such as those of a recipe for weights.

    Args:
        own: what departs from `report`, and the reasons under ``why``.
        name: becomes the ``profile`` of the run.

    Raises:
        ConfigError: an unknown key or a value out of range.
    """
    return _parse_with(_settings(own, name), [])


def with_overrides(config: RunConfig, overrides: Sequence[str]) -> RunConfig:
    """Change single settings of a config, written as for `load_profile`.

    Raises:
        ConfigError: as `load_profile` does.
    """
    return _parse_with(config.model_dump(), overrides)


def departures(name: str) -> list[Departure]:
    """List the settings in which a profile differs from `report`, with the reasons it gives."""
    return departures_of(_read(name))


def departures_of(own: Mapping[str, Any]) -> list[Departure]:
    """List the settings in which settings of `parse_profile` differ from `report`, with reasons."""
    why = own["why"]
    known = {KIND: UNET, **dict(_leaves(_read("report")))}
    return [
        Departure(key, known.get(key, "none"), value, why.get(key, ""))
        for key, value in _leaves(own)
        if value != known.get(key)
    ]


def report_sources() -> dict[str, str]:
    """Source of every setting of `report`: `stated`, `inferred` or `chosen`, and from what."""
    why: dict[str, str] = _read("report")["why"]
    return why


def _settings(own: Mapping[str, Any], name: str) -> dict[str, Any]:
    base = _read("report")
    if own.get("generator", {}).get("kind", UNET) != UNET:
        base["generator"] = {}  # a setting of the U-Net is none of another network
    settings = _merge(base, own)
    settings.pop("why")
    settings["profile"] = name
    return settings


def _read(name: str) -> dict[str, Any]:
    if name not in profile_names():
        raise ConfigError(f"Unknown profile {name!r}{_nearest(name, profile_names())}")
    file = resources.files("exposure_lab.profiles") / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        result[key] = _merge(base.get(key, {}), value) if isinstance(value, dict) else value
    return result


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            if key != "why":
                yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _parse_with(settings: dict[str, Any], overrides: Sequence[str]) -> RunConfig:
    for override in sorted(overrides, key=lambda override: not _names_kind(override)):
        _override(settings, override)
    return parse_config(settings)


def _names_kind(override: str) -> bool:
    return override.partition("=")[0] == KIND


def _override(settings: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"Expected key=value, such as training.epochs=10, but got {override!r}.")
    known = [leaf for leaf, _ in _leaves(settings) if leaf not in ("profile", KIND)] + [KIND]
    if key == KIND:
        settings["generator"] = _generator_of(settings["generator"], text.strip("\"' "))
        return
    if key not in known and key in _GENERATORS_SETTINGS:
        kind = settings["generator"].get("kind", UNET)
        raise ConfigError(
            f"Expected a setting of this generator, but {key} is none of kind {kind}: leave it "
            f"out, or choose another {KIND}."
        )
    if key not in known:
        raise ConfigError(f"Unknown setting {key!r}{_nearest(key, known)}")
    *parents, last = key.split(".")
    for parent in parents:
        settings = settings[parent]
    try:
        settings[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        settings[last] = text  # a bare word, such as flip=paired


def _generator_of(now: dict[str, Any], kind: str) -> dict[str, Any]:
    """Settings of another kind of generator: its own defaults, or the report's for the U-Net."""
    if kind == now.get("kind", UNET):
        return now
    if kind == UNET:
        return dict(_read("report")["generator"])
    return BilateralGridConfig().model_dump() if kind == BILATERAL_GRID else {"kind": kind}


def _nearest(name: str, known: Sequence[str]) -> str:
    """Suggest the closest known name; a last part alone counts too: `lr` means `optimizer.lr`."""
    full_names = {candidate.rpartition(".")[2]: candidate for candidate in known}
    full_names |= {candidate: candidate for candidate in known}
    close = difflib.get_close_matches(name, full_names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {full_names[close[0]]!r}?"
    return f"; known: {', '.join(known)}."
