"""What a run wrote down can be read back, also after a crash."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from exposure_lab.errors import RunError
from exposure_lab.training.history import History, draw_history, read_history

STEPS = [
    {"kind": "step", "step": step, "l1": 0.5 / step, "adversarial": 1.0, "discriminator": 0.7}
    for step in range(1, 5)
]
EPOCHS = [
    {
        "kind": "epoch",
        "epoch": epoch,
        "step": 2 * epoch,
        "train_l1": 0.2,
        "val_l1": 0.2,
        "val_psnr": 15.0 + epoch,
        "val_psnr_identity": 16.0,
    }
    for epoch in range(3)
]
ROWS = [EPOCHS[0], *STEPS[:2], EPOCHS[1], *STEPS[2:], EPOCHS[2]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    history = History(tmp_path)
    history.append(ROWS[:3])
    history.append(ROWS[3:])
    return tmp_path


def test_rows_come_back_in_order(run: Path) -> None:
    assert read_history(run) == ROWS
    assert read_history(run, "step") == STEPS
    assert read_history(run, "epoch") == EPOCHS


def test_last_line_that_a_crash_cut_short_is_dropped(run: Path) -> None:
    text = (run / "history.jsonl").read_text()
    for missing in (2, 20, 100):
        (run / "history.jsonl").write_text(text[:-missing])
        assert read_history(run) == ROWS[:-1]


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"3",
        b"null",
        b'{"kind": "step"}',
        b'{"kind": "epoch", "step": 1}',
        b'{"kind": ["step"], "step": 1}',
        b'{"kind": "step", "step": true, "l1": 1, "adversarial": 1, "discriminator": 1}',
        b'{"kind": "step", "step": "1", "l1": 1, "adversarial": 1, "discriminator": 1}',
        b"[" * 100_000,
        b"1" * 5_000,
        b"\xff\xfe",
    ],
    ids=lambda line: repr(line[:30]),
)
def test_rows_end_at_a_line_that_is_none(run: Path, line: bytes) -> None:
    lines = (run / "history.jsonl").read_bytes().splitlines()
    lines[3] = line
    (run / "history.jsonl").write_bytes(b"\n".join(lines))
    assert read_history(run) == ROWS[:3]
    assert isinstance(draw_history(run), Figure)


def test_cut_forgets_what_came_after_a_step(run: Path) -> None:
    with (run / "history.jsonl").open("a") as file:
        file.write('{"kind": "st')
    History(run).cut(2)
    assert read_history(run) == ROWS[:4]
    History(run).append(STEPS[2:])  # and the file can be gone on with
    assert read_history(run, "step") == STEPS
    History(run).cut(-1)
    assert read_history(run) == []


def test_cut_of_a_run_without_history(tmp_path: Path) -> None:
    History(tmp_path).cut(5)
    assert read_history(tmp_path) == []


def test_not_finite_is_not_written(run: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        History(run).append([{"kind": "step", "step": 9, "l1": float("nan")}])


def test_folder_without_a_run(tmp_path: Path) -> None:
    for read in (read_history, draw_history):
        with pytest.raises(RunError, match=r"but it holds no history\.jsonl: check the path"):
            read(tmp_path)


def test_curves_show_the_rows(run: Path) -> None:
    figure = draw_history(run)
    assert isinstance(figure, Figure)
    loss, adversarial, psnr = figure.axes
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3, 4]
    assert loss.lines[0].get_ydata().tolist() == [row["l1"] for row in STEPS]
    assert len(adversarial.lines) == 2
    corrected, untouched = psnr.lines
    assert corrected.get_ydata().tolist() == [15, 16, 17]
    assert untouched.get_ydata().tolist() == [16] * 3
    assert {text.get_text() for text in psnr.get_legend().get_texts()} == {"corrected", "untouched"}
