"""What the plugin offers."""

from collections.abc import Iterator

from deshi.api import ExecutorSpec, hookimpl


@hookimpl
def deshi_executors() -> Iterator[ExecutorSpec]:
    """Offer the executor `processes/fresh`."""
    yield ExecutorSpec(
        name="fresh",
        target="deshi_processes.executor:FreshProcesses",
        summary="Each stage in a Python process of its own.",
    )
