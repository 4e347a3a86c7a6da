"""The grid's network starts as identity, and what cannot happen does not, whatever its weights."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from test_grid_slicing import SIZES, by_three_dimensions
from torch import Tensor

from exposure_lab.config import BilateralGridConfig
from exposure_lab.networks.bilateral_grid import END_SHIFT, BilateralGridNet
from exposure_lab.networks.grid_guide import Guide
from exposure_lab.networks.grid_slicing import roughness

seeds = st.integers(0, 2**31 - 1)
spreads = st.sampled_from([0.05, 0.3, 1.0])
"""Standard deviation of what is added to every weight: from a slight correction to nonsense."""


def random_network(seed: int, spread: float = 0.3, **options: int) -> BilateralGridNet:
    """A network as if it had been trained to something, in double precision."""
    torch.manual_seed(seed)
    network = BilateralGridNet(32, width=4, **options).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += spread * torch.randn_like(parameter)
    return network


def pictures(*size: int, batch: int = 2) -> Tensor:
    return torch.rand(batch, 3, *size, dtype=torch.float64) * 2 - 1


@torch.no_grad()
def at_some_place(network: BilateralGridNet, picture: Tensor) -> Tensor:
    """The grid's column at a random place, between any cells: (1, 12, D, 1, 1)."""
    grid = network.grid(picture[:1])
    weights = torch.rand(grid.shape[3:], dtype=grid.dtype)
    return (grid * weights / weights.sum()).sum((3, 4), keepdim=True)


def corrected(network: BilateralGridNet, grid: Tensor, colours: Tensor) -> Tensor:
    """Colours (N, 3) at one place, corrected and not clipped."""
    image = colours.T[None, :, None]
    with torch.no_grad():
        return (image + network.change(grid, image))[0, :, 0].T


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("training", [True, False])
def test_starts_as_identity(size: tuple[int, int], training: bool) -> None:
    network = BilateralGridNet(64).train(training)
    picture = pictures(*size).float()
    assert torch.equal(network(picture), picture)


def is_allowed(**settings: int) -> bool:
    try:
        BilateralGridConfig(**settings)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("image_size", [2**i for i in range(3, 12)])
def test_largest_network_has_at_most_300_000_weights(image_size: int) -> None:
    widths = [item for item in range(1, 100) if is_allowed(width=item)]
    bins = [item for item in range(1, 100) if is_allowed(bins=item)]
    with torch.device("meta"):
        network = BilateralGridNet(image_size, max(widths), max(bins))
    assert sum(weight.numel() for weight in network.parameters()) <= 300_000


def test_number_of_weights() -> None:
    """For 256 px: five halvings, two convolutions at the grid, and what the whole picture says."""
    kernels = 9 * 16 + 16 * 32 + 32 * 64 + 64 * 64 + 64 * 64 + 2 * 64 * 64
    biases = 16 + 32 + 5 * 64
    whole, ends, cells = 2 * 65 * 64, 65 * 2, 65 * (9 * 8 + 3 * 7)
    guide = 3 + 7
    network = BilateralGridNet(256, width=16, bins=8)
    total = sum(weight.numel() for weight in network.parameters())
    assert total == 9 * kernels + biases + whole + ends + cells + guide


@pytest.mark.parametrize(
    ("image_size", "side", "cells"),
    [(8, 8, 4), (16, 16, 8), (64, 64, 8), (256, 256, 8), (512, 512, 16), (64, 256, 32), (64, 9, 2)],
)
def test_cells_of_the_grid(image_size: int, side: int, cells: int) -> None:
    network = BilateralGridNet(image_size, width=2, bins=5)
    assert network.grid(torch.zeros(1, 3, side, side)).shape == (1, 12, 5, cells, cells)


@pytest.mark.parametrize("size", SIZES)
def test_applies_3_by_4_matrices(size: tuple[int, int]) -> None:
    """What `grid` returns is what Gharbi et al. call a bilateral grid of affine colour maps."""
    network, picture = random_network(1), pictures(*size)
    with torch.no_grad():
        grid, unit = network.grid(picture), (picture + 1) / 2
        maps = by_three_dimensions(grid, network.guide(unit)).unflatten(1, (3, 4))
        colours = torch.cat([unit, torch.ones_like(unit[:, :1])], dim=1)
        expected = unit + torch.einsum("bijhw,bjhw->bihw", maps, colours)
        assert torch.allclose(network(picture), (2 * expected - 1).clamp(-1, 1), atol=1e-10)


@given(seeds, spreads, st.sampled_from([2, 5, 8, 16]))
@settings(deadline=None, max_examples=40)
def test_no_ramp_of_greys_is_inverted(seed: int, spread: float, bins: int) -> None:
    network = random_network(seed, spread, bins=bins)
    ramp = torch.linspace(0, 1, 1001, dtype=torch.float64)[:, None].expand(-1, 3)
    tones = corrected(network, at_some_place(network, pictures(32, 32)), ramp)
    assert (tones.diff(dim=0) > 0).all()


@given(seeds, spreads)
@settings(deadline=None, max_examples=60)
def test_of_two_colours_the_brighter_stays_brighter(seed: int, spread: float) -> None:
    network = random_network(seed, spread)
    weights = network.guide.weights.detach()
    colours = torch.rand(500, 3, dtype=torch.float64)
    colours = colours[(colours @ weights).argsort()]
    brightness = corrected(network, at_some_place(network, pictures(32, 32)), colours) @ weights
    assert (brightness.diff() > -1e-12).all()


@given(seeds, spreads)
@settings(deadline=None, max_examples=30)
def test_black_and_white_have_one_tone_each_and_no_colour(seed: int, spread: float) -> None:
    network = random_network(seed, spread).float()
    picture = pictures(40, 56, batch=1).float()
    picture[..., :20, :] = 1
    picture[..., 30:, 10:] = -1
    result = (network(picture) + 1) / 2
    white, black = result[..., :20, :], result[..., 30:, 10:]
    assert white.max() - white.min() < 1e-6 and white.min() >= 1 - END_SHIFT - 1e-6
    assert black.max() - black.min() < 1e-6 and black.max() <= END_SHIFT + 1e-6
    for clipped in (white, black):
        assert torch.equal(clipped[:, 0], clipped[:, 1])
        assert torch.equal(clipped[:, 0], clipped[:, 2])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tone", [-1.0, -0.3, 0.9, 1.0])
def test_a_picture_of_one_colour_stays_one_to_its_border(
    size: tuple[int, int], tone: float
) -> None:
    network = random_network(3)
    colour = torch.tensor([tone, -tone, 0.2], dtype=torch.float64)[None, :, None, None]
    with torch.no_grad():
        result = network(colour.expand(1, -1, *size))
    assert result.isfinite().all() and result.abs().max() <= 1
    assert torch.allclose(result, result[..., :1, :1].expand_as(result), atol=1e-12)


@given(seeds, st.integers(2, 16))
@settings(deadline=None, max_examples=40)
def test_guide_rises_with_each_channel(seed: int, bins: int) -> None:
    torch.manual_seed(seed)
    guide = Guide(bins).double()
    with torch.no_grad():
        for parameter in guide.parameters():
            parameter += 3 * torch.randn_like(parameter)
        assert (guide.knots().diff() > 0).all()
        assert torch.equal(guide.knots()[[0, -1]], torch.tensor([0.0, 1.0]).double())
        image = torch.rand(1, 3, 6, 6, dtype=torch.float64) * 0.9
        for channel in range(3):
            brighter = image.clone()
            brighter[:, channel] += 0.1
            assert (guide(brighter) > guide(image)).all()
        ends = torch.tensor([0.0, 1.0]).double().expand(1, 3, 1, 2)
        assert torch.allclose(guide(ends), torch.tensor([0.0, bins - 1]).double())


def named_gradients(network: BilateralGridNet, loss: Tensor) -> Iterator[tuple[str, Tensor]]:
    loss.backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        yield name, weight.grad


def test_gradient_reaches_every_weight() -> None:
    network = random_network(4).train()
    target = pictures(24, 40)
    loss = (network(pictures(24, 40)) - target).abs().mean()
    for name, gradient in named_gradients(network, loss):
        assert gradient.isfinite().all() and gradient.any(), name


def test_result_is_clipped_when_it_is_used_and_not_in_training() -> None:
    network, picture = random_network(5, spread=1.0), pictures(32, 32)
    whole = network.train()(picture).detach()
    assert whole.abs().max() > 1
    with torch.no_grad():
        assert torch.equal(network.eval()(picture), whole.clamp(-1, 1))


def test_penalty_is_the_weighted_roughness_of_the_last_grid() -> None:
    network, picture = random_network(6).train(), pictures(32, 32)
    network.smoothness = 3.0
    network(picture)
    expected = 3 * roughness(network.grid(picture))
    assert torch.equal(network.take_penalty(), expected) and expected > 0
    network.eval()(picture)
    assert network.penalty is None  # nothing of a graph is kept, and the network can be copied


def test_autocast_leaves_tones_in_full_precision() -> None:
    """Half precision has steps of 1/256 near white: as coarse as a photo's own."""
    network = BilateralGridNet(32, width=4).eval()
    ramp = torch.linspace(-1, 1, 5000).expand(1, 3, 2, -1)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(network(ramp), ramp)
        network.ends.bias.data.fill_(0.1)
        assert network(ramp).dtype == torch.float32
        assert len(network(ramp)[0, 0, 0].unique()) > 4500


def test_network_can_compute_on_the_unit_scale() -> None:
    """The convolutions see (x + 1) / 2; with the first one rescaled, the grid is that of before."""
    normalised, unit = random_network(7), random_network(7)
    unit.scaled_to_unit = True
    first = unit.encoder[0][0]
    with torch.no_grad():  # w (2 u - 1) + b = (2 w) u + (b - w)
        first.bias -= first.weight.sum((1, 2, 3))
        first.weight *= 2
    picture = pictures(32, 32)
    assert torch.allclose(normalised.grid(picture), unit.grid(picture), atol=1e-12)


@pytest.mark.parametrize("form", ["curve", "matrix"])
def test_simpler_forms_are_the_same_everywhere(form: str) -> None:
    network = random_network(1, 0.5, form=form)  # type: ignore[arg-type]
    with torch.no_grad():
        grid = network.grid(pictures(64, 32))
    assert grid.shape == (2, 12, 2 if form == "matrix" else 8, 1, 1)


def test_a_curve_treats_all_channels_alike() -> None:
    network = random_network(1, 0.5, form="curve")  # type: ignore[arg-type]
    grid = network.grid(pictures(32, 32)).unflatten(1, (3, 4))
    assert grid[:, :, :3].abs().max() == 0
    assert torch.equal(grid[:, :1, 3].expand(-1, 3, -1, -1, -1), grid[:, :, 3])


def test_a_matrix_is_one_affine_map_of_colours() -> None:
    """Corrected, the middle of two colours is the middle of both corrected."""
    network = random_network(1, 0.5, form="matrix")  # type: ignore[arg-type]
    with torch.no_grad():
        grid = network.grid(pictures(32, 32)[:1])
    colours = torch.rand(2, 3, dtype=torch.float64)
    first, second, middle = corrected(network, grid, torch.stack([*colours, colours.mean(0)]))
    assert torch.allclose(middle, (first + second) / 2)
