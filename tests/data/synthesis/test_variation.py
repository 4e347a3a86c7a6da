"""Inputs that are drawn: exposures from a range, and a camera that drifts within its bounds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure_lab.data.layout import ev_token, parse_ev_token
from exposure_lab.data.synthesis.camera import CameraResponse
from exposure_lab.data.synthesis.contrast import MOST_CONTRAST
from exposure_lab.data.synthesis.variation import CONTRAST_PER_STOP, Variation
from exposure_lab.errors import ConfigError

SCENES = st.text(max_size=8)
SEEDS = st.integers(0, 2**31)
DRAWN = Variation(ev_range=(-3, 3))


@pytest.mark.slow
@given(
    low=st.floats(-16, 15.9),
    width=st.floats(0.1, 6),
    count=st.integers(1, 9),
    scene=SCENES,
    seed=SEEDS,
)
def test_exposures_that_are_drawn(
    low: float, width: float, count: int, scene: str, seed: int
) -> None:
    high = min(low + width, 16.0)
    variation = Variation(ev_range=(low, high), per_photo=count)
    variation.check(None)
    evs = variation.exposures(None, scene, seed)
    assert evs == variation.exposures(None, scene, seed)
    assert len(set(evs)) == len(evs) == count
    # An end that rounding has moved from a hundredth of a stop still counts as that hundredth.
    assert all(low - 1e-8 <= ev <= high + 1e-8 and ev != 0 for ev in evs)
    assert [parse_ev_token(ev_token(ev)) for ev in evs] == list(evs)  # as a file name has them


def test_they_spread_over_the_range_evenly() -> None:
    evs = [ev for i in range(1000) for ev in DRAWN.exposures(None, str(i), 0)]
    # 4000 uniform draws: a sixth is 667, with a standard deviation of 24.
    counts, _ = np.histogram(evs, 6, (-3, 3))
    assert counts == pytest.approx([667] * 6, abs=5 * 24)


def test_a_list_is_taken_as_it_is() -> None:
    assert Variation().exposures((1, -1), "a", 0) == (1, -1)


def test_share_of_identity_pairs() -> None:
    scenes = [str(i) for i in range(400)]
    for share, low, high in ((0, 0, 0), (0.25, 57, 143), (1, 400, 400)):  # 100 +- 5 x 8.7
        variation = replace(DRAWN, identity_share=share)
        evs = [variation.exposures(None, scene, 0) for scene in scenes]
        assert low <= sum(0.0 in one for one in evs) <= high
        assert all(len(one) == 4 + (0.0 in one) for one in evs)


def test_an_identity_pair_has_no_camera() -> None:
    camera = CameraResponse(1.0, noise=1.0)
    assert replace(DRAWN, identity_share=0.5).vary(camera, 0, "a", 0) is None
    assert DRAWN.vary(camera, 0, "a", 0) is not None


@given(
    scene=SCENES,
    seed=SEEDS,
    white_balance=st.floats(0, 4),
    tone=st.floats(0, 4),
    camera=st.builds(CameraResponse, st.floats(0, 4), contrast=st.floats(0, 0.6)),
)
def test_a_camera_drifts_within_its_bounds(
    scene: str, seed: int, white_balance: float, tone: float, camera: CameraResponse
) -> None:
    camera = replace(camera, noise=0.5, gain=0.25)
    variation = replace(DRAWN, white_balance_jitter=white_balance, tone_jitter=tone)
    varied = variation.vary(camera, 1.25, scene, seed)
    assert varied is not None
    assert varied == variation.vary(camera, 1.25, scene, seed)
    red, green, blue = np.log2(varied.white_balance)
    assert green == 0
    assert max(abs(red), abs(blue)) <= white_balance + 1e-9
    assert abs(varied.headroom - camera.headroom) <= tone + 1e-9
    assert varied.headroom >= 0
    assert abs(varied.contrast - camera.contrast) <= CONTRAST_PER_STOP * tone + 1e-9
    assert 0 <= varied.contrast <= MOST_CONTRAST
    assert 0 <= varied.noise <= 0.5
    assert varied.gain == 0.25


def test_inputs_of_a_photo_differ() -> None:
    variation = replace(DRAWN, white_balance_jitter=0.1, tone_jitter=0.5)
    camera = CameraResponse(2.0, noise=1.0, contrast=0.3)
    cameras = [variation.vary(camera, ev, scene, 0) for ev in (-1, 1) for scene in "ab"]
    for part in ("noise", "headroom", "contrast", "white_balance"):
        assert len({getattr(one, part) for one in cameras}) == 4


def test_without_variation_the_camera_stays() -> None:
    camera = CameraResponse(2.0, 0.1, 1.0, 0.3)
    assert Variation().vary(camera, 0, "a", 0) == camera


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ev_range": (3, -3)}, r"the lower end first, within -16 and 16, but got 3 and -3"),
        ({"ev_range": (1, 1)}, "but got 1 and 1"),
        ({"ev_range": (float("nan"), 1)}, "but got nan and 1"),
        ({"ev_range": (-17, 1)}, "but got -17 and 1"),
        ({"ev_range": (-3, 3), "per_photo": 0}, r"from 1 to 600, .* but got 0"),
        ({"ev_range": (0, 0.03), "per_photo": 4}, r"from 1 to 3, .* but got 4"),
        ({"identity_share": 1.5}, "identity pairs from 0 to 1, but got 1.5"),
        ({"identity_share": float("nan")}, "identity pairs from 0 to 1, but got nan"),
        (
            {"white_balance_jitter": -0.1},
            "white_balance_jitter in stops, from 0 to 4, but got -0.1",
        ),
        ({"tone_jitter": 5}, "tone_jitter in stops, from 0 to 4, but got 5"),
        ({"highlights": 17}, "highlights in stops, from 0 to 16, but got 17"),
    ],
)
def test_variations_that_cannot_be(changes: dict[str, object], sentence: str) -> None:
    variation = replace(Variation(), **changes)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=sentence):
        variation.check(None if variation.ev_range else (1,))


def test_exposures_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match=r"but got both, \[1\] and \[-3, 3\]: leave one out"):
        DRAWN.check([1])
    with pytest.raises(ConfigError, match="leave 0 out, or draw"):
        Variation(identity_share=1).check([0, 1])
    with pytest.raises(ConfigError, match="at most four decimals, but got none"):
        Variation().check([])
