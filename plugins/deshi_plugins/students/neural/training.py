"""The one loop that trains all neural students."""

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
from deshi_plugins.students.neural.precision import autocast, chosen_precision
from deshi_plugins.students.neural.schedule import rate_factor
from deshi_plugins.students.neural.snapshots import Snapshots, State, seconds_between
from deshi_plugins.students.neural.stopping import Stopping
from deshi_plugins.students.targets import advance, is_scheduled
from deshi_plugins.students.threads import pinned_threads

_LOG = logging.getLogger("deshi.student")


@dataclass(slots=True)
class Place:
    """Where training stands: before batch `batch` of epoch `epoch`, which counts from 1.

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

    A loss that changes on the way (`scheduled`) gets all epochs, so that none of its phases is missed.
    What is drawn depends on the seed and the epoch alone, and dropout on a state that snapshots
    keep, so that a run that was killed ends with the weights of one that was not. The setting
    `snapshot-seconds` of `[student.x.env]` says how often a snapshot is written.
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
        self.precision = chosen_precision(params.precision, env.device)
        self.stopping = Stopping(params.stop_on, params.patience, params.plateau_patience, floor)
        groups = [dict(group) for group in learner.groups(params.weight_decay)]
        self.optimizer = torch.optim.AdamW(groups, lr=params.learning_rate, fused=True)
        self.snapshots = Snapshots(
            env.folder, f"{fingerprint} {self.precision} {torch.__version__}"
        )
        self._seconds = seconds_between(env)
        self.place = Place()
        self._best: State = {}
        self._written = time.monotonic()

    def run(self) -> FitReport:
        """Train, and return one record an epoch.

        Raises:
            ComponentError: the loss or a gradient is not finite.
        """
        with pinned_threads(self.env.threads), _own_random(self.env):
            self._resume()
            while self.place.epoch <= self.params.epochs:
                self._epoch()
                if self.stopping.ends(self.place.epoch - 1) and not is_scheduled(self.loss):
                    break
            self.learner.module.load_state_dict(self._best)
        self.learner.module.eval()
        notes = {"best-epoch": self.stopping.best, "precision": self.precision}
        history = self.place.history
        return FitReport(epochs=len(history), history=tuple(history), notes=notes)

    def _epoch(self) -> None:
        place = self.place
        advance(self.loss, (place.epoch - 1) / self.params.epochs)
        self.learner.begin(place.epoch)
        self.learner.module.train()
        batches = self._batches()
        while place.batch < len(batches):
            self._step(batches[place.batch : place.batch + self.params.accumulate])
            self._snapshot()
        self._validate()
        self.env.progress(place.epoch, self.params.epochs)
        place.epoch, place.batch, place.texts, place.total = place.epoch + 1, 0, 0, 0.0

    def _batches(self) -> list[list[int]]:
        # Large and odd, so that no two seeds share an epoch.
        seed = self.env.seed * 1_000_003 + self.place.epoch
        generator = torch.Generator().manual_seed(seed)
        return training_batches(self.learner.lengths, self.params.batch_size, generator)

    def _step(self, batches: list[list[int]]) -> None:
        """Take one step on the gradients of these batches, in which each text weighs the same."""
        place = self.place
        self.optimizer.zero_grad(set_to_none=True)
        for rows in batches:
            with autocast(self.precision, self.env.device):
                losses = self.learner.losses(rows)
            scale = 1 / (self.params.batch_size * self.params.accumulate)
            (losses.float().sum() * scale).backward()  # type: ignore[no-untyped-call]
            self._check(losses.detach(), "loss")
            place.total += float(losses.detach().double().sum())
            place.texts += len(rows)
        self._move()
        place.batch += len(batches)
        place.step += 1

    def _move(self) -> None:
        """Cut the gradient to its longest, and move by the step size of this moment."""
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        longest = self.params.clip or math.inf
        self._check(torch.nn.utils.clip_grad_norm_(parameters, longest), "gradient")
        rate = self._rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimizer.step()

    def _rate(self) -> float:
        place, params = self.place, self.params
        done = (place.epoch - 1 + place.texts / len(self.learner.lengths)) / params.epochs
        factor = rate_factor(place.step, done, warmup=params.warmup_steps, schedule=params.schedule)
        return params.learning_rate * factor

    def _check(self, value: Tensor, name: str) -> None:
        if bool(torch.isfinite(value).all()):
            return
        place = self.place
        lower = 'set precision = "fp32", or ' if self.precision == "bf16" else ""
        raise ComponentError(
            f"the {name} is not finite in epoch {place.epoch}, step {place.step + 1}, at step size "
            f"{self._rate():.2g} in {self.precision}",
            where=f"student {self.env.entry}",
            fix=f"{lower}lower learning-rate (now {self.params.learning_rate:g}), raise "
            f"warmup-steps (now {self.params.warmup_steps}), or set clip = 1 (now "
            f"{self.params.clip:g})",
        )

    def _validate(self) -> None:
        place = self.place
        self.learner.module.eval()
        with torch.no_grad(), autocast(self.precision, self.env.device):
            validation = self.learner.validate()
        record = {
            "epoch": place.epoch,
            "step": place.step,
            "train-loss": place.total / place.texts,
            "learning-rate": self._rate(),
        }
        if validation is not None:
            record |= {
                "valid-nll": validation.nll,
                "valid-loss": validation.loss,
                "valid-jaccard": validation.jaccard,
                "valid-effective-emoji": validation.effective,
            }
        place.history.append(record)
        if self.stopping.takes(place.epoch, validation):
            state = self.learner.module.state_dict()
            self._best = {name: value.detach().clone() for name, value in state.items()}
        (self.env.log or _LOG).info("%s", record)

    def _snapshot(self) -> None:
        """Write a snapshot where the last one is old enough."""
        if time.monotonic() - self._written < self._seconds:
            return
        state = {
            "place": asdict(self.place),
            "best": [self.stopping.best, self.stopping.jaccard, list(self.stopping.value)],
            "model": self.learner.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": _random_state(self.env.device),
        }
        self.snapshots.write(state, (self.stopping.best, self._best) if self._best else None)
        self._written = time.monotonic()

    def _resume(self) -> None:
        """Take up the last snapshot of this training, if there is one."""
        state = self.snapshots.read()
        if state is None:
            self.snapshots.clear()
            return
        self.place = Place(**state["place"])
        self.stopping.best, self.stopping.jaccard, value = state["best"]
        self.stopping.value = (value[0], value[1])
        if self.stopping.best:
            self._best = self.snapshots.best(self.stopping.best)
        self.learner.module.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        _set_random_state(state["random"])
        (self.env.log or _LOG).info("goes on in epoch %d", self.place.epoch)


@contextmanager
def _own_random(env: Env) -> Iterator[None]:
    """Seed torch's random numbers, and leave those of the process as they were."""
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
