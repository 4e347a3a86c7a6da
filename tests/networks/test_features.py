"""Layers by name, their feature maps, and the decoder with some of the maps overridden."""

import pytest
import torch
from torch import Tensor

from exposure_lab.errors import ConfigError
from exposure_lab.networks.features import (
    correct_with_features,
    encoder,
    feature_maps,
    named_layers,
)
from exposure_lab.networks.unet import UNet

SIZE = 16
ORDER = [
    *("stem", "down 1", "down 2", "bottleneck"),
    *("up 1", "up 2", "up 3", "head"),
]


def network(seed: int = 0, **choices: bool) -> UNet:
    """Four halvings, in double precision so that rounding does not look like a change."""
    torch.manual_seed(seed)
    return UNet(SIZE, 4, **choices).double().eval()  # type: ignore[arg-type]


def pictures(count: int = 2, height: int = SIZE, width: int = SIZE) -> Tensor:
    """(count, 3, height, width) in [-1, 1]."""
    draw = torch.Generator().manual_seed(5)
    return torch.rand(count, 3, height, width, generator=draw).double() * 2 - 1


def hooks(unet: UNet) -> int:
    """How many hooks any layer still has."""
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in unet.modules())


def test_layers_hold_every_parameter_once() -> None:
    unet = network()
    layers = named_layers(unet)
    assert list(layers) == ORDER
    counted = sum(p.numel() for layer in layers.values() for p in layer.parameters())
    assert counted == sum(p.numel() for p in unet.parameters())
    assert encoder(unet) == ORDER[:4]


def test_maps_have_the_sizes_of_the_formula() -> None:
    maps = feature_maps(network(), pictures(2, SIZE, 2 * SIZE))
    assert list(maps) == ORDER
    heights = [SIZE // 2**i for i in (1, 2, 3, 4, 3, 2, 1, 0)]
    channels = [4, 8, 16, 32, 16, 8, 4, 3]  # width times one, two, four, eight; three at the end
    assert [tuple(map_.shape) for map_ in maps.values()] == [
        (2, c, h, 2 * h) for c, h in zip(channels, heights, strict=True)
    ]


def test_head_is_the_correction_and_no_hook_stays() -> None:
    unet, image = network(), pictures()
    assert torch.equal(feature_maps(unet, image)["head"], unet(image))
    with pytest.raises(ConfigError, match="multiples of 16"):
        feature_maps(unet, pictures(1, 24, 24))
    assert hooks(unet) == 0


def test_shapes_without_numbers() -> None:
    with torch.device("meta"):
        unet, image = UNet(256, 64), torch.empty(1, 3, 256, 256)
    sides = [map_.shape[3] for map_ in feature_maps(unet, image).values()]
    # Six halvings end at 4, eight at 1.
    assert sides == [128, 64, 32, 16, 8, 4, 2, 1, 2, 4, 8, 16, 32, 64, 128, 256]


def test_own_maps_change_nothing() -> None:
    unet, image = network(), pictures()
    maps = feature_maps(unet, image)
    overrides = {name: maps[name] for name in encoder(unet)}
    assert torch.equal(correct_with_features(unet, image, overrides), maps["head"])
    assert torch.equal(correct_with_features(unet, image, {}), maps["head"])
    assert hooks(unet) == 0


def test_with_all_maps_of_another_picture_the_output_is_that_ones() -> None:
    unet, image = network(), pictures()
    maps = feature_maps(unet, image)
    overrides = {name: maps[name] for name in encoder(unet)}
    assert torch.equal(correct_with_features(unet, -image, overrides), maps["head"])


@pytest.mark.parametrize("name", ORDER[:4])
def test_one_map_leaves_the_others_free(name: str) -> None:
    unet, image = network(), pictures()
    maps = feature_maps(unet, image)
    corrected = correct_with_features(unet, -image, {name: maps[name]})
    assert not torch.equal(corrected, maps["head"])
    assert not torch.equal(corrected, unet(-image))


def test_overridden_skips_by_hand() -> None:
    unet, image = network(), pictures()
    maps = feature_maps(unet, image)
    zero = {name: torch.zeros_like(maps[name]) for name in ("stem", "down 1", "down 2")}
    x = maps["bottleneck"]
    for up in unet.ups:
        own = up(x)
        x = torch.cat([own, torch.zeros_like(own)], dim=1)
    assert torch.equal(correct_with_features(unet, image, zero), unet.head(x))


@pytest.mark.parametrize(
    # One pixel lies under two windows, these under two or three: eight pixels, and so on. After m
    # doublings r numbers are 2^m (r + 2) - 2 wide, here at most 6 and 18.
    ("name", "widest"),
    [("stem", 6), ("down 1", 18)],
)
def test_a_skip_reaches_as_far_as_the_formula_says(name: str, widest: int) -> None:
    torch.manual_seed(0)
    unet = UNet(64, 2).double().eval()
    image = pictures(1, 64, 64)
    changed = image.clone()
    changed[..., 30, 33] *= -1
    maps = feature_maps(unet, image)
    overrides = {layer: maps[layer] for layer in encoder(unet) if layer != name}
    corrected = correct_with_features(unet, changed, overrides)
    change = (corrected - maps["head"]).abs().amax(dim=(0, 1)) > 1e-12
    rows, columns = change.any(dim=1).nonzero().flatten(), change.any(dim=0).nonzero().flatten()
    for places, at in ((rows, 30), (columns, 33)):
        assert places.min() <= at <= places.max()
        assert 0 < int(places.max() - places.min()) + 1 <= widest


@pytest.mark.parametrize(
    ("skips", "name", "expected"),
    [
        (True, "up 1", "out of stem, down 1, down 2, bottleneck, but got up 1"),
        (True, "down 3", "but got down 3"),
        (False, "stem", "out of bottleneck, but got stem"),
    ],
)
def test_what_the_decoder_does_not_receive_is_refused(
    skips: bool, name: str, expected: str
) -> None:
    unet = network(skips=skips)
    with pytest.raises(ConfigError, match=expected):
        correct_with_features(unet, pictures(), {name: torch.zeros(1)})
    assert hooks(unet) == 0


def test_without_skips_the_bottleneck_is_all() -> None:
    unet, image = network(skips=False), pictures()
    bottleneck = feature_maps(unet, image)["bottleneck"]
    overrides = {"bottleneck": bottleneck}
    assert torch.equal(correct_with_features(unet, -image, overrides), unet(image))
