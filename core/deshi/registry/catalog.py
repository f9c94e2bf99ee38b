"""Which component an id means: `(kind, id)` to a spec and the plugin that offers it.

Plugins are loaded when first needed and no more of them than needed: a bare name loads deshi's own,
`acme/t5` loads `acme`, a listing loads all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from deshi.api import Json, UsageError, nearest
from deshi.registry.load import WATCHES, Plugin
from deshi.registry.offer import Offer
from deshi.registry.plugin import PluginRecord


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
        self._plugins = [Plugin(record, given.get(record.name), trace) for record in records]
        self._warn = warn
        self._strict = strict
        self._warned: set[str] = set()
        self.failures: Counter[tuple[str, str]] = Counter()
        """How often each (plugin, watching hook) failed."""

    def find(self, kind: str, component: str) -> Offer:
        """Return the component of this id, or an executor, loading only the plugin that its name tells.

        Raises UsageError for an unknown name, NotReadyError if the plugin named is not usable.
        """
        plugins = self._candidates(component, kind)
        for plugin in plugins:
            plugin.load(self._plugins)
            for offer in plugin.offers(kind):
                if offer.id == component:
                    return offer
        where = f"{kind} '{component}'"
        for record in (plugin.record for plugin in plugins):
            problem = record.problems.get(kind) or record.problems.get("hooks")
            if record.state not in ("ready", "invalid") or problem:
                raise record.not_ready(where, problem or "")
        among = plugins if kind == "executor" else self._plugins
        known = [offer.id for plugin in among for offer in plugin.offers(kind)]
        if kind == "executor" and not known:
            raise UsageError(f"unknown {where}", fix="name a plugin's, such as acme/cluster")
        raise UsageError(f"unknown {where}", fix=nearest(component, known))

    def stored_student(self, component: str) -> Offer:
        """Return what `find` does, with every plugin that is one file loaded.

        A folder with a student may name a class of the loss that it was trained with, such as a decoding
        rule. A module of an installed plugin is found by its name, that of a file only once it is
        imported.
        """
        for plugin in self._plugins:
            if plugin.record.is_local:
                plugin.load(self._plugins)
        return self.find("student", component)

    def offers(self, kind: str) -> tuple[Offer, ...]:
        """Return every usable component of a kind, sorted by id; loads all plugins."""
        found = [offer for plugin in self.plugins() for offer in plugin.offers(kind)]
        return tuple(sorted(found, key=lambda offer: offer.id))

    def records(self) -> tuple[PluginRecord, ...]:
        """Return what is known about each plugin so far; loads none."""
        return tuple(plugin.record for plugin in self._plugins)

    def plugins(self) -> Sequence[Plugin]:
        """Return every plugin, loaded where it may be; print one line for each that is unusable."""
        for plugin in self._plugins:
            plugin.load(self._plugins)
            if plugin.record.state in ("broken", "invalid", "incompatible"):
                self._tell(plugin.record, plugin.record.reason)
        return self._plugins

    def reject_layers(self, plugin: Plugin, reason: str) -> None:
        """Take note that a plugin's fragment of registry.toml is wrong; its components stay."""
        plugin.record = plugin.record.invalid(reason, "layers")
        self._tell(plugin.record, reason)

    def notify(self, hook: str, payload: Mapping[str, Json]) -> int:
        """Call a watching hook of each plugin, each with its own copy; return how many failed.

        A failure is printed once for each plugin and hook. Raises ValueError for the name of no
        watching hook.
        """
        if hook not in WATCHES:
            message = f"'{hook}' is not a watching hook"
            raise ValueError(message)
        failed = 0
        for plugin in self.plugins():
            if failure := plugin.watch(hook, payload):
                failed += 1
                key = (plugin.record.name, hook)
                self.failures[key] += 1
                if self.failures[key] == 1:
                    self._warn(f"deshi: {plugin.record.title} failed in {hook}: {failure}")
        return failed

    def _candidates(self, component: str, kind: str) -> list[Plugin]:
        """Return the plugins that can offer this id: deshi's own, or the one before the slash."""
        name, slash, _ = component.rpartition("/")
        if not slash:
            return [plugin for plugin in self._plugins if plugin.record.is_builtin]
        others = [plugin for plugin in self._plugins if not plugin.record.is_builtin]
        found = [plugin for plugin in others if plugin.record.name == name]
        if not found:
            what = f"no plugin '{name}' is installed, which {kind} '{component}' names"
            raise UsageError(what, fix=nearest(name, [plugin.record.name for plugin in others]))
        return found

    def _tell(self, record: PluginRecord, reason: str) -> None:
        """Say it once a plugin. Raises NotReadyError if every plugin has to be ready."""
        if self._strict:
            raise record.not_ready("DESHI_STRICT")
        key = f"{record.name}@{record.distribution}"
        if key not in self._warned:
            self._warned.add(key)
            self._warn(f"deshi: {record.title} is {record.state}: {reason}; {record.fix}")
