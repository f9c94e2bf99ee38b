"""What a component changes of its process is put back: the next stage is somebody else's."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def kept_process_state() -> Iterator[None]:
    """Put back folder, import path, environment, warnings, NumPy's and torch's modes."""
    folder, path, variables = os.getcwd(), list(sys.path), dict(os.environ)  # noqa: PTH109
    torch = sys.modules.get("torch")
    modes = torch and (torch.is_grad_enabled(), torch.get_default_dtype())
    try:
        with warnings.catch_warnings(), np.errstate():
            yield
    finally:
        os.chdir(folder)
        sys.path[:] = path
        for name in {name for name, _ in variables.items() ^ os.environ.items()}:
            if name in variables:
                os.environ[name] = variables[name]
            else:
                del os.environ[name]
        torch = sys.modules.get("torch")
        if torch:
            grad, dtype = modes or (True, torch.float32)
            torch.set_grad_enabled(grad)
            torch.set_default_dtype(dtype)
