"""The settings of one training run, as data: frozen, checked, and read from a profile.

A profile is a TOML file in `profiles/`. `report.toml` holds every setting; each other profile holds
only what departs from it, and every departure gives its reason in the table `[why]`.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exposure_lab.errors import ConfigError

Positive = Annotated[int, Field(gt=0)]
Probability = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DataConfig(_Part):
    """What the networks are shown."""

    image_size: Positive
    """Side of the square training image, px: a power of two from 8 up."""
    short_side: int = Field(ge=0)
    """0: stretch the whole photo to the square. n: shrink its short side to n px, then crop."""
    flip: Literal["none", "paired", "report"]
    """`report` mirrors the input and not its target, as the report describes."""
    flip_probability: Probability
    jitter_probability: Probability
    jitter: Amount
    """Largest relative change of brightness, contrast and saturation of the input."""
    jitter_hue: Annotated[float, Field(ge=0, le=0.5)]
    """Largest rotation of the hue of the input, in turns."""
    workers: int = Field(ge=0)
    """Processes that decode photos; 0 decodes in the training process."""

    @model_validator(mode="after")
    def _crop_fits(self) -> "DataConfig":
        size = self.image_size
        if size < 8 or size & (size - 1):
            raise ValueError(
                f"image_size must be a power of two from 8 up, such as 64, 128 or 256, not {size}"
            )
        if 0 < self.short_side < size:
            raise ValueError(
                f"short_side must be 0 or at least image_size ({size}), not {self.short_side}"
            )
        return self


class GeneratorConfig(_Part):
    """The U-Net; its depth follows `data.image_size`."""

    width: Positive
    """Channels after the stem; eight times as many at the bottleneck."""
    dropout: Probability


class DiscriminatorConfig(_Part):
    """The PatchGAN."""

    width: Positive
    layers: Positive
    """Blocks with stride 2 before the last two; 3 gives a receptive field of 70 px."""


class LossConfig(_Part):
    """What the generator is asked to lower."""

    lambda_l1: Amount
    """Weight of the L1 term, on the [-1, 1] scale, beside an adversarial term of weight 1."""


class OptimizerConfig(_Part):
    """Adam, the same for both networks."""

    lr: Annotated[float, Field(gt=0)]
    beta1: Annotated[float, Field(ge=0, lt=1)]
    beta2: Annotated[float, Field(ge=0, lt=1)]
    decay_from: Probability
    """Share of the run after which lr falls in a straight line to zero; 1 keeps it constant."""


class TrainingConfig(_Part):
    """How long, and in what portions."""

    batch_size: Positive
    epochs: Positive
    steps_per_epoch: int = Field(ge=0)
    """0: once through all the pairs, the last batch being what remains."""


class RunConfig(_Part):
    """Everything that, with the data and the versions, decides a run."""

    profile: str
    seed: int = Field(ge=0, lt=2**31)
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    data: DataConfig
    generator: GeneratorConfig
    discriminator: DiscriminatorConfig
    loss: LossConfig
    optimizer: OptimizerConfig
    training: TrainingConfig


class Departure(NamedTuple):
    """One setting in which a profile differs from the report's."""

    key: str
    report: Any
    value: Any
    why: str


def profile_names() -> list[str]:
    """The profiles that ship with the package, from the quickest to the report's own."""
    return ["smoke", "laptop", "colab", "study", "report"]


def load_profile(name: str, overrides: Sequence[str] = ()) -> RunConfig:
    """Read a profile and change single settings.

    Args:
        name: one of `profile_names()`.
        overrides: such as ``"training.epochs=10"`` or ``"seed=11"``; values are read as TOML.

    Raises:
        ConfigError: unknown profile or key (with the nearest known one), a value of the wrong type
            or out of range.
    """
    settings = _merged(_read("report"), _read(name)) if name != "report" else _read(name)
    settings.pop("why")
    settings["profile"] = name
    for override in overrides:
        _override(settings, override)
    return parse_config(settings)


def parse_config(settings: Mapping[str, Any]) -> RunConfig:
    """Check a whole tree of settings, such as a run's `config.json`.

    Raises:
        ConfigError: one sentence for the first thing that is wrong.
    """
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from error


def departures(name: str) -> list[Departure]:
    """Every setting in which a profile differs from `report`, with the reason its file gives."""
    report, own = _read("report"), _read(name)
    why = own.pop("why")
    known = dict(_leaves(report))
    return [
        Departure(key, known[key], value, why.get(key, ""))
        for key, value in _leaves(own)
        if value != known[key]
    ]


def report_sources() -> dict[str, str]:
    """For every setting of `report`: `stated`, `inferred` or `chosen`, and from what."""
    why: dict[str, str] = _read("report")["why"]
    return why


def _read(name: str) -> dict[str, Any]:
    if name not in profile_names():
        raise ConfigError(
            f"Expected a profile, one of {', '.join(profile_names())}, but got {name!r}"
            f"{_nearest(name, profile_names())}"
        )
    file = resources.files("exposure_lab") / "profiles" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        result[key] = _merged(base[key], value) if isinstance(value, dict) else value
    return result


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            if key != "why":
                yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _override(settings: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"Expected key=value, such as training.epochs=10, but got {override!r}.")
    known = [leaf for leaf, _ in _leaves(settings) if leaf != "profile"]
    if key not in known:
        raise ConfigError(f"Expected a setting of a run, but {key!r} is none{_nearest(key, known)}")
    *parents, last = key.split(".")
    for parent in parents:
        settings = settings[parent]
    try:
        settings[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        settings[last] = text  # a bare word, such as flip=paired


def _nearest(name: str, known: Sequence[str]) -> str:
    """The closest known name; a last part alone counts too, since `lr` means `optimizer.lr`."""
    full_names = {candidate.rpartition(".")[2]: candidate for candidate in known}
    full_names |= {candidate: candidate for candidate in known}
    close = difflib.get_close_matches(name, full_names, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {full_names[close[0]]!r}?"
    return f"; known are {', '.join(known)}."


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"Expected only settings of a run, but {key!r} is none: remove it."
    if first["type"] == "value_error":
        return f"Expected settings under {key!r} that agree, but {problem}."
    return f"Expected another value for {key!r}, but got {first['input']!r}: {problem.lower()}."
