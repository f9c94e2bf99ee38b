"""AdamW without the import of torch's compiler, and its like for tables of which few rows are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True, eq=False)
class _State:
    mean: Tensor
    square: Tensor
    scratch: Tensor


@dataclass(slots=True, eq=False)
class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW does it.

    The optimisers of torch import its compiler when they are built, which takes four seconds: as
    long as all the training of a small student. `decay` is the share of each parameter that a
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
        """Update every parameter by its gradient, in the order of `decay`."""
        self._steps += 1
        first, second = (1 - beta**self._steps for beta in self.betas)
        root = second**0.5
        for (parameter, decay), gradient in zip(self.decay.items(), gradients, strict=True):
            state = self._states.get(parameter)
            if state is None:
                state = _State(*(torch.zeros_like(parameter) for _ in range(3)))
                self._states[parameter] = state
            state.mean.lerp_(gradient, 1 - self.betas[0])
            state.square.mul_(self.betas[1]).addcmul_(gradient, gradient, value=1 - self.betas[1])
            # m / first / (√(v / second) + ε), with √second multiplied out: two passes fewer.
            # New memory for it would cost as much as the arithmetic.
            spread = torch.sqrt(state.square, out=state.scratch).add_(self.epsilon * root)
            parameter.mul_(1 - self.rate * decay)
            parameter.addcdiv_(state.mean, spread, value=-self.rate * root / first)


@dataclass(slots=True, eq=False)
class RowSteps:
    """Updates of a table (rows, width) of which a batch uses few rows: only these change.

    Adam without momentum, and with one mean square a row, as in row-wise Adagrad: as the gradient of
    a rare row is 0 nearly always, it moves far when there is one, which Adam's momentum and its
    squares element by element make little better and several times as slow.
    """

    table: Tensor
    beta: float = 0.999
    epsilon: float = 1e-8
    _steps: int = 0
    _squares: Tensor | None = None

    @torch.no_grad()
    def step(self, rows: Tensor, gradients: Tensor, rate: float) -> None:
        """Update these rows, each named once, by their gradients, (rows,) and (rows, width)."""
        if self._squares is None:
            self._squares = self.table.new_zeros(len(self.table))
        self._steps += 1
        self._squares.mul_(self.beta)
        self._squares.index_add_(0, rows, gradients.square().mean(1), alpha=1 - self.beta)
        spread = (self._squares[rows] / (1 - self.beta**self._steps)).sqrt_().add_(self.epsilon)
        self.table.index_add_(0, rows, gradients / spread[:, None], alpha=-rate)
