"""AdamW without the import of torch's compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True, eq=False)
class _State:
    mean: Tensor
    square: Tensor


@dataclass(slots=True, eq=False)
class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW does it.

    The optimisers of torch import its compiler when they are built, which takes four seconds: as
    long as all the training of a small student. `decay` says for each parameter how much of it a
    step takes away, times the learning rate.
    """

    decay: Mapping[Tensor, float]
    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    _steps: int = 0
    _states: dict[Tensor, _State] = field(default_factory=dict)

    @torch.no_grad()
    def step(self, gradients: Iterable[Tensor]) -> None:
        """Move every parameter by its gradient; these come in the order of `decay`."""
        self._steps += 1
        first, second = (1 - beta**self._steps for beta in self.betas)
        root = second**0.5
        for (parameter, decay), gradient in zip(self.decay.items(), gradients, strict=True):
            state = self._states.get(parameter)
            if state is None:
                state = _State(torch.zeros_like(parameter), torch.zeros_like(parameter))
                self._states[parameter] = state
            state.mean.lerp_(gradient, 1 - self.betas[0])
            state.square.mul_(self.betas[1]).addcmul_(gradient, gradient, value=1 - self.betas[1])
            # m / first / (√(v / second) + ε), with √second multiplied out: two passes fewer.
            spread = state.square.sqrt().add_(self.epsilon * root)
            parameter.mul_(1 - self.rate * decay)
            parameter.addcdiv_(state.mean, spread, value=-self.rate * root / first)
