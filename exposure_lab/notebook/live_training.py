"""Live view of a run in a notebook: curves and validation pictures, redrawn after each epoch."""

import base64
import io
from pathlib import Path
from typing import Any

from exposure_lab.notebook.session import is_headless
from exposure_lab.plots import Figure
from exposure_lab.training.history import Row, draw_history


class LiveTraining:
    """Callback for `train`, its ``on_epoch``, that draws the progress into the cell that runs.

    The callback does nothing in a headless execution, where nobody watches. It needs neither
    widgets nor a thread: each output replaces the one before. A second cell that goes on with the
    run draws below itself, and leaves alone what stands below the first.

    Example:
        >>> train(config, data, "run", on_epoch=LiveTraining("run"))  # doctest: +SKIP
    """

    def __init__(self, run: Path | str) -> None:
        self.run = Path(run)
        self._shown: Any = None
        self._cell: object = None  # that the output stands below

    def __call__(self, row: Row) -> None:
        """Draw the state of the run after an epoch.

        Args:
            row: an epoch's row, with ``epoch``, ``step``, ``val_psnr`` and ``val_psnr_identity``.
        """
        if is_headless():
            return
        from IPython import get_ipython
        from IPython.display import HTML, display

        page = HTML(self._page(row))
        cell = getattr(get_ipython(), "execution_count", None)
        if self._shown is None or cell != self._cell:
            self._shown, self._cell = display(page, display_id=True), cell
        else:
            self._shown.update(page)

    def _page(self, row: Row) -> str:
        gain = row["val_psnr"] - row["val_psnr_identity"]
        strip = self.run / "validation" / f"epoch_{row['epoch']:03d}.png"
        return (
            f"<p>epoch {row['epoch']}, step {row['step']}: held-out PSNR "
            f"{row['val_psnr']:.2f} dB, {gain:+.2f} dB above doing nothing</p>"
            f"{_picture(_png(draw_history(self.run)), 'Loss curves and held-out PSNR so far')}"
            f"{_picture(strip.read_bytes(), 'Held-out photos: input, output and target')}"
        )


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _picture(content: bytes, alt: str) -> str:
    data = base64.b64encode(content).decode()
    return f'<img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{data}">'
