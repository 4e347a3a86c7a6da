"""Networks that chapters share: trained once, found again, gone on with after a stop."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grimp
import pytest
import torch

import exposure_lab
from exposure_lab.config import RunConfig
from exposure_lab.errors import ConfigError, RunError
from exposure_lab.notebook import cached_runs as module
from exposure_lab.notebook.cached_runs import compare, train_until, trained
from exposure_lab.notebook.session import Session
from exposure_lab.runtime import Runtime
from exposure_lab.training.run_folder import RunFolder
from exposure_lab.training.trainer import train


@pytest.fixture
def session(
    tiny: RunConfig, small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "ARM", {})
    runtime = Runtime(torch.device("cpu"), "fp32")
    return Session("09_test", tiny, small_set, "a small set", runtime, 0.0)


@pytest.mark.slow
def test_trained_once_then_found(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    first = trained(session)
    assert capsys.readouterr().out.endswith("the network: trained, 12 steps\n")
    again = trained(session)
    assert "found in the cache" in capsys.readouterr().out
    assert again == first
    assert first.summary["steps"] == len(first.history("step"))
    assert not first.generator().training
    picture = torch.rand(20, 30, 3).numpy()
    assert first.corrector()(picture).shape == picture.shape


@pytest.mark.slow
def test_a_stopped_run_goes_on(session: Session) -> None:
    whole = trained(session)
    shutil.rmtree(whole.folder)
    with pytest.raises(RunError):
        train(session.config, session.data, whole.folder, stop_after=5, quiet=True)
    again = trained(session)
    assert again.summary["train_l1_last"] == whole.summary["train_l1_last"]
    assert [row["step"] for row in again.history("step")] == list(range(1, 13))


@pytest.mark.slow
def test_arms_differ_in_what_they_say(session: Session) -> None:
    arms = compare(session, {"with": [], "without": ["loss.lambda_adversarial=0"]})
    assert list(arms) == ["with", "without"]
    assert arms["with"].folder != arms["without"].folder
    assert arms["without"].config.loss.lambda_adversarial == 0
    assert all(row["adversarial"] == 0 for row in arms["without"].history("step"))
    assert arms["with"].gain == pytest.approx(
        arms["with"].summary["val_psnr_last"] - arms["with"].summary["val_psnr_identity"]
    )


def test_whatever_the_trainer_imports_is_in_the_key_of_a_run() -> None:
    """Else a change there would show pictures of networks that the old code had trained."""
    needed = grimp.build_graph("exposure_lab").find_upstream_modules(
        "exposure_lab.training.trainer"
    )
    subpackages = {module.split(".")[1] for module in needed if "." in module}
    assert {"data", "networks", "metrics", "losses", "config"} <= subpackages
    assert not subpackages & module.BESIDE_TRAINING


def test_changed_code_trains_anew(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(Path(exposure_lab.__file__).parent, tmp_path / "exposure_lab")
    monkeypatch.setattr(module.exposure_lab, "__file__", str(copy / "__init__.py"))
    key = module._key(session.config, session)
    with (copy / "notebook" / "widgets.py").open("a") as file:
        file.write("# another widget")
    assert module._key(session.config, session) == key
    jitter = next(copy.glob("data/**/colo*.py"))
    jitter.write_text(jitter.read_text() + "# another jitter")
    assert module._key(session.config, session) != key


def test_an_unknown_setting(session: Session) -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'loss\.lambda_l1'\?"):
        trained(session, "loss.lambda_l=1")


@pytest.fixture
def tries(session: Session, tmp_path: Path) -> Callable[[], str]:
    """Trains a run of 12 steps up to the sixth, as chapter 06 does."""
    run = tmp_path / "half"
    return lambda: train_until(6, session.config, session.data, run, quiet=True)


@pytest.mark.slow
def test_a_planned_stop_is_told_and_another_try_goes_no_further(
    tries: Callable[[], str], session: Session, tmp_path: Path
) -> None:
    said = "Stopped at step 6 of 12: its checkpoint is in RUN, go on with resume=True."
    assert tries() == said
    assert tries() == "Stopped at step 6 before: its checkpoint is in RUN."
    train(session.config, session.data, tmp_path / "half", resume=True, quiet=True)
    assert tries() == "Stopped at step 12 before: its checkpoint is in RUN."


@pytest.mark.slow
def test_a_pressed_stop_ends_run_all(
    tries: Callable[[], str], session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the cells after it would go on with what the reader has just stopped."""
    record = RunFolder.record_epoch

    def press(self: RunFolder, epoch: int, step: int, scores: object) -> object:
        if step:
            signal.raise_signal(signal.SIGINT)
        return record(self, epoch, step, scores)

    with monkeypatch.context() as patch, pytest.raises(RunError, match="Stopped at step 5 of 12"):
        patch.setattr(RunFolder, "record_epoch", press)
        tries()
    assert tries().startswith("Stopped at step 6 of 12"), "the cell goes on where it was"


def test_a_kernel_takes_its_folder_with_it(tmp_path: Path) -> None:
    program = (
        "from exposure_lab.notebook import kernel_folder\n"
        "folder = kernel_folder()\n"
        "(folder / 'run').mkdir(), (folder / 'run' / 'made').touch()\n"
        "print(folder, folder == kernel_folder(), folder.is_dir())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"TMPDIR": str(tmp_path), "TMP": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip().endswith("True True")
    assert str(tmp_path) in done.stdout and list(tmp_path.iterdir()) == []
