"""Device, precision and several processes: all that the training loop need not know."""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from exposure_lab.errors import ConfigError

Precision = Literal["fp32", "bf16", "fp16"]

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Runtime:
    """Where a run computes. `rank` counts processes from 0; only rank 0 writes files."""

    device: torch.device
    precision: Precision
    rank: int = 0
    world_size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def autocast(self) -> AbstractContextManager[object]:
        """Context in which networks run in this precision; losses stay in fp32."""
        return torch.autocast(
            self.device.type, DTYPES[self.precision], enabled=self.precision != "fp32"
        )

    def scaler(self) -> torch.amp.GradScaler:
        """Loss scaling, which fp16 needs and the others do not: there it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")

    def wrap(self, network: nn.Module) -> nn.Module:
        """Make a network average its gradients over the processes, where there are several."""
        if self.world_size == 1:
            return network
        # Buffers stay local: broadcasting BatchNorm's running statistics before each of the two
        # passes through D changes tensors that autograd still needs.
        return DistributedDataParallel(network, broadcast_buffers=False)

    def mine(self, batch: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """This process's share of a global batch."""
        return batch[self.rank :: self.world_size]

    def to_device(self, tensors: Iterable[Tensor]) -> list[Tensor]:
        """Move a batch (B, 3, H, W) to the device, channels last."""
        return [
            t.to(self.device, memory_format=torch.channels_last, non_blocking=True) for t in tensors
        ]

    def barrier(self) -> None:
        """Wait for the other processes, where there are several."""
        if self.world_size > 1:
            torch.distributed.barrier()


def start_runtime(precision: str = "auto", device: str | None = None) -> Runtime:
    """Find the device, the precision and, under torchrun, the other processes.

    Args:
        precision: ``auto`` takes bf16 where the hardware has it, fp16 on other GPUs, else fp32.
        device: ``cpu``, ``cuda`` or ``cuda:1``; None takes a GPU where there is one.

    Raises:
        ConfigError: a GPU was asked for and there is none, or fp16 without one.
    """
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    if device is None:
        device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"Expected a GPU for device {device!r}, but torch sees none: use cpu.")
    place = torch.device(device)
    chosen = best_precision(place) if precision == "auto" else precision
    if chosen == "fp16" and place.type == "cpu":
        raise ConfigError("Expected a GPU for fp16, but the device is cpu: use fp32 or bf16.")
    if world_size > 1 and not torch.distributed.is_initialized():
        torch.distributed.init_process_group("nccl" if place.type == "cuda" else "gloo")
    return Runtime(place, chosen, rank, world_size)  # type: ignore[arg-type]


def best_precision(device: torch.device) -> Precision:
    """The quickest precision that the hardware computes by itself.

    A T4 answers yes when asked for bf16 and then emulates it, slower than fp32; hence the keyword.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if _cpu_has_bf16() else "fp32"


def device_name(device: torch.device) -> str:
    """``cpu``, or the GPU's own name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _cpu_has_bf16() -> bool:
    # Older torch cannot tell; fp32 is then the safe answer.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
