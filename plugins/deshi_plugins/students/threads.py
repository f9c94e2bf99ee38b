"""The number of threads of torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def pinned_threads(number: int) -> Iterator[None]:
    """Let torch use this many threads, and then as many as before."""
    # Its deterministic mode is left alone: the operations used here have one algorithm on a CPU,
    # and switching that mode on imports torch's compiler, three seconds' worth.
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
