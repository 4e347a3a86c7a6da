"""Threads of one photo: all processors that the process may use, or one beside other processes."""

import os

import pytest
import torch

from exposure_lab.inference import threads


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_processes_beside", False)


def test_one_thread_for_each_processor_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3, 4}, raising=False)
    assert threads.thread_count() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads.thread_count() == 1


def test_one_beside_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    threads.use_one_thread()
    assert threads.thread_count() == 1
    assert asked == [1]
