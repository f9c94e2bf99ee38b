"""Which component an id means: `(kind, id)` to a spec and the plugin that offers it.

Plugins are loaded when first needed and no more of them than needed: a bare name loads deshi's own,
`acme/t5` loads `acme`, a listing loads all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from deshi.api import UsageError, nearest
from deshi.registry.load import WATCHES, Loaded, PluginHost
from deshi.registry.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from deshi.api import Json, Layer
    from deshi.registry.plugin import PluginRecord

_USABLE = ("found", "ready", "invalid")


class Catalog:
    """The components of all plugins.

    `given` holds plugins as objects, by name; they need no import. `warn` takes one line about each
    plugin that turns out unusable while nobody named it; if `strict`, that is an error. `trace` takes
    a line for each call of a hook.
    """

    def __init__(
        self,
        records: Iterable[PluginRecord],
        *,
        given: Mapping[str, object],
        warn: Callable[[str], None],
        strict: bool = False,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._records = list(records)
        self._given = given
        self._warn = warn
        self._strict = strict
        self._host = PluginHost(trace)
        self._loaded: dict[str, Loaded] = {}
        self._warned: set[str] = set()
        self.failures: Counter[tuple[str, str]] = Counter()
        """How often each (plugin, watching hook) failed."""

    def find(self, kind: str, component: str) -> Offer:
        """Return the component of this id, or an executor, loading only the plugin that its name tells.

        Raises UsageError for an unknown name, NotReadyError if the plugin named is not usable.
        """
        records = self._candidates(component, kind)
        offers = [offer for record in records for offer in self._offers(self._load(record), kind)]
        for offer in offers:
            if offer.id == component:
                return offer
        where = f"{kind} '{component}'"
        for record in map(self._current, records):
            problem = record.problems.get(kind) or record.problems.get("hooks")
            if record.state not in _USABLE or problem:
                raise record.not_ready(where, problem or "")
        if kind == "executor" and not offers:
            raise UsageError(f"unknown {where}", fix="name a plugin's, such as acme/cluster")
        known = offers if kind == "executor" else self._loaded_offers(kind)
        raise UsageError(f"unknown {where}", fix=nearest(component, [one.id for one in known]))

    def stored_student(self, component: str) -> Offer:
        """Return what `find` does, with every plugin that is one file loaded.

        A folder with a student may name a class of the loss that it was trained with, such as a decoding
        rule. A module of an installed plugin is found by its name, that of a file only once it is
        imported.
        """
        for record in self._records:
            if record.is_local:
                self._load(record)
        return self.find("student", component)

    def offers(self, kind: str) -> tuple[Offer, ...]:
        """Return every usable component of a kind, sorted by id; loads all plugins."""
        self.load_all()
        return tuple(sorted(self._loaded_offers(kind), key=lambda offer: offer.id))

    def records(self) -> tuple[PluginRecord, ...]:
        """Return what is known about each plugin so far; loads none."""
        return tuple(map(self._current, self._records))

    def load_all(self) -> None:
        """Load every plugin that may be loaded; print one line for each that is unusable."""
        for record in self._records:
            current = self._load(record).record
            if current.state in {"broken", "invalid", "incompatible"}:
                self._tell(current, f"is {current.state}: {current.reason}")

    def fragments(self) -> Iterator[tuple[PluginRecord, Layer, Path]]:
        """Yield each plugin's fragments of registry.toml and its folder; loads all plugins."""
        self.load_all()
        for record in self.records():
            loaded = self._loaded.get(record.name)
            for fragment in loaded.offered.get("layers", ()) if loaded else ():
                yield record, fragment, self._host.folder(record) or Path.cwd()

    def reject_layers(self, name: str, reason: str) -> None:
        """Take note that a plugin's fragment of registry.toml is wrong; its components stay."""
        loaded = self._loaded[name]
        problems = {**loaded.record.problems, "layers": reason}
        record = replace(
            loaded.record, state="invalid", reason="; ".join(problems.values()), problems=problems
        )
        self._loaded[name] = replace(loaded, record=record)
        self._tell(record, f"is invalid: {reason}")

    def notify(self, hook: str, payload: Mapping[str, Json]) -> int:
        """Call a watching hook of each plugin, each with its own copy; return how many failed.

        A failure is printed once for each plugin and hook. Raises ValueError for the name of no
        watching hook.
        """
        if hook not in WATCHES:
            message = f"'{hook}' is not a watching hook"
            raise ValueError(message)
        self.load_all()
        failed = 0
        for record in self.records():
            if failure := self._host.watch(record, hook, payload):
                failed += 1
                self.failures[record.name, hook] += 1
                if self.failures[record.name, hook] == 1:
                    self._warn(f"deshi: {record.title} failed in {hook}: {failure}")
        return failed

    def _candidates(self, component: str, kind: str) -> list[PluginRecord]:
        """Return the plugins that can offer this id: deshi's own, or the one before the slash."""
        plugin, slash, _ = component.rpartition("/")
        if not slash:
            return [record for record in self._records if record.is_builtin]
        others = [record for record in self._records if not record.is_builtin]
        records = [record for record in others if record.name == plugin]
        if not records:
            what = f"no plugin '{plugin}' is installed, which {kind} '{component}' names"
            raise UsageError(what, fix=nearest(plugin, [record.name for record in others]))
        return records

    def _load(self, record: PluginRecord) -> Loaded:
        if record.state != "found":
            return Loaded(record=record)
        if record.name not in self._loaded:
            self._loaded[record.name] = self._host.load(record, self._given.get(record.name))
        return self._loaded[record.name]

    def _current(self, record: PluginRecord) -> PluginRecord:
        loaded = self._loaded.get(record.name) if record.state == "found" else None
        return loaded.record if loaded else record

    def _loaded_offers(self, kind: str) -> Iterator[Offer]:
        for loaded in self._loaded.values():
            yield from self._offers(loaded, kind)

    def _offers(self, loaded: Loaded, kind: str) -> Iterator[Offer]:
        for spec in loaded.offered.get(kind, ()):
            id_ = loaded.record.component_id(spec.name)
            yield Offer(kind=kind, id=id_, spec=spec, plugin=loaded.record)

    def _tell(self, record: PluginRecord, what: str) -> None:
        """Say it once a plugin. Raises NotReadyError if every plugin has to be ready."""
        if self._strict:
            raise record.not_ready("DESHI_STRICT")
        key = f"{record.name}@{record.distribution}"
        if key not in self._warned:
            self._warned.add(key)
            self._warn(f"deshi: {record.title} {what}; {record.fix}")
