"""Controls of the attacks: each that forges does forge where checks run in the student's kernel."""

import pytest
from all_attacks import FORGING
from attack import Attack
from controls import run_baselines, run_controls

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    return run_controls(tmp_path_factory.mktemp("controls"), FORGING)


@pytest.mark.parametrize("attack", FORGING, ids=lambda attack: f"{attack.family}: {attack.name}")
def test_stock_nbval_lets_the_wrong_answer_pass(attack: Attack, forged: dict[str, bool]) -> None:
    assert forged[attack.student]


def test_without_an_attack_the_checks_tell_right_from_wrong(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    controls = [attack.control for attack in FORGING if attack.control is not None]
    report, checks = run_baselines(tmp_path_factory.mktemp("baselines"), controls)
    assert len(checks) > 5
    assert report["right"] == ["passed", *["passed"] * len(checks)]
    assert report["wrong"] == ["passed", *["failed"] * len(checks)]
