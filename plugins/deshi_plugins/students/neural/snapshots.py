"""Snapshots of training, from which a killed run resumes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch

from deshi.api import Env, UsageError

State: TypeAlias = dict[str, Any]

_SECONDS = 120
_STATE = "training.pt"
_BEST = "best-{}.pt"


@dataclass(frozen=True)
class Snapshots:
    """Snapshots of one training in a folder; without a folder nothing is kept.

    `fingerprint` identifies parameters and data; a snapshot of another training is ignored.
    """

    folder: Path | None
    fingerprint: str

    def write(self, state: State, best: tuple[int, State] | None) -> None:
        """Replace the snapshot; `best` is the best epoch's number and weights, if there is one."""
        if self.folder is None:
            return
        if best is not None and not (kept := self.folder / _BEST.format(best[0])).exists():
            _replace(kept, best[1])
        _replace(self.folder / _STATE, {**state, "fingerprint": self.fingerprint})
        for other in self.folder.glob(_BEST.format("*")):
            if best is None or other.name != _BEST.format(best[0]):
                other.unlink()

    def read(self) -> State | None:
        """Return the last snapshot, None if there is none of this training."""
        if self.folder is None or not (self.folder / _STATE).exists():
            return None
        state = _load(self.folder / _STATE)
        return state if state.get("fingerprint") == self.fingerprint else None

    def best(self, epoch: int) -> State:
        """Return the weights of the best epoch."""
        assert self.folder is not None
        return _load(self.folder / _BEST.format(epoch))

    def clear(self) -> None:
        """Remove the snapshots of another training."""
        if self.folder is not None:
            for file in (*self.folder.glob(_BEST.format("*")), self.folder / _STATE):
                file.unlink(missing_ok=True)


def seconds_between(env: Env) -> float:
    """Return the minimum number of seconds between snapshots.

    Raises:
        UsageError: the setting is not a number of seconds.
    """
    value = env.settings.get("snapshot-seconds", _SECONDS)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise UsageError(
            f"snapshot-seconds is {value!r}, which is not a number of seconds",
            where=f"student {env.entry}: env",
            fix="set a number; 0 writes a snapshot after every step",
        )
    return float(value)


def _load(path: Path) -> State:
    # weights_only: a file of tensors and plain values, in which no code can hide.
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    return state


def _replace(path: Path, state: State) -> None:
    """Replace a file atomically."""
    aside = path.with_suffix(".new")
    with aside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
