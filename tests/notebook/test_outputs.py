"""What a generator makes of a split, any image function of a scene, and what a run kept."""

from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import nn

from exposure_lab.config import RunConfig
from exposure_lab.data.pairs import find_pairs
from exposure_lab.data.synthesis.exposure import write_pairs
from exposure_lab.errors import DataError, ImageError
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.notebook.outputs import (
    GeneratorOutput,
    apply_generator,
    scene_rows,
    split_outputs,
    validation_strip,
)
from exposure_lab.plots import gallery


class Negative(nn.Module):
    """Gives the negative, and records the shapes of its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(-1.0))
        self.seen: list[tuple[int, ...]] = []

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.seen.append(tuple(image.shape))
        return image * self.factor


def test_answer_takes_and_gives_pixels(photo: Array) -> None:
    network = Negative()
    mirrored = np.fliplr(photo)  # a view, with strides that torch does not take
    assert apply_generator(network, mirrored) == pytest.approx(1 - mirrored, abs=1e-6)
    assert network.seen == [(1, 3, *photo.shape[:2])]
    assert apply_generator(nn.Identity(), photo) == pytest.approx(photo, abs=1e-6)  # no parameters


def test_shots_of_a_whole_split(tiny: RunConfig, small_set: Path) -> None:
    outputs = split_outputs(Negative(), tiny, small_set)
    pairs = find_pairs(small_set, "validation")
    assert [(output.scene, output.ev) for output in outputs] == [
        (pair.scene, pair.ev) for pair in pairs
    ]
    for output in outputs:
        assert isinstance(output, GeneratorOutput)
        assert output.real_input.shape == output.real_target.shape == (16, 16, 3)
        assert output.fake_target == pytest.approx(1 - output.real_input, abs=1e-6)
    at_ev_0 = [output for output in outputs if output.ev == 0]
    assert len(at_ev_0) == 2
    for output in at_ev_0:  # two JPEG files of one photo
        assert np.abs(output.real_input - output.real_target).max() < 0.02


def test_most_limits_and_spreads(tiny: RunConfig, small_set: Path) -> None:
    outputs = split_outputs(nn.Identity(), tiny, small_set, "training", most=4)
    everything = split_outputs(nn.Identity(), tiny, small_set, "training")
    assert (len(outputs), len(everything)) == (4, 20)
    assert (outputs[0].scene, outputs[-1].scene) == (everything[0].scene, everything[-1].scene)
    assert len({output.scene for output in outputs}) > 1


def test_unknown_split(tiny: RunConfig, small_set: Path) -> None:
    with pytest.raises(DataError, match="Expected test pairs"):
        split_outputs(nn.Identity(), tiny, small_set, "test")


def test_strip_is_cut_as_it_was_joined(tmp_path: Path) -> None:
    levels = np.arange(6, dtype=np.float32).reshape(2, 3) / 10
    picture = np.kron(levels, np.ones((4, 4), np.float32))[..., None].repeat(3, axis=2)
    write_image(tmp_path / "validation" / "epoch_007.png", picture)
    strip = validation_strip(tmp_path, 7)
    assert [len(row) for row in strip] == [3, 3]
    for row, expected in zip(strip, levels, strict=True):
        for part, level in zip(row, expected, strict=True):
            assert part.shape == (4, 4, 3)
            assert np.abs(part - level).max() <= 0.5 / 255 + 1e-6
    with pytest.raises(ImageError, match="epoch_008"):
        validation_strip(tmp_path, 8)


@pytest.mark.slow
def test_gallery_of_every_exposure_of_a_scene(small_set: Path) -> None:
    rows = scene_rows(lambda image: 1 - image, small_set, "china")
    labels = ["\N{MINUS SIGN}1.5 EV", "\N{MINUS SIGN}1 EV", "0 EV", "+1 EV", "+1.5 EV"]
    assert [row.label for row in rows] == labels
    brightness = [float(row.images[0].mean()) for row in rows]
    assert brightness == sorted(brightness)
    for row in rows:
        image, output, target = row.images
        assert np.array_equal(output, 1 - image)
        assert np.array_equal(target, rows[0].images[2])
        expected = peak_signal_noise_ratio(target, output, data_range=1)
        assert row.notes[1] == f"{expected:.1f} dB"
    assert rows[2].notes[0] == "60.0 dB"  # at 0 EV the input is its target
    figure = gallery(rows)
    pictures = [axis for axis in figure.axes if axis.images]
    assert len(pictures) == 5 * 4  # input, output, target, difference
    assert pictures[3].get_title().endswith("difference")
    wrong = np.abs(rows[0].images[1] - rows[0].images[2]).mean(axis=2)
    assert np.allclose(pictures[3].images[0].get_array(), wrong, atol=1e-6)


def test_image_function_gets_the_photo_at_its_own_size(tmp_path: Path) -> None:
    draw = np.random.default_rng(0).random((520, 1040, 3), np.float32)
    write_pairs(draw, "large", tmp_path, "test", evs=(-1,))
    seen: list[tuple[int, ...]] = []

    def look(image: Array) -> Array:
        seen.append(image.shape)
        return image

    (row,) = scene_rows(look, tmp_path, "large")
    assert seen == [(520, 1040, 3)]
    assert [picture.shape for picture in row.images] == [(512, 1024, 3)] * 3


def test_unknown_scene(small_set: Path) -> None:
    sentence = r"Expected a scene of .*, one of astronaut, chelsea, coffee, .*, but got 'chinatown'"
    with pytest.raises(DataError, match=sentence):
        scene_rows(lambda image: image, small_set, "chinatown")
