"""Settings of one training run, frozen and validated; profiles give the values.

Settings also come with untrusted files. Their upper bounds lie far above what anybody trains,
and low enough that a network can be compared with its file before memory is taken for it.
"""

from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from exposure_lab.config_errors import describe_first_error, refuse_many_keys
from exposure_lab.errors import ConfigError

LARGEST_IMAGE = 2048
"""Largest side, px: eight times the report's, and so 64 times the memory of a step."""

MOST_CHANNELS = 1024
"""Largest width: sixteen times the report's, which makes 256 times as many weights."""

UNET, BILATERAL_GRID = "unet", "bilateral-grid"
"""Kinds of generators: the report's, which draws a picture, and one that predicts a correction."""

Width = Annotated[int, Field(gt=0, le=MOST_CHANNELS)]
Count = Annotated[int, Field(gt=0, le=1_000_000)]
CountOrNone = Annotated[int, Field(ge=0, le=1_000_000)]
Probability = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, le=1e6)]


class _Table(BaseModel):
    """Base of each table of settings: frozen, without unknown keys, NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DataConfig(_Table):
    """Settings of the data: what the networks are shown."""

    image_size: Annotated[int, Field(gt=0, le=LARGEST_IMAGE)]
    """Side of the square training image, px: a power of two from 8 to 2048."""
    short_side: Annotated[int, Field(ge=0, le=2 * LARGEST_IMAGE)]
    """0: stretch the whole photo to the square. n: shrink its short side to n px, then crop."""
    flip: Literal["none", "paired", "report"]
    """`report` mirrors the input and not its target, as the report describes."""
    flip_probability: Probability
    jitter_probability: Probability
    jitter: Amount
    """Largest relative change of brightness, contrast and saturation of the input."""
    jitter_hue: Annotated[float, Field(ge=0, le=0.5)]
    """Largest rotation of the hue of the input, in turns."""
    normalise: bool = True
    """Whether the networks compute on [-1, 1], as the report's transform gives, or on [0, 1]."""
    workers: Annotated[int, Field(ge=0, le=1024)]
    """Processes that decode photos; 0 decodes in the training process."""

    @model_validator(mode="after")
    def _check_crop(self) -> "DataConfig":
        """Check that the image can be halved down to one pixel, and that the crop fits."""
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


class UNetConfig(_Table):
    """Settings of the U-Net, `generator.kind=unet`; its depth follows `data.image_size`."""

    width: Width
    """Channels after the stem; eight times as many at the bottleneck."""
    dropout: Probability
    skips: bool
    """Whether each block up also receives the block of its size from the way down."""
    downsampling: Literal["strided", "max-pool"]
    upsampling: Literal["transposed", "resize"]
    activation: Literal["relu", "maxout"]
    """`relu` is LeakyReLU on the way down and ReLU on the way up."""
    norm: Literal["batch", "instance"]

    @model_validator(mode="before")
    @classmethod
    def _forget_kind(cls, settings: Any) -> Any:
        """Accept the kind where it is named, and keep it out: a run's hash is that of its table."""
        if isinstance(settings, dict) and settings.get("kind") == UNET:
            return {key: value for key, value in settings.items() if key != "kind"}
        return settings


class BilateralGridConfig(_Table):
    """Settings of the network that predicts a correction, `generator.kind=bilateral-grid`.

    The largest network that they allow has 0.3 million weights.
    """

    kind: Literal["bilateral-grid"] = "bilateral-grid"
    width: Annotated[int, Field(gt=0, le=20)] = 16
    """Channels after the first convolution; four times as many at the grid."""
    bins: Annotated[int, Field(ge=2, le=16)] = 8
    """Cells of the grid from black to white."""
    form: Literal["curve", "matrix", "grid"] = "grid"
    """What it predicts: one tone curve for all pixels and channels, one 3x4 matrix for all pixels,
    or a grid of matrices over place and brightness."""
    smoothness: Amount = 100.0
    """Weight of the grid's roughness in the generator's loss, beside `loss.lambda_l1`."""


def _kind_of(settings: Any) -> str | None:
    """Kind that a table of the generator's settings names; none is a U-Net's, as all once were."""
    named = settings.get if isinstance(settings, dict) else partial(getattr, settings)
    kind = named("kind", UNET)
    return kind if isinstance(kind, str) else None


_GeneratorConfig = Annotated[
    Annotated[UNetConfig, Tag(UNET)] | Annotated[BilateralGridConfig, Tag(BILATERAL_GRID)],
    Discriminator(
        _kind_of,
        custom_error_type="kind",
        custom_error_message=f"Its kind is {UNET} or {BILATERAL_GRID}",
    ),
]
"""Settings of the generator: those of its kind, and no others."""


class DiscriminatorConfig(_Table):
    """Settings of the PatchGAN."""

    width: Width
    layers: Annotated[int, Field(gt=0, le=9)]
    """Blocks with stride 2 before the last two; 3 gives a receptive field of 70 px, 9 leave four
    logits of the largest square."""
    conditional: bool
    """Whether it sees the input beside the picture that it judges."""
    norm: Literal["batch", "instance"]
    spectral_norm: bool


class LossConfig(_Table):
    """Settings of the losses that the two networks minimise."""

    adversarial: Literal["bce", "lsgan", "hinge"]
    lambda_adversarial: Amount
    """Weight of the adversarial term in the generator's loss; at 0 the discriminator rests."""
    pixel: Literal["l1", "l2"]
    lambda_l1: Amount
    """Weight of the pixel term, on the [-1, 1] scale."""


class OptimizerConfig(_Table):
    """Settings of Adam, the same for both networks."""

    lr: Annotated[float, Field(gt=0)]
    beta1: Annotated[float, Field(ge=0, lt=1)]
    beta2: Annotated[float, Field(ge=0, lt=1)]
    decay_from: Probability
    """Share of the run after which lr falls in a straight line to zero; 1 keeps it constant."""
    halve_from: Probability = 1.0
    """Share of the run from which lr is half of what it was; 1 never halves it."""


class TrainingConfig(_Table):
    """Settings of the training loop: how long, and in which batches."""

    batch_size: Annotated[int, Field(gt=0, le=65_536)]
    """Pairs of a step, over all processes together."""
    epochs: Count
    steps_per_epoch: CountOrNone
    """0: as many as take every pair once; the last batch may be smaller."""
    ema_decay: Annotated[float, Field(ge=0, lt=1)]
    """Decay of a moving average of the generator's weights over about 1 / (1 - decay) steps, which
    should be a small part of the run; the average is then scored and kept. 0: no average."""
    keep_every: CountOrNone
    """Epochs between checkpoints that are kept for good, beside the last two and the best."""
    compile: Literal["auto", "on", "off"]
    """`auto`: on a GPU, for runs of 2,000 steps and more, which save more than compiling takes."""
    sync_batchnorm: bool
    """With several GPUs: normalise over the whole batch, not over each process's share of it."""


class RunConfig(_Table):
    """Settings that, with the data and the versions, determine a run."""

    profile: Annotated[str, Field(max_length=100, pattern=r"^[\w.-]+$")]
    seed: int = Field(ge=0, lt=2**31)
    precision: Literal["auto", "fp32", "bf16", "fp16"]
    data: DataConfig
    generator: _GeneratorConfig
    discriminator: DiscriminatorConfig
    loss: LossConfig
    optimizer: OptimizerConfig
    training: TrainingConfig


def deepest_discriminator(image_size: int) -> int:
    """Largest number of strided layers that a discriminator of squares of this side can have.

    They leave 4 px of a side; the last two layers, with stride 1, leave 3 and 2. On fewer, there
    would be nothing for the padding to reflect.
    """
    return image_size.bit_length() - 3


def parse_config(settings: Any) -> RunConfig:
    """Validate a whole tree of settings, such as a run's `config.json`.

    Args:
        settings: whatever JSON or TOML held.

    Raises:
        ConfigError: one sentence for the first thing that is wrong.
    """
    refuse_many_keys(settings)
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(describe_first_error(error, tags=(UNET, BILATERAL_GRID))) from error
