"""The registry of one run: plugins, layers and entries behind one door."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from deshi.api import (
    KINDS,
    Combines,
    Component,
    DeshiError,
    Env,
    Executor,
    Exported,
    Json,
    Kind,
    NotReadyError,
    Place,
    Student,
    TeacherSpec,
    UsageError,
    nearest,
)
from deshi.redaction import secret_in
from deshi.registry import entries, layers, members
from deshi.registry.catalog import Catalog
from deshi.registry.changes import changes
from deshi.registry.discover import importable, known_plugins
from deshi.registry.entries import Entry
from deshi.registry.load import Plugin
from deshi.registry.offer import Offer
from deshi.registry.plugin import PluginRecord
from deshi.registry.resolve import Resolved, resolve
from deshi.registry.schema import PLACES
from deshi.registry.secret_settings import refuse_secrets
from deshi.registry.settings import path_text
from deshi.registry.tree import KeyPath, Leaf, Source, Tree, branch, complaint, leaves, plain

_NOTHING: Final = MappingProxyType[str, Any]({})
_VARIABLES: Final = (
    "DESHI_PLUGINS", "DESHI_SET", "DESHI_STRICT", "DESHI_TRACE_PLUGINS", "XDG_CONFIG_HOME",
)  # fmt: skip


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@dataclass(eq=False)
class Registry:
    """Finds plugins, reads the layers, turns entries into components; all of it on first use.

    `start` is the folder from which the project's registry.toml is looked for upward. `sets` and
    `files` are those of the command line. Without `autoload` no installed plugin is looked for.
    `plugins` adds plugins by name, each an object with hooks or the entry-point value to import;
    one named `builtin` replaces deshi's own. `environ` is read for DESHI_PLUGINS, DESHI_SET,
    DESHI_STRICT, DESHI_TRACE_PLUGINS and XDG_CONFIG_HOME. `builtin` is the file of the weakest layer.
    `warn` takes lines about plugins that failed though nobody named them.
    """

    start: Path
    sets: Sequence[str] = ()
    files: Sequence[Path] = ()
    _: KW_ONLY
    autoload: bool = True
    plugins: Mapping[str, object] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    builtin: Path | None = None
    warn: Callable[[str], None] = _to_stderr

    def __post_init__(self) -> None:
        self.environ = {name: self.environ[name] for name in _VARIABLES if name in self.environ}

    def entry(self, kind: Kind, name: str) -> Entry:
        """Return the entry of this name, or one with default parameters for a component's name.

        Raises UsageError for a name that is neither or an entry that was removed, NotReadyError for
        the component of a plugin that is not usable.
        """
        _check_kind(kind)
        if found := entries.explicit(self.tree, kind, name):
            return found
        try:
            self.catalog.find(kind, name)
        except UsageError as error:
            if "/" in name:
                raise
            known = {offer.id for offer in self.catalog.offers(kind)}
            known.update(entry.name for entry in self.entries(kind))
            raise UsageError(error.what, fix=nearest(name, known)) from error
        return Entry(kind=kind, name=name, component=name)

    def entries(self, kind: Kind) -> tuple[Entry, ...]:
        """Return the written entries of a kind that no layer removed, sorted by name."""
        _check_kind(kind)
        return tuple(entries.enabled(self.tree, kind))

    def offer(self, entry: Entry) -> Offer:
        """Return the component of an entry.

        Raises UsageError or NotReadyError, as `Catalog.find` does, with the place that names the
        component.
        """
        try:
            return self.catalog.find(entry.kind, entry.component)
        except UsageError as error:
            what = error.what
            if entry.component == entry.name and ("use",) not in entry.origins:
                what = f"has no 'use', and there is no {entry.kind} of its name"
            raise complaint(entry.path, what, entry.origin, error.fix) from error
        except NotReadyError as error:
            raise NotReadyError(error.what, where=entry.path, fix=error.fix) from error

    def resolve(
        self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING, *, file: Path | None = None
    ) -> Resolved:
        """Return the entry with its parameters checked, `overrides` (kebab-case) over its own.

        `file` is the benchmark file that sets the overrides: messages name it, and their paths are
        relative to its folder. Raises UsageError for what is wrong in a file, NotReadyError for
        what is not installed.
        """
        offer = self.offer(entry)
        refuse_secrets(entry, overrides, source := _benchmark_source(file))
        if entry.prompt is not None:
            try:
                self.prompt(entry.prompt)
            except UsageError as error:
                origin = entry.origin_of("prompt")
                raise complaint(entry.path, error.what, origin, error.fix) from error
        return resolve(entry, offer, overrides, source)

    def prompt(self, name: str) -> Mapping[str, Json]:
        """Return `[prompt.NAME]`. Raises UsageError if there is none or it is for no task."""
        node = entries.table_of(self.tree, "prompt", name)
        found: Mapping[str, Json] = plain(node)
        for at, leaf in leaves(node):
            if secret_in(leaf.value, at) is not None:
                raise UsageError("looks like a secret", where=path_text(("prompt", name, *at)))
        if not {"rewrite", "label", "merged"} & found.keys():
            origin = next((leaf for _, leaf in leaves(node)), None)
            where = path_text(("prompt", name))
            raise complaint(where, "has none of 'rewrite', 'label' and 'merged'", origin)
        return found

    def chain(self, name: str) -> Mapping[Place, tuple[Entry, ...]]:
        """Return the filters of `[chain.NAME]`, for each place in order.

        Raises UsageError if there is no such chain or it names an unknown filter.
        """
        written = dict(leaves(entries.table_of(self.tree, "chain", name)))
        chain: dict[Place, tuple[Entry, ...]] = dict.fromkeys(PLACES, ())
        for place in PLACES:
            if leaf := written.get((place,)):
                try:
                    chain[place] = tuple(self.entry("filter", item) for item in leaf.value)
                except UsageError as error:
                    where = path_text(("chain", name, place))
                    raise complaint(where, error.what, leaf, error.fix) from error
        return chain

    def records(self, *, load: bool = True) -> tuple[PluginRecord, ...]:
        """Return every plugin and its state; without `load` none is imported to find out."""
        if load:
            _ = self.tree  # a plugin's fragment can be wrong as well
        return self.catalog.records()

    def readiness(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> list[str]:
        """Return why the entry's component cannot run here, without importing it; empty if it can.

        Raises UsageError if there is no such component.
        """
        try:
            offer = self.offer(entry)
        except NotReadyError as error:
            return [str(NotReadyError(error.what, fix=error.fix))]
        local = self._is_local(entry, overrides)
        return offer.readiness(() if local else self.variables(entry, overrides))

    def lacks(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> list[str]:
        """Return why the entry's component cannot run here with these parameters; empty if it can.

        Unlike `readiness` this imports what the component names for it.
        """
        reasons = self.readiness(entry, overrides)
        if reasons or self.offer(entry).spec.needs.check is None:
            return reasons
        return self.offer(entry).missing_needs(self.resolve(entry, overrides).params, entry.env)

    def variables(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> tuple[str, ...]:
        """Return the environment variables that the component of an entry may see.

        `key` in the entry's env table names another one than its spec. At an address of this
        machine none is needed, and none is handed over that the entry does not name.
        """
        named = entry.env.get("key")
        if isinstance(named, str) and named:
            return (named,)
        needed = self.offer(entry).spec.needs.environment
        return () if self._is_local(entry, overrides) else needed

    def _is_local(self, entry: Entry, overrides: Mapping[str, Json]) -> bool:
        """Say whether the entry is a teacher with an endpoint on this machine."""
        spec = self.offer(entry).spec
        if not isinstance(spec, TeacherSpec) or spec.endpoint is None:
            return False
        try:
            return self.resolve(entry, overrides).is_loopback
        except DeshiError:
            return False  # what is wrong is told where the entry is used

    def create(
        self, kind: Kind, component: str, params_json: Mapping[str, Json], env: Env
    ) -> Component:
        """Return `Component(params, env)`; loads only its plugin, reads no entry.

        Raises what `Catalog.find` and `Offer.build` raise.
        """
        offer = self.catalog.find(kind, component)
        return cast("Component", offer.build(params_json, lambda cls, params: cls(params, env)))

    def load_student(
        self, component: str, params_json: Mapping[str, Json], folder: Path, env: Env
    ) -> Student:
        """Return a student that was saved in a folder; its class has the capability `saves`.

        Students that it combines are loaded from the same folder and handed over. Raises what `create`
        raises.
        """
        offer = self.catalog.stored_student(component)
        student: Student = offer.build(
            params_json, lambda cls, params: cls.load(folder, params, env), "loaded"
        )
        combined = {
            name: self.load_student(member.id, member.params, members.folder_of(folder, name), env)
            for name, member in members.read(folder).items()
        }
        if combined:
            cast("Combines", student).combine(combined)
        return student

    def load_export(
        self, component: str, params_json: Mapping[str, Json], form: str, folder: Path, env: Env
    ) -> Exported:
        """Return a student that was exported into a folder; its class has the capability `exports`.

        Raises what `create` raises.
        """
        exported: Exported = self.catalog.stored_student(component).build(
            params_json, lambda cls, params: cls.load_export(form, folder, params, env), "loaded"
        )
        return exported

    def executor(self, name: str) -> Callable[[int], Executor]:
        """Return the class of an executor, called with the number of workers.

        Raises UsageError for an unknown name, NotReadyError if it lacks something or cannot be imported.
        """
        offer = self.catalog.find("executor", name)
        if reasons := offer.readiness():
            raise NotReadyError("; ".join(reasons), where=offer.title)
        found: Callable[[int], Executor] = offer.imported(offer.spec.target, offer.title)
        return found

    def to_json(self) -> Json:
        """Return what another process needs to build the same components."""
        return {
            "start": str(self.start.absolute()),
            "sets": list(self.sets),
            "files": [str(file.absolute()) for file in self.files],
            "autoload": self.autoload,
            "plugins": {name: importable(plugin) for name, plugin in self.plugins.items()},
            "disabled": list(self.disabled),
            "local": [str(file) for file in self._local],
            "environ": self.environ,
            "builtin": str(self.builtin.absolute()) if self.builtin else None,
        }

    @classmethod
    def from_json(cls, data: Json) -> Registry:
        """Return the registry that `to_json` described; `create` on it reads no registry.toml."""
        given = {name: data[name] for name in ("sets", "autoload", "plugins", "environ")}
        files = [Path(file) for file in data["files"]]
        builtin = Path(data["builtin"]) if data["builtin"] else None
        registry = cls(Path(data["start"]), files=files, builtin=builtin, **given)
        registry._denied = data["disabled"], "set by the caller"
        registry._local = [Path(file) for file in data["local"]]
        return registry

    @property
    def disabled(self) -> tuple[str, ...]:
        """The names on the deny list."""
        return tuple(self._denied[0])

    @cached_property
    def _host_layers(self) -> list[Tree]:
        return layers.host_layers(self.start, self.builtin, self.environ, self.files, self.sets)

    @cached_property
    def _denied(self) -> tuple[Sequence[str], str]:
        """The deny list of plugins and where it is set."""
        leaf = branch(layers.merge_layers(self._host_layers), ("plugins", "disabled"))
        return (leaf.value, str(leaf)) if isinstance(leaf, Leaf) else ((), "")

    @cached_property
    def _local(self) -> Sequence[Path]:
        """The files of `[plugins] local`, relative to the file that lists them."""
        leaf = branch(layers.merge_layers(self._host_layers), ("plugins", "local"))
        if not isinstance(leaf, Leaf):
            return ()
        folder = leaf.source.folder
        return [(folder / Path(name).expanduser()).resolve() for name in leaf.value]

    @cached_property
    def catalog(self) -> Catalog:
        """The components of all plugins."""
        named = self.environ.get("DESHI_PLUGINS")
        disabled, why = self._denied
        records = known_plugins(
            autoload=self.autoload,
            local=self._local,
            given=self.plugins,
            allowed=None if named is None else [name.strip() for name in named.split(",")],
            disabled=disabled,
            why=why,
        )
        return Catalog(
            records,
            given={name: one for name, one in self.plugins.items() if not isinstance(one, str)},
            warn=self.warn,
            strict=bool(self.environ.get("DESHI_STRICT")),
            trace=_to_stderr if self.environ.get("DESHI_TRACE_PLUGINS") else None,
        )

    @cached_property
    def tree(self) -> Tree:
        """What all layers say, merged; loads all plugins."""
        return layers.merge_layers([self._offered, *self._host_layers[1:]])

    @cached_property
    def _offered(self) -> Tree:
        """What deshi and its plugins say: each adds names of its own, and changes no other's."""
        fragments: list[tuple[Plugin, Tree]] = []
        for plugin in self.catalog.plugins():
            for one in plugin.offered.get("layers", ()):
                try:
                    read = layers.read_fragment(plugin.record.name, one, plugin.folder)
                except UsageError as error:
                    self.catalog.reject_layers(plugin, str(error))
                else:
                    fragments.append((plugin, read))
        holders: dict[KeyPath, set[str]] = defaultdict(set)
        for offer in (offer for kind in KINDS for offer in self.catalog.offers(kind)):
            if offer.plugin.is_builtin:
                holders[offer.kind, offer.id].add("deshi's own components")
        named = [(f"plugin {plugin.record.name}", read) for plugin, read in fragments]
        for holder, layer in [("the built-in layer", self._host_layers[0]), *named]:
            for path in layers.names_in(layer):
                holders[path].add(holder)
        sound = [self._host_layers[0]]
        for plugin, read in fragments:
            if foreign := layers.foreign_name(plugin.record.name, read, holders):
                self.catalog.reject_layers(plugin, str(foreign))
            else:
                sound.append(read)
        return layers.merge_layers(sound)

    def changes(self, table: str, name: str) -> Iterator[str]:
        """Yield what a person changes of an entry, a prompt or a chain that nobody has to write."""
        kind = next((kind for kind in KINDS if kind == table), None)
        path = (table, name)
        offered = branch(self._offered, path) is not None
        if not offered and not (kind and name in {one.id for one in self.catalog.offers(kind)}):
            return  # it is the person's own

        def default(key: str) -> Json:
            return self.offer(self.entry(kind, name)).default(key) if kind else None

        yield from changes(self.tree, self._offered, path, default)


def _benchmark_source(file: Path | None) -> Source:
    folder = file.absolute().parent if file else Path.cwd()
    return Source("benchmark", folder, file=file.absolute() if file else None)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"unknown kind '{kind}'", fix=nearest(kind, KINDS))
