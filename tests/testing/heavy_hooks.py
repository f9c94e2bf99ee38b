"""Hooks that import a heavy library, to list one metric."""

import scipy  # noqa: F401

from deshi.api import hookimpl


@hookimpl
def deshi_metrics():
    from kit_plugin import spec_of

    return [spec_of("metric")]
