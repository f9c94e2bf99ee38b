"""The training loop of all neural students."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from deshi.api import ComponentError, Env, FitReport, Loss
from deshi_plugins.students.neural.batching import training_batches
from deshi_plugins.students.neural.learner import Learner
from deshi_plugins.students.neural.params import TrainingParams
from deshi_plugins.students.neural.precision import autocast, resolve_precision
from deshi_plugins.students.neural.schedule import rate_factor
from deshi_plugins.students.neural.snapshots import Snapshots, State, seconds_between
from deshi_plugins.students.neural.stopping import Stopping
from deshi_plugins.students.targets import advance, is_scheduled
from deshi_plugins.students.threads import pinned_threads

_LOG = logging.getLogger("deshi.student")


@dataclass(slots=True)
class Position:
    """The position in training: before batch `batch` of epoch `epoch`, which counts from 1.

    `total` is the sum of the losses of the `texts` that this epoch has seen.
    """

    epoch: int = 1
    batch: int = 0
    step: int = 0
    texts: int = 0
    total: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


class Training:
    """Trains a learner's module and leaves in it the weights of the best epoch.

    A loss that changes during training (`scheduled`) gets all epochs, so that none of its phases is
    missed. Sampling depends on the seed and the epoch alone, and dropout on a state that snapshots
    keep, so that a run that was killed ends with the weights of one that was not. The setting
    `snapshot-seconds` of `[student.x.env]` is the minimum time between snapshots.
    """

    def __init__(
        self,
        learner: Learner,
        loss: Loss,
        params: TrainingParams,
        env: Env,
        *,
        floor: float,
        fingerprint: str,
    ) -> None:
        self.learner = learner
        self.loss = loss
        self.params = params
        self.env = env
        self.precision = resolve_precision(params.precision, env.device)
        self.stopping = Stopping(params.stop_on, params.patience, params.plateau_patience, floor)
        groups = [dict(group) for group in learner.groups(params.weight_decay)]
        self.optimizer = torch.optim.AdamW(groups, lr=params.learning_rate, fused=True)
        self.snapshots = Snapshots(
            env.folder, f"{fingerprint} {self.precision} {torch.__version__}"
        )
        self._seconds = seconds_between(env)
        self.position = Position()
        self._best: State = {}
        self._written = time.monotonic()

    def run(self) -> FitReport:
        """Train, and return one record per epoch.

        Raises:
            ComponentError: the loss or a gradient is not finite.
        """
        with pinned_threads(self.env.threads), _own_random(self.env):
            self._resume()
            while self.position.epoch <= self.params.epochs:
                self._epoch()
                if self.stopping.ends(self.position.epoch - 1) and not is_scheduled(self.loss):
                    break
            self.learner.module.load_state_dict(self._best)
        self.learner.module.eval()
        notes = {"best-epoch": self.stopping.best, "precision": self.precision}
        history = self.position.history
        return FitReport(epochs=len(history), history=tuple(history), notes=notes)

    def _epoch(self) -> None:
        position = self.position
        advance(self.loss, (position.epoch - 1) / self.params.epochs)
        self.learner.begin(position.epoch)
        self.learner.module.train()
        batches = self._batches()
        while position.batch < len(batches):
            self._step(batches[position.batch : position.batch + self.params.accumulate])
            self._snapshot()
        self._validate()
        self.env.progress(position.epoch, self.params.epochs)
        position.epoch, position.batch, position.texts, position.total = (
            position.epoch + 1,
            0,
            0,
            0.0,
        )

    def _batches(self) -> list[list[int]]:
        # Large and odd, so that no two seeds share an epoch.
        seed = self.env.seed * 1_000_003 + self.position.epoch
        generator = torch.Generator().manual_seed(seed)
        return training_batches(self.learner.lengths, self.params.batch_size, generator)

    def _step(self, batches: list[list[int]]) -> None:
        """Take one step on the gradients of these batches, with equal weight per text."""
        position = self.position
        self.optimizer.zero_grad(set_to_none=True)
        for rows in batches:
            with autocast(self.precision, self.env.device):
                losses = self.learner.losses(rows)
            scale = 1 / (self.params.batch_size * self.params.accumulate)
            (losses.float().sum() * scale).backward()  # type: ignore[no-untyped-call]
            self._check(losses.detach(), "loss")
            position.total += float(losses.detach().double().sum())
            position.texts += len(rows)
        self._update()
        position.batch += len(batches)
        position.step += 1

    def _update(self) -> None:
        """Clip the gradient, and update the weights with the current learning rate."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        max_norm = self.params.clip or math.inf
        self._check(torch.nn.utils.clip_grad_norm_(parameters, max_norm), "gradient")
        rate = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimizer.step()

    def _rate(self) -> float:
        position, params = self.position, self.params
        done = (position.epoch - 1 + position.texts / len(self.learner.lengths)) / params.epochs
        factor = rate_factor(
            position.step, done, warmup=params.warmup_steps, schedule=params.schedule
        )
        return params.learning_rate * factor

    def _check(self, value: Tensor, name: str) -> None:
        if bool(torch.isfinite(value).all()):
            return
        position = self.position
        lower = 'set precision = "fp32", or ' if self.precision == "bf16" else ""
        raise ComponentError(
            f"the {name} is not finite in epoch {position.epoch}, step {position.step + 1}, at "
            f"learning rate {self._rate():.2g} in {self.precision}",
            where=f"student {self.env.entry}",
            fix=f"{lower}lower learning-rate (now {self.params.learning_rate:g}), raise "
            f"warmup-steps (now {self.params.warmup_steps}), or set clip = 1 (now "
            f"{self.params.clip:g})",
        )

    def _validate(self) -> None:
        position = self.position
        self.learner.module.eval()
        with torch.no_grad(), autocast(self.precision, self.env.device):
            validation = self.learner.validate()
        record = {
            "epoch": position.epoch,
            "step": position.step,
            "train-loss": position.total / position.texts,
            "learning-rate": self._rate(),
        }
        if validation is not None:
            record |= {
                "valid-nll": validation.nll,
                "valid-loss": validation.loss,
                "valid-jaccard": validation.jaccard,
                "valid-effective-emoji": validation.effective,
            }
        position.history.append(record)
        if self.stopping.takes(position.epoch, validation):
            state = self.learner.module.state_dict()
            self._best = {name: value.detach().clone() for name, value in state.items()}
        (self.env.log or _LOG).info("%s", record)

    def _snapshot(self) -> None:
        """Write a snapshot if the last one is old enough."""
        if time.monotonic() - self._written < self._seconds:
            return
        state = {
            "place": asdict(self.position),
            "best": [self.stopping.best, self.stopping.jaccard, list(self.stopping.value)],
            "model": self.learner.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": _random_state(self.env.device),
        }
        self.snapshots.write(state, (self.stopping.best, self._best) if self._best else None)
        self._written = time.monotonic()

    def _resume(self) -> None:
        """Resume from the last snapshot of this training, if there is one."""
        state = self.snapshots.read()
        if state is None:
            self.snapshots.clear()
            return
        self.position = Position(**state["place"])
        self.stopping.best, self.stopping.jaccard, value = state["best"]
        self.stopping.value = (value[0], value[1])
        if self.stopping.best:
            self._best = self.snapshots.best(self.stopping.best)
        self.learner.module.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        _set_random_state(state["random"])
        (self.env.log or _LOG).info("resumed in epoch %d", self.position.epoch)


@contextmanager
def _own_random(env: Env) -> Iterator[None]:
    """Seed torch's random numbers, and restore those of the process afterwards."""
    on_gpu = torch.device(env.device).type == "cuda"
    with torch.random.fork_rng(devices=[torch.device(env.device)] if on_gpu else []):
        torch.manual_seed(env.seed)
        yield


def _random_state(device: str) -> dict[str, Any]:
    state = {"cpu": torch.get_rng_state()}
    if torch.device(device).type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def _set_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
