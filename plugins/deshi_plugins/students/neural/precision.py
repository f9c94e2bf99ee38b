"""The numeric precision of training."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch

from deshi_plugins.students.neural.params import Precision


def resolve_precision(requested: Precision, device: str) -> Literal["bf16", "fp32"]:
    """Return the precision to use; `auto` is bf16 where the hardware supports it."""
    if requested != "auto":
        return requested
    return "bf16" if _has_bf16(device) else "fp32"


def autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    """Return the context in which a model computes; weights and steps stay in 32 bits."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def _has_bf16(device: str) -> bool:
    if torch.device(device).type == "cuda":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    # These ask the processor; they are the only way that torch offers.
    cpu = torch.cpu
    return bool(cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported())  # noqa: SLF001
