"""Live sliders, which a kernel answers: for Colab and a laptop."""

from collections.abc import Callable

from exposure_lab.images.array import Array
from exposure_lab.notebook.embedding import jpeg
from exposure_lab.notebook.session import is_headless

Control = tuple[float, float, float, float]
"""(smallest, largest, step, value at the start)."""


def live(draw: Callable[..., Array], *, alt: str, **controls: Control) -> None:
    """Show sliders that call a function in the kernel, and the picture that it returns.

    Does nothing where nobody can play: in a headless execution, and outside of a notebook. Works
    with ipywidgets 7 and 8, without its `interact` and `Output`, which can hang an execution.

    Args:
        draw: takes the controls by name, returns (H, W, 3), sRGB in [0, 1].
        alt: what the picture shows.
        controls: name to (smallest, largest, step, value at the start).
    """
    from IPython import get_ipython

    if is_headless() or getattr(get_ipython(), "kernel", None) is None:
        return
    import ipywidgets
    from IPython.display import display

    sliders = {
        name: ipywidgets.FloatSlider(
            min=low, max=high, step=step, value=value, description=name, continuous_update=False
        )
        for name, (low, high, step, value) in controls.items()
    }
    picture = ipywidgets.Image(format="jpeg")

    def redraw(_: object = None) -> None:
        picture.value = jpeg(draw(**{name: slider.value for name, slider in sliders.items()}))

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    redraw()
    box = ipywidgets.VBox([ipywidgets.Label(alt), *sliders.values(), picture])
    display(box)
