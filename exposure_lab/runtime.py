"""Device, precision and processes of a run."""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from exposure_lab.errors import ConfigError

Precision = Literal["fp32", "bf16", "fp16"]

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""Name of a precision to the type that a step computes in."""


@dataclass(frozen=True)
class Runtime:
    """Device, precision and processes of a run. `rank` counts from 0; only rank 0 writes files."""

    device: torch.device
    precision: Precision
    rank: int = 0
    world_size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and messages."""
        return self.rank == 0

    def autocast(self) -> AbstractContextManager[object]:
        """Context in which networks compute in this precision; losses stay in fp32."""
        return torch.autocast(
            self.device.type, DTYPES[self.precision], enabled=self.precision != "fp32"
        )

    def scaler(self) -> torch.amp.GradScaler:
        """Build a gradient scaler: fp16 needs one, in other precisions it does nothing."""
        return torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")

    def wrap(self, network: nn.Module, sync_batchnorm: bool = False) -> nn.Module:
        """Wrap a network so that its gradients are averaged over the processes, if there are more.

        BatchNorm normalises over each process's own share of the batch, and the first process's
        running statistics are the ones that are kept. With `sync_batchnorm` it normalises over the
        whole batch, at the price of waiting for the others in every layer; GPUs only.

        Raises:
            ConfigError: `sync_batchnorm` without a GPU.
        """
        if self.world_size == 1:
            return network
        if sync_batchnorm:
            if self.device.type != "cuda":
                raise ConfigError(
                    "Expected GPUs for training.sync_batchnorm, but the device is "
                    f"{self.device.type}: set it to false."
                )
            network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        wrapped = DistributedDataParallel(network)
        # Buffers stay local: broadcasting BatchNorm's running statistics before each of the two
        # passes through D changes tensors that autograd still needs. Set here, because the
        # argument of this name goes and the one that takes its place is not in every version.
        wrapped.broadcast_buffers = False
        return wrapped

    def local_share(self, batch: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Share of a global batch for this process; never empty, since each must take part."""
        return batch[self.rank :: self.world_size] or batch[:1]

    def loss_weight(self, batch_size: int) -> float:
        """Factor for this process's mean loss, before gradients are averaged over the processes.

        The average over the processes is then the mean over the global batch, however its images
        were dealt: 1 for equal shares, 0 for a process that got none of its own.
        """
        own = len(range(self.rank, batch_size, self.world_size))
        return own * self.world_size / batch_size

    def to_device(self, tensors: Iterable[Tensor]) -> list[Tensor]:
        """Move tensors to the device; pictures (B, 3, H, W) become channels last."""
        return [
            t.to(
                self.device,
                memory_format=torch.channels_last if t.ndim == 4 else torch.preserve_format,
                non_blocking=True,
            )
            for t in tensors
        ]

    def seed(self, seed: int, step: int = 0) -> None:
        """Seed each process but the first anew, or all would drop out the same units."""
        if self.rank:
            torch.manual_seed(seed * 1_000_003 + step * 1_009 + self.rank)

    def any_rank(self, flag: bool) -> bool:
        """Whether the flag is set in any process, so that all stop at one step and none waits.

        Asked after every step, by a message of one number that no GPU is involved in.
        """
        if self.world_size == 1:
            return flag
        votes = torch.tensor(int(flag))
        torch.distributed.all_reduce(votes, torch.distributed.ReduceOp.MAX, group=_gloo_group())
        return bool(votes)

    def barrier(self) -> None:
        """Wait for the other processes, where there are several."""
        if self.world_size > 1:
            torch.distributed.barrier()


def start_runtime(precision: str = "auto", device: str | None = None) -> Runtime:
    """Choose the device and the precision, and connect to the other processes under torchrun.

    Args:
        precision: ``auto`` takes ``EXPOSURE_LAB_PRECISION``, else bf16 where the hardware has it,
            fp16 on other GPUs, else fp32.
        device: ``cpu``, ``cuda`` or ``cuda:1``; None takes a GPU where there is one.

    Raises:
        ConfigError: a GPU was asked for and there is none, fp16 without one, or no such precision.
    """
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    if device is None:
        device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"Expected a GPU for device {device!r}, but torch sees none: use cpu.")
    target = torch.device(device)
    if precision == "auto":
        precision = os.environ.get("EXPOSURE_LAB_PRECISION") or best_precision(target)
    if precision not in DTYPES:
        raise ConfigError(
            f"Expected a precision, one of {', '.join(DTYPES)}, but got {precision!r}: check "
            "EXPOSURE_LAB_PRECISION."
        )
    if precision == "fp16" and target.type == "cpu":
        raise ConfigError("Expected a GPU for fp16, but the device is cpu: use fp32 or bf16.")
    if target.type == "cuda":
        torch.cuda.set_device(target)
        torch.backends.cudnn.benchmark = True  # every step has the same shapes
    if world_size > 1 and not torch.distributed.is_initialized():
        torch.distributed.init_process_group("nccl" if target.type == "cuda" else "gloo")
    return Runtime(target, precision, rank, world_size)  # type: ignore[arg-type]


@cache
def _gloo_group() -> "torch.distributed.ProcessGroup":
    """Process group for small messages between processors, beside the one of the GPUs."""
    return torch.distributed.new_group(backend="gloo")  # type: ignore[return-value]


def unwrap(network: nn.Module) -> nn.Module:
    """Return the network itself, without the wrapper that averages its gradients."""
    inner = network.module if isinstance(network, DistributedDataParallel) else network
    return inner


def best_precision(device: torch.device) -> Precision:
    """Quickest precision that the hardware computes without emulation.

    A T4 answers yes when asked for bf16 and then emulates it, slower than fp32; hence the keyword.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if _cpu_has_bf16() else "fp32"


def device_name(device: torch.device) -> str:
    """Name of a device: ``cpu``, or the GPU's own name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _cpu_has_bf16() -> bool:
    # Older torch cannot tell; fp32 is then the safe answer.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
