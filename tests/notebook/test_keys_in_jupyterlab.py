"""Controls keep their keys inside JupyterLab, whose notebook listens for arrows and letters too."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_up_ledger import made_up_ledger
from parsed_html import elements, parse

from exposure_lab.images.array import Array
from exposure_lab.networks.receptive import map_side
from exposure_lab.notebook.embedding import Widget
from exposure_lab.notebook.exposure_game import play
from exposure_lab.notebook.game_rounds import Round
from exposure_lab.notebook.loss_landscape import chance_slider
from exposure_lab.notebook.receptive_field_widget import explore_fields
from exposure_lab.notebook.widgets import before_after, ev_slider


def explorer(photo: Array) -> Widget:
    """An explorer of a map without verdicts."""
    sides = [map_side(side, 1) for side in photo.shape[:2]]
    return explore_fields(photo, {1: np.zeros(sides)}, alt="A cup")


WIDGETS: dict[str, Callable[[Array], Widget]] = {
    "before_after": lambda photo: before_after(photo, photo, alt="A cup"),
    "ev_slider, steps": lambda photo: ev_slider({0: photo, 1: photo}, alt="A cup"),
    "ev_slider, one photo": lambda photo: ev_slider(photo, alt="A cup"),
    "play": lambda photo: play([Round("cup", photo, photo, photo)], alt="A cup"),
    "explore_fields": explorer,
    "chance_slider": lambda _: chance_slider(alt="Two losses"),
}


@pytest.mark.parametrize("name", [*WIDGETS, "ledger"])
def test_jupyterlab_leaves_the_keys_to_each_control(
    name: str, photo: Array, tmp_path: Path
) -> None:
    made = made_up_ledger(tmp_path) if name == "ledger" else WIDGETS[name](photo)
    page = parse(made._repr_html_())
    controls = [e for e in page.iter() if e.tag in ("input", "select", "button")]
    controls += elements(page, tabindex="0")
    assert controls
    # On the element that has the focus: JupyterLab does not ask its parents.
    missing = [e.attrib for e in controls if e.get("data-lm-suppress-shortcuts") != "true"]
    assert missing == []
