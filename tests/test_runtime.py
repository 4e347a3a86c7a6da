"""Device and precision: what is asked for, what the machine has, what the environment says."""

import pytest
import torch

from exposure_lab import runtime
from exposure_lab.errors import ConfigError
from exposure_lab.runtime import best_precision, device_name, start_runtime

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPOSURE_LAB_PRECISION", raising=False)


@pytest.mark.parametrize(("has", "chosen"), [(True, "bf16"), (False, "fp32")])
def test_automatic_precision_is_what_the_processor_has(
    monkeypatch: pytest.MonkeyPatch, has: bool, chosen: str
) -> None:
    monkeypatch.setattr(runtime, "_cpu_has_bf16", lambda: has)
    assert best_precision(CPU) == chosen
    assert start_runtime(device="cpu").precision == chosen


def test_environment_decides_where_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPOSURE_LAB_PRECISION", "fp32")
    assert start_runtime(device="cpu").precision == "fp32"
    assert start_runtime("bf16", "cpu").precision == "bf16"
    monkeypatch.setenv("EXPOSURE_LAB_PRECISION", "half")
    with pytest.raises(ConfigError, match=r"Expected a precision, one of fp32, bf16, fp16, but"):
        start_runtime(device="cpu")


def test_half_precision_needs_a_gpu() -> None:
    with pytest.raises(ConfigError, match=r"Expected a GPU for fp16, but the device is cpu"):
        start_runtime("fp16", "cpu")


def test_gpu_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"a GPU for device 'cuda:1', but torch sees none"):
        start_runtime(device="cuda:1")
    assert start_runtime().device == CPU
    assert device_name(CPU) == "cpu"


def test_old_gpu_gets_half_precision_and_a_new_one_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """A T4 says yes when it is asked for bf16, and then emulates it."""

    def supported(including_emulation: bool = True) -> bool:
        return including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert best_precision(torch.device("cuda")) == "fp16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert best_precision(torch.device("cuda")) == "bf16"
