"""The corpus `mix`: several corpora, interleaved by weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

from deshi.api import Corpus, Env, Json, Text
from deshi_plugins.corpora.document_sampling import sample_texts
from deshi_plugins.corpora.hub import log_of
from deshi_plugins.corpora.params import MixParams


class Mix:
    """Texts of several corpora, so that every prefix has the shares, up to one text.

    Nothing is random: the next text comes from the corpus that is furthest behind its weight, ties go
    by name. Weights are of the texts that come in, before any filter. When a corpus ends, the others
    continue, with a warning.
    """

    def __init__(self, params: MixParams, env: Env) -> None:
        self.params = params
        self.env = env
        self._corpora: dict[str, Corpus] = {}
        self._taken: Counter[str] = Counter()

    def combine(self, members: Mapping[str, Corpus]) -> None:
        """Take up the corpora that `weights` names."""
        self._corpora = dict(sorted(members.items()))

    def texts(self) -> Iterator[Text]:
        """Yield texts whose id and document are `ENTRY/ID` and `ENTRY/DOCUMENT`."""
        return sample_texts(self._all_texts(), self.params)

    def report(self) -> Mapping[str, Json]:
        """Return how many texts each corpus gave, and what it reports itself."""
        reports = {n: getattr(corpus, "report", None) for n, corpus in self._corpora.items()}
        members = {name: report() for name, report in reports.items() if report}
        return {"mixed": dict(self._taken), "corpora": members}

    def _all_texts(self) -> Iterator[Text]:
        self._taken = Counter()
        weights = self.params.weights
        with ExitStack() as stack:
            for corpus in self._corpora.values():
                if isinstance(corpus, AbstractContextManager):
                    stack.enter_context(corpus)
            streams = {name: corpus.texts() for name, corpus in self._corpora.items()}
            while streams:
                name = min(streams, key=lambda n: ((self._taken[n] + 0.5) / weights[n], n))
                text = next(streams[name], None)
                if text is None:
                    del streams[name]
                    if streams:
                        what = "'%s' ended after %d texts; the other corpora continue without it"
                        log_of(self.env).warning(what, name, self._taken[name])
                    continue
                self._taken[name] += 1
                yield replace(text, id=f"{name}/{text.id}", document=f"{name}/{text.document}")
