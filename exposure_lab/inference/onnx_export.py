"""Export of a network to an ONNX file, which onnxruntime runs without torch, also in a browser.

A network that predicts a correction becomes a file of two parts that share no values, so that each
can be run by itself:

- ``thumbnail`` to ``predicted_grid``, ``guide_weights`` and ``guide_knots``;
- ``grid``, ``picture`` and ``rows`` to ``corrected``: a grid applied to a picture of any size, or
  to some of its rows.

A network that draws pictures takes ``thumbnail`` and gives ``corrected``. Pictures are
(1, 3, H, W), sRGB in [0, 1].
"""

# h, w of the small copy that a network sees; the grid has D cells of brightness, Y down, X across

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from exposure_lab.config import RunConfig
from exposure_lab.files.atomic import atomic_path
from exposure_lab.inference.onnx_network import (
    FORMAT,
    GRID_INPUTS,
    GRID_OUTPUTS,
    PICTURE_INPUTS,
    PICTURE_OUTPUTS,
)
from exposure_lab.networks.bilateral_grid import BilateralGridNet
from exposure_lab.networks.build import Generator
from exposure_lab.networks.grid_slicing import row_places

OPSET = 20
"""Version of the operators: GridSample as it is now came with it."""


class _GridParts(nn.Module):
    """A network that predicts a correction, and how that is applied, side by side."""

    def __init__(self, network: BilateralGridNet) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, thumbnail: Tensor, grid: Tensor, picture: Tensor, rows: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        network = self.network
        corrected = picture + network.change(grid, picture, rows)
        guide = network.guide
        predicted = network.grid(thumbnail * 2 - 1)
        return predicted, guide.weights, guide.knots(), corrected.clamp(0, 1)


class _Drawing(nn.Module):
    """A network that draws pictures, in [0, 1]."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, thumbnail: Tensor) -> Tensor:
        drawn: Tensor = self.network(thumbnail * 2 - 1)
        return ((drawn + 1) / 2).clamp(0, 1)


def export_network(generator: Generator, config: RunConfig, path: Path | str) -> None:
    """Write a trained generator as an ONNX file, whole or not at all.

    Args:
        generator: on the CPU.
        config: settings of its run; they are kept in the file.
        path: a file that is there is replaced.

    Raises:
        FilesError: no space or no permission.
    """
    side = config.data.image_size
    varies = config.data.short_side > 0  # else each photo is stretched to one square
    thumbnail = torch.zeros(1, 3, 2 * side, 3 * side) if varies else torch.zeros(1, 3, side, side)
    inputs: tuple[Tensor, ...] = (thumbnail,)
    names: tuple[str, ...] = PICTURE_INPUTS
    outputs: tuple[str, ...] = PICTURE_OUTPUTS
    squares = {2: side * Dim("squares_down"), 3: side * Dim("squares_across")}
    shapes: list[dict[int, Any]] = [squares if varies else {}]
    part: nn.Module = _Drawing(generator)
    if isinstance(generator, BilateralGridNet):
        part, names, outputs = _GridParts(generator), GRID_INPUTS, GRID_OUTPUTS
        with torch.inference_mode():
            grid = torch.zeros_like(generator.eval().grid(thumbnail))
        inputs = (thumbnail, grid.clone(), torch.zeros(1, 3, 5, 7), row_places(5, thumbnail))
        height, width = Dim("height", min=2), Dim("width", min=2)
        cells = {3: Dim("down", min=2), 4: Dim("across", min=2)} if varies else {}
        shapes += [cells, {2: height, 3: width}, {0: height}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own parts, which nobody here can heed
        program = torch.onnx.export(
            part.eval(),
            inputs,
            input_names=list(names),
            output_names=list(outputs),
            dynamic_shapes=tuple(shapes),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    for node in program.model.graph:
        node.metadata_props.clear()  # where in the source it came from: a quarter of the file
    program.model.metadata_props.update(format=FORMAT, config=config.model_dump_json())
    program.model.doc_string = __doc__
    with atomic_path(Path(path)) as temporary:
        program.save(temporary)
