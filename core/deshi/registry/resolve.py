"""From an entry to what a run knows of it: checked parameters, terms, and what enters keys."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from deshi.api import CorpusSpec, Json, Spec, TeacherSpec, Terms, UsageError, is_loopback
from deshi.registry import params as parameters
from deshi.registry.entries import Entry
from deshi.registry.offer import Offer, decoding_keys
from deshi.registry.params import ParamsFault
from deshi.registry.plugin import PluginRecord
from deshi.registry.plugin_code import digest_of_file
from deshi.registry.tree import KeyPath, Origin, Source


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """An entry whose parameters were checked against its component.

    `params` is the component's own dataclass. `params_json` is the same as JSON, paths absolute:
    what `create` needs in another process. `terms` are the entry's over the component's; None for
    other kinds, and where nobody knows them.
    """

    entry: Entry
    spec: Spec
    plugin: PluginRecord
    params: Any
    params_json: Mapping[str, Json]
    terms: Terms | None
    fault: Callable[[ParamsFault], UsageError] = field(repr=False, compare=False)

    @property
    def component(self) -> str:
        """The component's id."""
        return self.entry.component

    @property
    def is_loopback(self) -> bool:
        """Whether this teacher's endpoint is on this very machine."""
        key = self.spec.endpoint if isinstance(self.spec, TeacherSpec) else None
        return key is not None and is_loopback(str(self.params_json.get(key, "")))

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Every parameter, defaults included, in kebab-case; a path is the hash of what it names.

        Raises UsageError if a file or folder cannot be read.
        """

        def digest_of(path: Path, at: KeyPath) -> str:
            try:
                return _digest(path)
            except OSError as error:
                what = f"'{path}' cannot be read: {error.strerror}"
                raise self.fault(ParamsFault(at, what)) from error

        dumped: Mapping[str, Json] = parameters.dump(self.params, digest_of)
        return dumped

    @property
    def identity_fit(self) -> Mapping[str, Json]:
        """The part of the identity that fitting depends on; all of it but for students."""
        decoding = decoding_keys(self.spec)
        return {key: value for key, value in self.identity.items() if key not in decoding}

    @property
    def identity_predict(self) -> Mapping[str, Json]:
        """The part that only a student's predictions depend on; empty for other kinds."""
        decoding = decoding_keys(self.spec)
        return {key: value for key, value in self.identity.items() if key in decoding}


def resolve(
    entry: Entry, offer: Offer, overrides: Mapping[str, Json], overriding: Source
) -> Resolved:
    """Check an entry's parameters, the overrides over them, against its component.

    `overriding` is what sets the overrides. Raises UsageError for an unknown key, a wrong value or
    a missing file, NotReadyError if the parameters' class cannot be imported.
    """
    placed = _Placed(entry, overrides, overriding)
    try:
        params = offer.params({**entry.params, **overrides}, placed.absolute, entry.path)
        params_json = parameters.dump(params, _absolute_path)
    except ParamsFault as fault:
        raise placed.error(fault) from fault
    return Resolved(
        entry=entry,
        spec=offer.spec,
        plugin=offer.plugin,
        params=params,
        params_json=params_json,
        terms=terms_of(entry, offer.spec),
        fault=placed.error,
    )


def terms_of(entry: Entry, spec: Spec) -> Terms | None:
    """Return the terms that an entry states, over those of its component; None if nobody knows them.

    Raises UsageError for a key or a value that terms do not have.
    """
    own = spec.terms if isinstance(spec, CorpusSpec | TeacherSpec) else None
    if not entry.terms:
        return own
    stated = {parameters.kebab(key): v for key, v in dataclasses.asdict(own).items()} if own else {}
    try:
        found: Terms = parameters.build({**stated, **entry.terms}, Terms, lambda text, _: text)
    except ParamsFault as fault:
        origin = entry.origin_of("terms", *fault.place)
        raise fault.told(f"{entry.path}.terms", origin) from fault
    return found


@dataclass(frozen=True)
class _Placed:
    """Knows for each parameter who set it."""

    entry: Entry
    overrides: Mapping[str, Json]
    overriding: Source

    def origin(self, path: KeyPath) -> Origin | None:
        if path and path[0] in self.overrides:
            return Origin(self.overriding, path)
        return self.entry.origin_of("params", *path)

    def absolute(self, text: str, path: KeyPath) -> str:
        """Return the path relative to the folder of whoever set it."""
        origin = self.origin(path)
        folder = origin.source.folder if origin else Path.cwd()
        return str((folder / Path(text).expanduser()).absolute())

    def error(self, fault: ParamsFault) -> UsageError:
        return fault.told(f"{self.entry.path}.params", self.origin(fault.place))


def _absolute_path(path: Path, at: KeyPath) -> str:
    if not path.exists():
        raise ParamsFault(at, f"there is no file or folder '{path}'")
    return str(path.absolute())


def _digest(path: Path) -> str:
    """Return the sha256 of a file's content, or of a folder's names and contents.

    The names in a folder are relative and sorted, so that it may be moved. Raises OSError if
    there is nothing at the path or it cannot be read.
    """
    if not path.is_dir():
        status = path.stat()
        return digest_of_file(path, status.st_size, status.st_mtime_ns)
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*")}
    total = hashlib.sha256()
    for name, file in sorted(files.items()):
        if file.is_file():
            total.update(f"{len(name.encode())}:{name}:{_digest(file)}\n".encode())
    return f"sha256:{total.hexdigest()}"
