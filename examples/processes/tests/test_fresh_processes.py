"""The executor returns what a task returns, and says that a worker was lost."""

import os
import sys
from dataclasses import dataclass, field

import pytest
from deshi_processes.executor import FreshProcesses

from deshi.api import Resources, WorkerLostError


@dataclass(frozen=True)
class Task:
    """A task that returns the number of its process, or ends it."""

    address: str
    dies: bool = False
    title: str = "a task"
    resources: Resources = field(default_factory=Resources)

    def __call__(self) -> object:
        if self.dies:
            os._exit(9)
        return os.getpid()


@pytest.fixture(autouse=True)
def _workers_find_this_module(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def test_each_task_runs_in_a_process_of_its_own():
    with FreshProcesses(2) as executor:
        tasks = [executor.submit(Task(f"fit/{number}")) for number in range(3)]
        processes = {task.result() for task in tasks}
    assert len(processes) == 3
    assert os.getpid() not in processes


def test_a_process_that_dies_is_a_lost_worker():
    with FreshProcesses(1) as executor:
        with pytest.raises(WorkerLostError):
            executor.submit(Task("fit/1", dies=True)).result()
        executor.restart()
        assert executor.submit(Task("fit/2")).result()
