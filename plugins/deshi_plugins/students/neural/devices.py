"""The device that a model computes on."""

from __future__ import annotations

import torch

from deshi.api import Env, NotReadyError


def usable_device(env: Env) -> str:
    """Return the device of `[student.x.env]`.

    Raises:
        NotReadyError: this machine or this build of torch has no such device.
    """
    try:
        torch.empty(0, device=env.device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        raise NotReadyError(
            f"the device '{env.device}' cannot be used: {first}",
            where=f"student {env.entry}",
            fix='set device = "cpu", or another that torch knows, in its table env',
        ) from error
    return env.device
