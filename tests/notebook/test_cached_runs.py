"""Networks that chapters share: trained once, found again, gone on with after a stop."""

import shutil
from pathlib import Path

import grimp
import pytest
import torch

import exposure_lab
from exposure_lab.config import RunConfig
from exposure_lab.errors import ConfigError, RunError
from exposure_lab.notebook import cached_runs as module
from exposure_lab.notebook.cached_runs import compare, trained
from exposure_lab.notebook.session import Session
from exposure_lab.runtime import Runtime
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
