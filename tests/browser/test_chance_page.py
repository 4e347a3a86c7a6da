"""The landscape of L1 and L2, moved by key, on a page that the test writes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import MARKS, WrittenPage, write_page

from exposure_lab.errors import ImageError
from exposure_lab.notebook.loss_landscape import chance_slider

pytestmark = MARKS


@pytest.fixture
def drawn(browser: Any, tmp_path: Path) -> Any:
    """The widget on a page of its own, in the middle of its slider."""
    page = WrittenPage(
        browser, write_page(tmp_path / "page.html", chance_slider(alt="Two losses").markup), 390
    )
    yield page
    assert page.complaints == []
    assert not [url for url in page.requests if not url.startswith(("file:", "data:"))]
    page.context.close()


def best(name: str, said: str) -> list[float]:
    """The greys that the status line gives for a loss."""
    part = said.split(f"Lowest under {name}: ")[1].split(". ")[0]
    return [float(number) for number in re.findall(r"\d\.\d+", part)]


def test_it_says_where_each_loss_is_lowest(drawn: Any) -> None:
    slider = drawn.tab.get_by_role("slider", name="Chance of 0.8")
    greys = np.linspace(0, 1, 1001)
    for percent in (0, 20, 48, 50, 52, 100):
        slider.evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }", str(percent)
        )
        said = drawn.tab.get_by_role("status").inner_text()
        chance = percent / 100
        for name, power in (("L1", 1), ("L2", 2)):
            away = [abs(greys - truth) ** power for truth in (0.2, 0.8)]
            loss = (1 - chance) * away[0] + chance * away[1]
            lowest = greys[loss < loss.min() + 1e-9]
            found = best(name, said)
            assert (found[0], found[-1]) == pytest.approx((lowest[0], lowest[-1]), abs=0.006)


def test_the_curves_are_those_of_the_formula(drawn: Any) -> None:
    paths = drawn.tab.eval_on_selector_all(
        ".xl-curve", "all => all.map(e => e.getAttribute('d')).filter(d => d.includes('L'))"
    )
    for power, path in enumerate(paths, 1):
        points = np.array(re.findall(r"([\d.]+) ([\d.]+)", path), float)
        greys = (points[:, 0] - 44) / (450 - 44)
        loss = sum(0.5 * abs(greys - truth) ** power for truth in (0.2, 0.8))
        assert np.allclose((216 - points[:, 1]) / (216 - 10) * 0.6, loss, atol=0.001)
    assert len(paths) == 2


def test_keys_move_it_and_it_fits(drawn: Any) -> None:
    slider = drawn.tab.get_by_role("slider")
    slider.focus()
    before = drawn.tab.get_by_role("status").inner_text()
    assert "anything from 0.20 to 0.80" in before  # L1 is undecided at one half
    drawn.tab.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "52 %"
    assert drawn.tab.get_by_role("status").inner_text() != before
    shown, wide = drawn.tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert wide <= shown


@pytest.mark.parametrize("truths", [(0.8, 0.2), (-0.1, 0.5), (0.5, 1.2)])
def test_truths_rise_from_black_to_white(truths: tuple[float, float]) -> None:
    with pytest.raises(ImageError, match="two truths that rise"):
        chance_slider(truths, alt="Two losses")
