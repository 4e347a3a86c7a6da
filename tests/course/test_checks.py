"""Checks of answers: whatever is handed in, one line comes out."""

import re
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from exposure_lab.course import checks
from exposure_lab.course.checks import Question, check, find_question, verdict
from exposure_lab.course.expectations import Wrong, array, call, expect, number, tensor
from exposure_lab.errors import ChapterError

VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def _judge_array(answer: Any) -> None:
    result = array(call(answer, VALUES), VALUES.shape, "the doubled values")
    expect(bool((result == 2 * VALUES).all()), "Expected twice each value: look at the operator.")


def _judge_tensor(answer: Any) -> None:
    tensor(call(answer, torch.ones(2, 3)), (2, 3), "the logits")


def _judge_number(answer: Any) -> None:
    number(answer, "the share")


QUESTIONS = {
    "00.array": Question("00.array", 2, _judge_array),
    "00.tensor": Question("00.tensor", 1, _judge_tensor),
    "00.number": Question("00.number", 1, _judge_number),
    "00.broken": Question("00.broken", 1, lambda answer: 1 / 0),  # type: ignore[arg-type]
}


@pytest.fixture(autouse=True)
def own_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_question", QUESTIONS.__getitem__)


@pytest.fixture(params=["alarm", "thread"])
def short_limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A limit of 0.3 s, by the system's alarm and as on Windows, which has none."""
    monkeypatch.setattr(checks, "TIME_LIMIT", 0.3)
    if request.param == "thread":
        monkeypatch.delattr(signal, "SIGALRM", raising=False)
        monkeypatch.delattr(signal, "setitimer", raising=False)
    elif not hasattr(signal, "SIGALRM"):
        pytest.skip("this system has no alarm")
    handlers = [signal.getsignal(number) for number in limit_signals()]
    threads = threading.active_count()
    yield
    assert [signal.getsignal(number) for number in limit_signals()] == handlers
    assert threading.active_count() == threads
    if hasattr(signal, "setitimer"):
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def limit_signals() -> list[signal.Signals]:
    """The signals that a limit may use here."""
    return [getattr(signal, name) for name in ("SIGINT", "SIGALRM") if hasattr(signal, name)]


def test_right_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    check("00.array", lambda x: 2 * x)
    assert capsys.readouterr().out == "00.array: right, 2 points.\n"
    assert verdict("00.number", 3) == "00.number: right, 1 point."


def _raises(_: Any) -> Any:
    raise ValueError("first line\nsecond line")


def _raises_a_sentence(_: Any) -> Any:
    raise RuntimeError("Use another function instead.")


def _changes_input(x: Any) -> Any:
    x *= 2
    return x


def _exits(_: Any) -> Any:
    raise SystemExit(3)


def _unwritten(_: Any) -> Any:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (None, "there is none"),
        (..., "there is none"),
        (VALUES, "without calling it"),
        (lambda x: None, "`return`"),
        (lambda x: ..., "`return`"),
        (_unwritten, "still to be written"),
        (_raises, "ValueError: first line"),
        (_raises_a_sentence, "RuntimeError: Use another function instead: call"),
        (_exits, "SystemExit: 3"),
        (lambda: VALUES, "TypeError"),
        (lambda x: x[:, :2], "shape (2, 3)"),
        (lambda x: x.T, "another order"),
        (lambda x: x[None], "an axis is too many"),
        (lambda x: x * np.nan, "NaN"),
        (lambda x: torch.from_numpy(2 * x), "got a torch tensor"),
        (lambda x: (2 * x).tolist(), "of type list"),
        (lambda x: x.astype(str), "real numbers"),
        (lambda x: x * 2j, "real numbers"),
        (_changes_input, "in place"),
        (lambda x: x**2, "operator"),
        (lambda x: lambda y: y, "function that was not called"),
    ],
)
def test_wrong_answer_gets_its_sentence(answer: Any, part: str) -> None:
    line = verdict("00.array", answer)
    assert line.startswith("00.array: not yet. ")
    assert part in line
    assert "\n" not in line
    assert line == verdict("00.array", answer), "the same answer, the same line"
    assert (VALUES == [[1, 2, 3], [4, 5, 6]]).all(), "an answer reached the original"


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (lambda t: t.numpy(), "got a numpy array"),
        (lambda t: t.reshape(3, 2), "another order"),
        (lambda t: t[0], "an axis is too many"),
        (lambda t: t / 0, "NaN or infinity"),
    ],
)
def test_tensor_is_asked_for(answer: Any, part: str) -> None:
    assert part in verdict("00.tensor", answer)


@pytest.mark.parametrize("answer", [0.5, np.float32(0.5), np.array(0.5), torch.tensor(0.5), 1])
def test_number_may_come_in_any_form(answer: Any) -> None:
    assert "right" in verdict("00.number", answer)


@pytest.mark.parametrize("answer", [True, "a half", np.ones(1), torch.ones(2), float("nan"), 1j])
def test_number_refuses_what_is_none(answer: Any) -> None:
    assert "not yet" in verdict("00.number", answer)


def test_endless_loop_is_stopped(short_limit: None) -> None:
    def forever(_: Any) -> Any:
        while True:
            pass

    start = time.monotonic()
    assert "never ends" in verdict("00.array", forever)
    assert time.monotonic() - start < 5


def test_loop_that_swallows_exceptions_is_stopped(short_limit: None) -> None:
    def stubborn(_: Any) -> Any:
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    assert "never ends" in verdict("00.array", stubborn)


@pytest.mark.slow
def test_bare_except_only_delays_the_end(short_limit: None) -> None:
    def catches_once(_: Any) -> Any:
        try:
            while True:
                time.sleep(0.01)
        except:  # noqa: E722
            pass
        while True:
            time.sleep(0.01)

    assert "never ends" in verdict("00.array", catches_once)


def test_right_answer_within_the_limit(short_limit: None) -> None:
    assert verdict("00.array", lambda x: 2 * x) == "00.array: right, 2 points."


def test_a_pressed_stop_is_one_within_the_limit(short_limit: None) -> None:
    """Ctrl-C, or the stop button, is no slow answer; where nobody listens, nothing happens."""

    def pressed(_: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return 2 * VALUES

    with pytest.raises(KeyboardInterrupt):
        verdict("00.array", pressed)
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert "right" in verdict("00.array", pressed)
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm")
def test_an_alarm_that_was_set_still_rings() -> None:
    rung: list[int] = []
    handler = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.4)
        assert "right" in verdict("00.array", lambda x: 2 * x)
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.4
        time.sleep(0.6)
        assert rung == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_another_thread_has_no_limit_and_no_trouble() -> None:
    lines: list[str] = []
    thread = threading.Thread(target=lambda: lines.append(verdict("00.array", lambda x: 2 * x)))
    thread.start()
    thread.join()
    assert lines == ["00.array: right, 2 points."]


def test_judge_that_stumbles_raises_nothing() -> None:
    assert "could not be judged (ZeroDivisionError" in verdict("00.broken", 1)


def test_stop_button_is_not_swallowed() -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verdict("00.array", interrupted)


def test_long_messages_are_cut() -> None:
    def talks(_: Any) -> Any:
        raise ValueError("x" * 5000)

    assert len(verdict("00.array", talks)) < 400


@pytest.mark.parametrize("name", ["99.nothing", "01.nothing", "", "../x", "01"])
def test_unknown_question_is_the_notebooks_error(name: str) -> None:
    with pytest.raises(ChapterError, match=re.escape(repr(name))):
        find_question(name)


def test_unknown_question_names_those_of_its_chapter() -> None:
    with pytest.raises(ChapterError, match=r"known: 01\.predict-stop, 01\.render-ev"):
        find_question("01.nothing")


def test_expectations_raise_wrong() -> None:
    with pytest.raises(Wrong):
        expect(False, "Expected something else.")
