"""The contract kit: what every component of a kind must do, as checks that anyone can run.

    $ deshi check acme/length

runs them from the command line, and in a plugin's own tests a class runs one pytest test a check:

    from deshi.testing import MetricContract

    class TestLength(MetricContract):
        use = "acme/length"

What a spec announces decides which checks apply; there is nothing to switch on or off. pytest is
needed for the classes alone.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deshi.testing.contracts import (
        CorpusContract,
        FilterContract,
        LossContract,
        MetricContract,
        StudentContract,
        TeacherContract,
    )
    from deshi.testing.report import Report, Result
    from deshi.testing.running import check_component

__all__ = [
    "CorpusContract",
    "FilterContract",
    "LossContract",
    "MetricContract",
    "Report",
    "Result",
    "StudentContract",
    "TeacherContract",
    "check_component",
]

_HOMES = {"check_component": "running", "Report": "report", "Result": "report"}


def __getattr__(name: str) -> object:
    """Load what is asked for: most need numpy, and the contract classes need pytest when they run."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module

    module = import_module(f"deshi.testing.{_HOMES.get(name, 'contracts')}")
    return getattr(module, name)
