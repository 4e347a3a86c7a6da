"""Scoring one scene: every model on each of its inputs, and its experts against each other."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from exposure_lab.data.experts import expert_targets
from exposure_lab.data.pairs import Pair
from exposure_lab.errors import DataError
from exposure_lab.evaluation.protocols import Protocol, Size
from exposure_lab.evaluation.scored_target import Metrics, ScoredTarget, likeness
from exposure_lab.images.array import Array, ImageFunction
from exposure_lab.images.io import read_image
from exposure_lab.inference.resolve import LazyModel


@dataclass(frozen=True)
class ImageScores:
    """Scores of all models on one input."""

    scene: str
    ev: float
    """Exposure of the input, stops."""
    pixels: int
    """Number of pixels of the picture that a model saw."""
    seconds: dict[str, float]
    """Model to the time that it took, without reading and scoring."""
    metrics: dict[str, dict[str, Metrics]]
    """Model to expert to metrics; one expert without a letter where the set's own target counts."""


@dataclass(frozen=True)
class SceneScores:
    """Scores of all inputs of one scene, and the agreement of its experts."""

    images: list[ImageScores]
    agreement: dict[str, Metrics]
    """PSNR and SSIM of each two experts, such as ``ab``; empty where there are no two."""


def score_scene(
    models: Mapping[str, ImageFunction], protocol: Protocol, pairs: Sequence[Pair]
) -> SceneScores:
    """Read a scene and score every model on each of its inputs.

    Args:
        models: name to image function.
        protocol: how a score is made.
        pairs: of one target.

    Raises:
        DataError: a missing expert, a pair of two sizes, or a model that changes the size.
        ImageError: a picture that cannot be read, or a model's output that is no image.
    """
    functions = {
        name: model.load() if isinstance(model, LazyModel) else model
        for name, model in models.items()
    }
    native = {letter: read_image(path) for letter, path in protocol.targets(pairs[0]).items()}
    targets: dict[Size, dict[str, ScoredTarget]] = {}
    images = []
    for pair in pairs:
        image = read_image(pair.input_path)
        size = (image.shape[0], image.shape[1])
        if size not in targets:
            prepared = _prepare_targets(protocol, native, size)
            targets[size] = {letter: ScoredTarget(one) for letter, one in prepared.items()}
        model_input = protocol.resize(image, size)
        images.append(_score_image(functions, protocol, pair, model_input, targets[size]))
    return SceneScores(images, _agreement(protocol, pairs[0], size))


def _score_image(
    models: Mapping[str, ImageFunction],
    protocol: Protocol,
    pair: Pair,
    model_input: Array,
    targets: Mapping[str, ScoredTarget],
) -> ImageScores:
    seconds, metrics = {}, {}
    for name, model in models.items():
        started = time.perf_counter()
        output = model(model_input)
        seconds[name] = time.perf_counter() - started
        for target in targets.values():
            if output.shape != target.picture.shape:
                raise DataError(
                    f"Expected {name} to give {pair.target_path.name}'s size "
                    f"{target.picture.shape[:2]} for {pair.input_path.name}, but got "
                    f"{output.shape[:2]}: check the pair."
                )
        scored = protocol.quantize(output)
        metrics[name] = {
            letter: target.measure(scored, protocol.ssim) for letter, target in targets.items()
        }
    height, width = model_input.shape[:2]
    return ImageScores(pair.scene, pair.ev, height * width, seconds, metrics)


def _agreement(protocol: Protocol, pair: Pair, size: Size) -> dict[str, Metrics]:
    files = expert_targets(pair)
    if len(files) < 2:
        return {}
    native = {letter: read_image(path) for letter, path in files.items()}
    pictures = _prepare_targets(protocol, native, size)
    return {
        first + second: likeness(pictures[first], pictures[second], protocol.ssim)
        for first, second in combinations(pictures, 2)
        if pictures[first].shape == pictures[second].shape
    }


def _prepare_targets(
    protocol: Protocol, pictures: Mapping[str, Array], size: Size
) -> dict[str, Array]:
    """Targets at the size and with the values at which they are scored."""
    return {
        letter: protocol.quantize(protocol.resize(picture, size))
        for letter, picture in pictures.items()
    }
