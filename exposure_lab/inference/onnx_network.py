"""Networks that were exported to ONNX files, run by onnxruntime on the processor, without torch.

The file may come from a stranger: it is read as bytes, so that it can name no other file, and what
it says of itself is checked before it is run. `onnx_export` writes such files.
"""

# h, w of the small copy that a network sees; the grid has D cells of brightness, Y down, X across

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.config import DataConfig, parse_config
from exposure_lab.errors import CheckpointError, ConfigError
from exposure_lab.images.array import Array
from exposure_lab.inference.bilateral_grid import BilateralGrid
from exposure_lab.inference.grid_correction import GridCorrection
from exposure_lab.inference.threads import thread_count

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ONNX_SUFFIX = ".onnx"

FORMAT = "exposure-lab 1"
"""What the file says of itself under ``format``; the number changes with inputs and outputs."""

GRID_INPUTS = ("thumbnail", "grid", "picture", "rows")
GRID_OUTPUTS = ("predicted_grid", "guide_weights", "guide_knots", "corrected")
"""Of a network that predicts a correction; the file holds how it is applied as well."""

PICTURE_INPUTS = ("thumbnail",)
PICTURE_OUTPUTS = ("corrected",)
"""Of a network that draws pictures."""

LARGEST_FILE = 2**31
"""Bytes: what ONNX can hold in one file."""


def has_onnxruntime() -> bool:
    """Whether onnxruntime is installed; it is not imported."""
    return find_spec("onnxruntime") is not None


class OnnxNetwork:
    """A `Network` in an ONNX file, run by onnxruntime."""

    def __init__(self, session: "InferenceSession", path: Path | str) -> None:
        self.session, self.path = session, path
        self._draws = {one.name for one in session.get_outputs()} == set(PICTURE_OUTPUTS)

    def predict_grid(self, small: Array) -> BilateralGrid | None:
        """Predict the correction of a photo; see `Network`.

        Raises:
            CheckpointError: the file computes something that is no grid.
        """
        if self._draws:
            return None
        unused = {  # inputs of the part that applies a grid, which onnxruntime wants as well
            "grid": np.zeros((1, 12, *self._grid_shape()), np.float32),
            "picture": np.zeros((1, 3, 1, 1), np.float32),
            "rows": np.full(1, 0.5, np.float32),
        }
        cells, weights, knots = self._run(GRID_OUTPUTS[:3], small, unused)
        grid = BilateralGrid(cells[0], weights, knots)
        if problem := _first_fault(grid):
            raise CheckpointError(
                f"Expected a network that predicts a grid of finite numbers in {self.path}, but "
                f"{problem}: export it again."
            )
        return grid

    def draw(self, small: Array) -> Array:
        """Draw the corrected picture; see `Network`."""
        if (grid := self.predict_grid(small)) is not None:
            return GridCorrection(grid).apply(small)
        (drawn,) = self._run(PICTURE_OUTPUTS, small, {})
        if not np.isfinite(drawn).all():
            raise CheckpointError(
                f"Expected a network that draws pictures in {self.path}, but it drew numbers that "
                "are not finite: export it again."
            )
        picture: Array = drawn[0].transpose(1, 2, 0).clip(0, 1)
        return picture

    def grid_correction(
        self, grid: BilateralGrid, profile: bytes | None, strength: float
    ) -> GridCorrection:
        """Apply a grid on the processor."""
        return GridCorrection(grid, profile, strength)

    def _run(self, outputs: tuple[str, ...], small: Array, rest: dict[str, Array]) -> list[Any]:
        thumbnail = np.ascontiguousarray(small.transpose(2, 0, 1), np.float32)[None]
        try:
            results: list[Any] = self.session.run(list(outputs), {"thumbnail": thumbnail} | rest)
        except Exception as error:  # onnxruntime has many kinds of its own
            raise CheckpointError(
                f"Expected a network that corrects pictures in {self.path}, but it does not run "
                f"({_one_line(error)}): export it again."
            ) from error
        return results

    def _grid_shape(self) -> tuple[int, ...]:
        """(D, Y, X) of any grid that the file takes."""
        (shape,) = (one.shape for one in self.session.get_inputs() if one.name == "grid")
        _, _, *axes = (side if isinstance(side, int) else 8 for side in shape)
        return tuple(axes)


def load_onnx(path: Path | str) -> tuple[OnnxNetwork, DataConfig]:
    """Load a network that `exposure-lab export` wrote, and what it wants to be shown.

    Raises:
        ConfigError: onnxruntime is not installed.
        CheckpointError: no such file, a damaged one, another ONNX model, or one of another version.
    """
    if not has_onnxruntime():
        raise ConfigError(
            f"Expected the extra `onnx` for {path}, but this installation lacks onnxruntime: run "
            '`pip install "exposure-lab[onnx]"`.'
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = thread_count()
    # A network as small as these gains nothing from a graph that is made quicker first.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # what is wrong is said in one sentence
    try:
        content = _read_file(Path(path))
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has many kinds of its own
        raise CheckpointError(
            f"Expected a network in {path}, but it cannot be read ({_one_line(error)}): check the "
            "path, or export it again."
        ) from error
    return OnnxNetwork(session, path), _read_settings(session, path)


def _read_file(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # to open a pipe would wait for ever
        raise ValueError("it is no file")
    if path.exists() and path.stat().st_size > LARGEST_FILE:
        raise ValueError("it is larger than an ONNX file can be")
    return path.read_bytes()


def _read_settings(session: "InferenceSession", path: Path | str) -> DataConfig:
    """Check that a model is a corrector of this version; read how it wants to see a photo."""
    facts = session.get_modelmeta().custom_metadata_map
    kind = facts.get("format", "")
    if not kind.startswith(FORMAT.split()[0]):
        raise CheckpointError(
            f"Expected a network that `exposure-lab export` wrote in {path}, but it is another "
            "ONNX model: export one, or choose another file."
        )
    if kind != FORMAT:
        raise CheckpointError(
            f"Expected a file of the version {FORMAT!r} in {path}, but it is of {kind[:40]!r}: "
            "export it again with this version of exposure-lab."
        )
    sides = [{one.name for one in side} for side in (session.get_inputs(), session.get_outputs())]
    known = [[set(GRID_INPUTS), set(GRID_OUTPUTS)], [set(PICTURE_INPUTS), set(PICTURE_OUTPUTS)]]
    try:
        if sides not in known:
            raise ConfigError("its inputs and outputs are other ones")
        return parse_config(json.loads(facts.get("config", ""))).data
    except (ConfigError, ValueError) as error:
        raise CheckpointError(
            f"Expected a network that corrects pictures in {path}, but it is none "
            f"({_one_line(error)}): export it again."
        ) from error


def _first_fault(grid: BilateralGrid) -> str | None:
    """Describe the first thing that makes an array no grid; None where there is none."""
    cells, weights, knots = grid
    if cells.ndim != 4 or cells.shape[0] != 12 or weights.shape != (3,):
        return "it predicts arrays of other shapes"
    if len(knots) != cells.shape[1] or len(knots) < 2:
        return "its guide has another number of cells"
    if not all(np.isfinite(part).all() for part in grid):
        return "it predicts numbers that are not finite"
    if knots[0] != 0 or knots[-1] != 1 or np.diff(knots).min() <= 0:
        return "its guide does not rise from black to white"
    return None


def _one_line(error: Exception) -> str:
    """An error's text without line ends, cut off after two lines."""
    text = "".join(c if c.isprintable() else " " for c in str(error))
    return text if len(text) <= 200 else f"{text[:200]}..."
