"""A path is printed as it is: no markup in it is obeyed, and no line break cuts it."""

import json
from pathlib import Path

import pytest

ODD = "[red]a[/red] [bold] :smile: " + "long " * 20


@pytest.mark.slow
def test_train_and_evaluate(
    call, capsys: pytest.CaptureFixture[str], small_set: Path, tiny_overrides, tmp_path: Path
) -> None:
    data = tmp_path / ODD / "set"
    data.parent.mkdir(parents=True)
    data.symlink_to(small_set)
    first, second = (tmp_path / ODD / name for name in ("first", "second"))
    start = ("train", "--data", data, *tiny_overrides, "--out")
    assert call(*start, first) == 0
    assert f"Curves: {first / 'curves.png'}\n" in capsys.readouterr().out
    assert call(*start, first, "--resume", "training.epochs=4") == 1
    error = capsys.readouterr().err
    assert f"weights with --from {first} in another folder." in error
    assert call(*start, second, "--from", first) == 0
    summary = json.loads((second / "summary.json").read_text())
    assert summary["provenance"]["started_from"]["run"] == "first"
    capsys.readouterr()
    assert call("evaluate", second, "--data", data) == 0
    assert f" pairs of {data}.\n" in capsys.readouterr().out
