"""Slicing agrees with torch's sampler in three dimensions, at any size, in strips as at once."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from exposure_lab.networks.grid_slicing import roughness, row_places, slice_grid

SIZES = [(1, 1), (1, 9), (7, 1), (8, 8), (13, 31), (64, 50)]


def random_grid(*cells: int, batch: int = 2) -> Tensor:
    return torch.randn(batch, 12, *cells, generator=torch.Generator().manual_seed(0))


def random_depth(height: int, width: int, bins: int, batch: int = 2) -> Tensor:
    drawn = torch.rand(batch, height, width, generator=torch.Generator().manual_seed(1))
    return drawn * (bins - 1)


def by_three_dimensions(grid: Tensor, depth: Tensor) -> Tensor:
    """torch's own trilinear sampler, which counts cells from border to border."""
    height, width = depth.shape[1:]
    bins = grid.shape[2]
    y = ((torch.arange(height).to(depth) + 0.5) / height * 2 - 1)[None, :, None].expand_as(depth)
    x = ((torch.arange(width).to(depth) + 0.5) / width * 2 - 1).expand_as(depth)
    z = (2 * depth + 1) / bins - 1
    places = torch.stack([x, y, z], dim=-1)[:, None]
    sampled = F.grid_sample(grid, places, padding_mode="border", align_corners=False)
    return sampled[:, :, 0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cells", [(8, 8, 8), (2, 1, 1), (5, 3, 7)])
def test_as_torch_samples_in_three_dimensions(
    size: tuple[int, int], cells: tuple[int, int, int]
) -> None:
    grid, depth = random_grid(*cells), random_depth(*size, cells[0])
    expected = by_three_dimensions(grid, depth)
    assert torch.allclose(slice_grid(grid, depth), expected, atol=1e-5)


def test_gradients_are_those_of_three_dimensions() -> None:
    grid, depth = random_grid(4, 3, 5, batch=1), random_depth(9, 11, 4, batch=1)
    gradients = []
    for sample in (slice_grid, by_three_dimensions):
        inputs = [tensor.double().requires_grad_() for tensor in (grid, depth)]
        sample(*inputs).square().sum().backward()
        gradients.append([tensor.grad for tensor in inputs])
    for own, expected in zip(*gradients, strict=True):
        assert own is not None and torch.allclose(own, expected, rtol=1e-5, atol=1e-6)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(1, 50))
@settings(deadline=None, max_examples=30)
def test_strips_of_a_picture_are_its_rows(height: int, rows: int, width: int) -> None:
    grid, depth = random_grid(6, 8, 8, batch=1), random_depth(height, width, 6, batch=1)
    places = row_places(height, grid)
    strips = [
        slice_grid(grid, depth[:, top : top + rows], places[top : top + rows])
        for top in range(0, height, rows)
    ]
    assert torch.allclose(torch.cat(strips, dim=2), slice_grid(grid, depth), atol=1e-6)


def test_grid_is_constant_beyond_its_outermost_centres() -> None:
    """With 16 px to a cell, the first 8 lie before its centre: there is no rim to see."""
    grid, depth = random_grid(3, 4, 4, batch=1), torch.ones(1, 64, 64)
    sliced = slice_grid(grid, depth)
    assert torch.allclose(sliced[:, :, :8], sliced[:, :, :1].expand(-1, -1, 8, -1), atol=1e-6)
    assert torch.allclose(sliced[..., -8:], sliced[..., -1:].expand(-1, -1, -1, 8), atol=1e-6)


def test_roughness_of_an_even_grid_is_zero() -> None:
    z, y, x = torch.meshgrid(torch.arange(5.0), torch.arange(4.0), torch.arange(6.0), indexing="ij")
    even = (0.5 * z - 2 * y + 3 * x + 1).expand(2, 12, 5, 4, 6)
    assert roughness(even) == 0


@pytest.mark.parametrize(("axis", "share"), [(2, 1 / 3), (3, 1 / 2), (4, 1 / 4)])
def test_roughness_of_one_kink(axis: int, share: float) -> None:
    """A slope that changes by 2 once among the n - 2 places of an axis that have two neighbours."""
    shape = [1, 12, 1, 1, 1]
    shape[axis] = round(1 / share) + 2
    kink = 2 * (torch.arange(float(shape[axis])) - 2).clamp(min=0)
    view = [1] * 5
    view[axis] = -1
    assert roughness(kink.view(view).expand(shape)) == pytest.approx(4 * share)


def test_roughness_needs_three_cells() -> None:
    assert roughness(random_grid(2, 2, 1)) == 0
