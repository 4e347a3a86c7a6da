"""The settings of one training run, as data: frozen and checked; profiles give the values."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

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
    skips: bool
    """Whether each block up also receives the block of its size from the way down."""
    downsampling: Literal["strided", "max-pool"]
    upsampling: Literal["transposed", "resize"]
    activation: Literal["relu", "maxout"]
    """`relu` is LeakyReLU on the way down and ReLU on the way up."""
    norm: Literal["batch", "instance"]


class DiscriminatorConfig(_Part):
    """The PatchGAN."""

    width: Positive
    layers: Positive
    """Blocks with stride 2 before the last two; 3 gives a receptive field of 70 px."""
    conditional: bool
    """Whether it sees the input beside the picture that it judges."""
    norm: Literal["batch", "instance"]
    spectral_norm: bool


class LossConfig(_Part):
    """What the two networks are asked to lower."""

    adversarial: Literal["bce", "lsgan", "hinge"]
    lambda_adversarial: Amount
    """Weight of the adversarial term in the generator's loss; at 0 the discriminator rests."""
    pixel: Literal["l1", "l2"]
    lambda_l1: Amount
    """Weight of the pixel term, on the [-1, 1] scale."""


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
    """Over all processes together."""
    epochs: Positive
    steps_per_epoch: int = Field(ge=0)
    """0: once through all the pairs, the last batch being what remains."""
    ema_decay: Annotated[float, Field(ge=0, lt=1)]
    """Of an average of the generator's weights over about 1 / (1 - decay) steps, which should be a
    small part of the run; it is then what is scored and kept. 0: none."""
    keep_every: int = Field(ge=0)
    """Epochs between checkpoints that are kept for good, beside the last two and the best."""
    compile: Literal["auto", "on", "off"]
    """`auto`: on a GPU, for runs of 2,000 steps and more, which win back what compiling takes."""
    sync_batchnorm: bool
    """With several GPUs: normalise over the whole batch, not over each process's share of it."""


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


def parse_config(settings: Mapping[str, Any]) -> RunConfig:
    """Check a whole tree of settings, such as a run's `config.json`.

    Raises:
        ConfigError: one sentence for the first thing that is wrong.
    """
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"Expected only settings of a run, but {key!r} is none: remove it."
    if first["type"] == "value_error":
        return f"Expected settings under {key!r} that agree, but {problem}."
    return f"Expected another value for {key!r}, but got {first['input']!r}: {problem.lower()}."
