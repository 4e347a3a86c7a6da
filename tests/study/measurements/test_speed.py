"""Paired timings: the extra time of each round, by functions that take a known time."""

import time

import pytest

from exposure_lab.study.measurements import speed
from exposure_lab.study.measurements.speed import measure_speed


def test_extra_time_is_that_of_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def takes(seconds: float) -> object:
        def work() -> None:
            now[0] += seconds

        return work

    assert speed._extra(takes(3.0), takes(2.0)) == (0.5,) * speed.REPEATS  # type: ignore[arg-type]


@pytest.mark.slow
def test_what_does_more_work_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "REPEATS", 3)
    maxout, whole = measure_speed()
    assert len(maxout.values) == len(whole.values) == len(maxout.over) == 3
    # Maxout computes every channel twice. By how much a critic differs depends on the machine.
    assert max(maxout.values) > 0.2
    assert all(extra > -1 for extra in whole.values)
