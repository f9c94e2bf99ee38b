"""Executors: what runs the stages of a plan, in this process, in others, or on other machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True, slots=True, order=True)
class Resources:
    """What a stage takes of a machine while it runs.

    `threads` is how many it computes with. A `device` other than `cpu` is for one stage at a time.
    `driver` stages ask teachers; they stay with the process that has the ledger and reach no executor.
    """

    threads: int = 1
    device: str = "cpu"
    driver: bool = False


class StageTask(Protocol):
    """One stage to run: a call without arguments that can be pickled.

    It writes its artefact into the workspace, which must be a file system that workers share with the
    driver, and returns a small value that only the host reads. It may be called twice, also at once:
    whoever comes second reads what the first has made.
    """

    @property
    def address(self) -> str:
        """The artefact that the stage makes, `name/key`."""

    @property
    def title(self) -> str:
        """The stage as messages call it."""

    @property
    def resources(self) -> Resources:
        """What it takes."""

    def __call__(self) -> object:
        """Run the stage."""


class WorkerLostError(Exception):
    """The process or machine that ran a stage ended without a result."""


class Executor(Protocol):
    """Runs stages, as many at a time as it has workers. It is built with that number alone.

    The host orders the stages, and submits one only when its inputs are there and `workers`, threads
    and devices have room for it. It enters the executor before the first and leaves it after the last.
    """

    @property
    def workers(self) -> int:
        """How many stages run at a time."""

    def __enter__(self) -> Self:
        """Start."""

    def __exit__(self, *error: object) -> None:
        """End all workers."""

    def submit(self, task: StageTask) -> Future[object]:
        """Run a task elsewhere and return its result in a future.

        The future's exception is `WorkerLostError` where the worker was lost. The host then runs what
        was in flight again, one stage after the other, and marks a stage failed that loses a second.
        """

    def restart(self) -> None:
        """Take new workers, after one was lost."""

    def interrupt(self) -> None:
        """End what is running at once, after Ctrl-C; nothing that is ended so is lost."""
