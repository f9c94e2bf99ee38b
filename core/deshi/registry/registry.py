"""The registry of one run: plugins, layers and entries behind one door."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from deshi.api import KINDS, DeshiError, NotReadyError, TeacherSpec, UsageError, nearest
from deshi.registry import build, entries, layers, members
from deshi.registry.catalog import Catalog, Offer
from deshi.registry.contents import Contents
from deshi.registry.entries import Entry
from deshi.registry.known import Rules, importable, known_plugins
from deshi.registry.origin import Explained, Source, complaint
from deshi.registry.plugin import PluginRecord
from deshi.registry.ready import missing_needs, readiness
from deshi.registry.schema import PLACES
from deshi.registry.settings import parse_path, path_text
from deshi.registry.tree import branch, leaves, suggest_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deshi.api import Combines, Component, Env, Exported, Json, Kind, Place, Student
    from deshi.api import Executor as ExecutorType
    from deshi.registry.build import Resolved
    from deshi.registry.tree import Tree

_NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})
_VARIABLES: Final = (
    "DESHI_PLUGINS", "DESHI_SET", "DESHI_STRICT", "DESHI_TRACE_PLUGINS", "XDG_CONFIG_HOME",
)  # fmt: skip


class Registry:
    """Finds plugins, reads the layers, turns entries into components; all of it on first use.

    `start` is the folder from which the project's registry.toml is looked for upward. `sets` and
    `files` are those of the command line. Without `autoload` no installed plugin is looked for.
    `plugins` adds plugins by name, each an object with hooks or the entry-point value to import;
    one named `builtin` replaces deshi's own. `disabled` and `local` replace those lists of the
    layers. `environ` is read for DESHI_PLUGINS, DESHI_SET, DESHI_STRICT, DESHI_TRACE_PLUGINS and
    XDG_CONFIG_HOME. `builtin` is the file of the weakest layer. `warn` takes lines about plugins that
    failed though nobody named them, and the trace of hook calls.
    """

    def __init__(
        self,
        start: Path,
        sets: Sequence[str] = (),
        files: Sequence[Path] = (),
        *,
        autoload: bool = True,
        plugins: Mapping[str, object] = _NOTHING,
        disabled: Sequence[str] | None = None,
        local: Sequence[Path] | None = None,
        environ: Mapping[str, str] | None = None,
        builtin: Path | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._start = start
        self._sets = tuple(sets)
        self._files = tuple(files)
        self._autoload = autoload
        self._plugins = dict(plugins)
        self._disabled = disabled
        self._local = local
        self._environ = {name: environ[name] for name in _VARIABLES if name in environ}
        self._builtin = builtin
        self._warn = warn or _to_stderr
        self._contents = Contents()

    def entry(self, kind: Kind, name: str) -> Entry:
        """Return the entry of this name, or one with default parameters for a component's name.

        Raises UsageError for a name that is neither or an entry that was removed, NotReadyError for
        the component of a plugin that is not usable.
        """
        _check_kind(kind)
        if found := entries.explicit(self._tree, kind, name):
            return found
        try:
            self._catalog.find(kind, name)
        except UsageError as error:
            if "/" in name:
                raise
            known = {*entries.enabled(self._tree, kind), *(o.id for o in self.offers(kind))}
            raise UsageError(error.what, fix=nearest(name, known)) from error
        return Entry(kind=kind, name=name, component=name)

    def entries(self, kind: Kind) -> tuple[Entry, ...]:
        """Return the written entries of a kind that no layer removed, sorted by name."""
        _check_kind(kind)
        names = entries.enabled(self._tree, kind)
        found = (entries.explicit(self._tree, kind, name) for name in names)
        return tuple(entry for entry in found if entry)

    def find(self, kind: Kind, component: str) -> Offer:
        """Return the component of this id, loading only its plugin; see `Catalog.find`."""
        return self._catalog.find(kind, component)

    def offers(self, kind: Kind) -> tuple[Offer, ...]:
        """Return every usable component of a kind, sorted by id; loads all plugins."""
        return self._catalog.offers(kind)

    def offer(self, entry: Entry) -> Offer:
        """Return the component of an entry.

        Raises UsageError or NotReadyError, as `find` does, with the place that names the component.
        """
        try:
            return self._catalog.find(entry.kind, entry.component)
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
        if entry.prompt is not None:
            try:
                self.prompt(entry.prompt)
            except UsageError as error:
                origin = entry.origin_of("prompt")
                raise complaint(entry.path, error.what, origin, error.fix) from error
        folder = file.absolute().parent if file else Path.cwd()
        source = Source("benchmark", folder, file=file.absolute() if file else None)
        return build.resolve(entry, offer, overrides, overriding=source, contents=self._contents)

    def prompt(self, name: str) -> Mapping[str, Json]:
        """Return `[prompt.NAME]`. Raises UsageError if there is none or it is for no task."""
        return entries.prompt(self._tree, name)

    def chain(self, name: str) -> Mapping[Place, tuple[Entry, ...]]:
        """Return the filters of `[chain.NAME]`, for each place in order.

        Raises UsageError if there is no such chain or it names an unknown filter.
        """
        written = entries.chain(self._tree, name)
        chain: dict[Place, tuple[Entry, ...]] = dict.fromkeys(PLACES, ())
        for place in PLACES:
            if leaf := written.get(place):
                try:
                    chain[place] = tuple(self.entry("filter", item) for item in leaf.value)
                except UsageError as error:
                    where = path_text(("chain", name, place))
                    raise complaint(where, error.what, leaf.origin, error.fix) from error
        return chain

    def explain(self, path: str = "") -> tuple[Explained, ...]:
        """Return each value at or below a dotted path and its origin.

        Raises UsageError if there is none.
        """
        keys = parse_path(path) if path else ()
        node = branch(self._tree, keys)
        if node is None:
            what = "nothing is set there"
            raise UsageError(what, where=path, fix=suggest_key(self._tree, keys))
        return tuple(
            Explained(
                path_text(at), leaf.value, leaf.origin.layer, leaf.origin.file, leaf.origin.line
            )
            for at, leaf in leaves(node, keys)
        )

    def records(self, *, load: bool = True) -> tuple[PluginRecord, ...]:
        """Return every plugin and its state; without `load` none is imported to find out."""
        if load:
            _ = self._tree  # a plugin's fragment can be wrong as well
        return self._catalog.records()

    @property
    def disabled(self) -> tuple[str, ...]:
        """The names on the deny list."""
        return tuple(self._denied[0])

    def readiness(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> list[str]:
        """Return why the entry's component cannot run here, without importing it; empty if it can.

        Raises UsageError if there is no such component.
        """
        try:
            offer = self.offer(entry)
        except NotReadyError as error:
            return [str(NotReadyError(error.what, fix=error.fix))]
        asked = () if self.is_local(entry, overrides) else self.variables(entry, overrides)
        return readiness(offer.spec, offer.plugin.distribution, asked)

    def lacks(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> list[str]:
        """Return why the entry's component cannot run here with these parameters; empty if it can.

        Unlike `readiness` this imports what the component names for it.
        """
        reasons = self.readiness(entry, overrides)
        if reasons or self.offer(entry).spec.needs.check is None:
            return reasons
        resolved = self.resolve(entry, overrides)
        return missing_needs(resolved.spec, resolved.params, resolved.env_settings)

    def variables(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> tuple[str, ...]:
        """Return the environment variables that the component of an entry may see.

        `key` in the entry's env table names another one than its spec. At an address of this
        machine none is needed, and none is handed over that the entry does not name.
        """
        named = entry.env.get("key")
        if isinstance(named, str) and named:
            return (named,)
        spec = self.offer(entry).spec
        return () if self.is_local(entry, overrides) else spec.needs.environment

    def is_local(self, entry: Entry, overrides: Mapping[str, Json] = _NOTHING) -> bool:
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
        """Return the built component; loads only its plugin, reads no entry. See `build.create`."""
        return build.create(self._catalog.find(kind, component), params_json, env)

    def load_student(
        self, component: str, params_json: Mapping[str, Json], folder: Path, env: Env
    ) -> Student:
        """Return a student that was saved in a folder; see `build.load_student`.

        Students that it combines are loaded from the same folder and handed over.
        """
        offer = self._catalog.stored_student(component)
        student = build.load_student(offer, params_json, folder, env)
        combined = {
            name: self.load_student(member.id, member.params, members.folder_of(folder, name), env)
            for name, member in members.read(folder).items()
        }
        if combined:
            cast("Combines", student).combine(combined)
        return student

    def executor(self, name: str) -> Callable[[int], ExecutorType]:
        """Return the class of an executor; see `Catalog.executor`."""
        spec, plugin = self._catalog.executor(name)
        return build.executor_class(spec, plugin, f"executor '{name}'")

    def load_export(
        self, component: str, params_json: Mapping[str, Json], form: str, folder: Path, env: Env
    ) -> Exported:
        """Return a student that was exported into a folder; see `build.load_export`."""
        offer = self._catalog.stored_student(component)
        return build.load_export(offer, params_json, form, folder, env)

    def parameters(self, entry: Entry) -> tuple[tuple[str, Json, str], ...]:
        """Return key, value and help of every parameter of an entry, also of one that lacks some.

        Raises NotReadyError if the parameters' class cannot be imported.
        """
        described = build.described(self.offer(entry), entry.path)
        try:
            values = self.resolve(entry).params_json
        except UsageError:
            values = entry.params
        return tuple((key, values.get(key, default), about) for key, default, about in described)

    def params_class(self, kind: Kind, component: str) -> type[Any]:
        """Return the class of a component's parameters. Raises NotReadyError if it has none."""
        return build.params_class(self._catalog.find(kind, component), f"{kind} '{component}'")

    def fault(self, entry: Entry) -> str:
        """Return what is wrong with an entry's parameters or not yet said; empty if nothing is."""
        try:
            self.resolve(entry)
        except UsageError as error:
            return error.what
        return ""

    def notify(self, hook: str, payload: Mapping[str, Json]) -> int:
        """Call a watching hook of every plugin, each with its own copy; return how many failed."""
        return self._catalog.notify(hook, payload)

    @property
    def failures(self) -> Mapping[tuple[str, str], int]:
        """How often each (plugin, watching hook) failed so far."""
        return self._catalog.failures

    def to_json(self) -> Json:
        """Return what another process needs to build the same components."""
        return {
            "start": str(self._start.absolute()),
            "sets": list(self._sets),
            "files": [str(file.absolute()) for file in self._files],
            "autoload": self._autoload,
            "plugins": {name: importable(plugin) for name, plugin in self._plugins.items()},
            "disabled": list(self._denied[0]),
            "local": [str(file) for file in self._files_of_plugins],
            "environ": self._environ,
            "builtin": str(self._builtin.absolute()) if self._builtin else None,
        }

    @classmethod
    def from_json(cls, data: Json) -> Registry:
        """Return the registry that `to_json` described; `create` on it reads no registry.toml."""
        return cls(
            Path(data["start"]),
            data["sets"],
            [Path(file) for file in data["files"]],
            autoload=data["autoload"],
            plugins=data["plugins"],
            disabled=data["disabled"],
            local=[Path(file) for file in data["local"]],
            environ=data["environ"],
            builtin=Path(data["builtin"]) if data["builtin"] else None,
        )

    @cached_property
    def _host_layers(self) -> list[Tree]:
        return layers.host_layers(
            start=self._start,
            sets=self._sets,
            files=self._files,
            environ=self._environ,
            builtin=self._builtin,
        )

    @cached_property
    def _denied(self) -> tuple[Sequence[str], str]:
        if self._disabled is not None:
            return self._disabled, "set by the caller"
        return layers.disabled_plugins(layers.merge_layers(self._host_layers))

    @cached_property
    def _files_of_plugins(self) -> Sequence[Path]:
        if self._local is not None:
            return self._local
        return layers.local_plugins(layers.merge_layers(self._host_layers))

    @cached_property
    def _catalog(self) -> Catalog:
        named = self._environ.get("DESHI_PLUGINS")
        allowed = None if named is None else [name.strip() for name in named.split(",")]
        disabled, why = self._denied
        records = known_plugins(
            Rules(allowed=allowed, disabled=disabled, why=why),
            autoload=self._autoload,
            local=self._files_of_plugins,
            given=self._plugins,
        )
        return Catalog(
            records,
            given={name: p for name, p in self._plugins.items() if not isinstance(p, str)},
            warn=self._warn,
            strict=bool(self._environ.get("DESHI_STRICT")),
            trace=_to_stderr if self._environ.get("DESHI_TRACE_PLUGINS") else None,
        )

    @cached_property
    def _tree(self) -> Tree:
        below, *above = self._host_layers
        fragments: list[Tree] = []
        for record, fragment, folder in self._catalog.fragments():
            try:
                read = layers.read_fragment(record.name, fragment.name, fragment.toml, folder)
            except UsageError as error:
                self._catalog.reject_layers(record.name, str(error))
            else:
                fragments.append(read)
        return layers.merge_layers([below, *fragments, *above])


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"unknown kind '{kind}'", fix=nearest(kind, KINDS))


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
