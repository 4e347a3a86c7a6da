"""The scores of one scene: what each model makes of its inputs, and its experts of each other."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from exposure_lab.data.experts import expert_targets
from exposure_lab.data.pairs import Pair
from exposure_lab.errors import DataError, ImageError
from exposure_lab.evaluation.protocols import Protocol, Size
from exposure_lab.images.array import Array, ImageFunction
from exposure_lab.images.io import read_image
from exposure_lab.inference.resolve import resolve
from exposure_lab.metrics.artefacts import checkerboard_energy
from exposure_lab.metrics.pixel import delta_e, l1, luminance_error, psnr, sharpness

Metric = Callable[[Array, Array], float]

Scores = dict[str, float | None]
"""Metric to value; None where the picture is too small or too flat to be measured."""


@dataclass(frozen=True)
class Named:
    """An image function by its name on the command line.

    Unlike a network it is quickly sent to another process, which loads it once for itself.
    """

    name: str

    def __call__(self, image: Array) -> Array:
        return self.load()(image)

    def load(self) -> ImageFunction:
        """What it names; from memory the second time. Raises as `inference.resolve`."""
        return _resolve(self.name)


@dataclass(frozen=True)
class Shot:
    """One input, and what was made of it."""

    scene: str
    ev: float
    pixels: int
    """That a model saw."""
    seconds: dict[str, float]
    """Model to the time that it took, without reading and scoring."""
    scores: dict[str, dict[str, Scores]]
    """Model to expert to scores; one expert without a letter where the set's own target counts."""


@dataclass(frozen=True)
class SceneScores:
    """All inputs of one scene."""

    shots: list[Shot]
    agreement: dict[str, Scores]
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
        ImageError: a picture that cannot be read, or a model's answer that is none.
    """
    functions = {
        name: model.load() if isinstance(model, Named) else model for name, model in models.items()
    }
    originals = {key: read_image(path) for key, path in protocol.targets(pairs[0]).items()}
    targets: dict[Size, dict[str, Array]] = {}
    shots = []
    for pair in pairs:
        image = read_image(pair.input_path)
        size = (image.shape[0], image.shape[1])
        if size not in targets:
            targets[size] = _brought(protocol, originals, size)
        shots.append(_shoot(functions, protocol, pair, protocol.bring(image, size), targets[size]))
    return SceneScores(shots, _agreement(protocol, pairs[0], size))


def measure(output: Array, target: Array, ssim: Metric) -> Scores:
    """All metrics of one output; both (H, W, 3), sRGB in [0, 1], of one size."""
    return {
        **_likeness(output, target, ssim),
        "l1": l1(output, target),
        "delta_e": delta_e(output, target),
        "luminance_error": abs(luminance_error(output, target)),
        "sharpness": _if_measurable(sharpness, output, target),
        "checkerboard": _if_measurable(_checkerboard_ratio, output, target),
    }


def _shoot(
    models: Mapping[str, ImageFunction],
    protocol: Protocol,
    pair: Pair,
    seen: Array,
    targets: Mapping[str, Array],
) -> Shot:
    seconds, scores = {}, {}
    for name, model in models.items():
        started = time.perf_counter()
        output = model(seen)
        seconds[name] = time.perf_counter() - started
        for target in targets.values():
            if output.shape != target.shape:
                raise DataError(
                    f"Expected {name} to give {pair.target_path.name}'s size "
                    f"{target.shape[:2]} for {pair.input_path.name}, but got "
                    f"{output.shape[:2]}: check the pair."
                )
        stored = protocol.stored(output)
        scores[name] = {
            key: measure(stored, target, protocol.ssim) for key, target in targets.items()
        }
    return Shot(pair.scene, pair.ev, seen.shape[0] * seen.shape[1], seconds, scores)


def _agreement(protocol: Protocol, pair: Pair, size: Size) -> dict[str, Scores]:
    files = expert_targets(pair)
    if len(files) < 2:
        return {}
    pictures = _brought(protocol, {key: read_image(path) for key, path in files.items()}, size)
    return {
        one + other: _likeness(pictures[one], pictures[other], protocol.ssim)
        for one, other in combinations(pictures, 2)
        if pictures[one].shape == pictures[other].shape
    }


def _brought(protocol: Protocol, pictures: Mapping[str, Array], size: Size) -> dict[str, Array]:
    """Targets as they are scored."""
    return {key: protocol.stored(protocol.bring(one, size)) for key, one in pictures.items()}


def _likeness(image: Array, target: Array, ssim: Metric) -> Scores:
    return {"psnr": psnr(image, target), "ssim": _if_measurable(ssim, image, target)}


def _checkerboard_ratio(image: Array, target: Array) -> float:
    """How much more of the finest checkerboard a picture holds than its target: 1 is as much."""
    return checkerboard_energy(image) / checkerboard_energy(target)


def _if_measurable(metric: Metric, image: Array, target: Array) -> float | None:
    try:
        return metric(image, target)
    except ImageError:  # too small or too flat: both are images of one size, as was checked
        return None


_resolve = cache(resolve)
