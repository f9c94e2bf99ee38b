"""The component that is checked: its spec, its parameters, and fresh instances of it."""

from __future__ import annotations

import contextlib
import pkgutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from deshi.api import Env, Json, Kind
from deshi.registry import bare, open_component
from deshi.testing.offline import offline

if TYPE_CHECKING:
    from deshi.registry import Registry, Resolved

Made = TypeVar("Made")


@dataclass(frozen=True)
class Subject:
    """A component with parameters, as a benchmark would use it.

    `settings` are those of the entry's env table, `secrets` what its environment variables hold.
    """

    registry: Registry
    resolved: Resolved
    settings: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    live: bool = False
    budget: int = 0
    """What live checks may spend, in nano-USD."""
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What one check made and others use: see `once`."""
    stack: contextlib.ExitStack = field(
        default_factory=contextlib.ExitStack, repr=False, compare=False
    )
    """Closes what is kept."""

    @property
    def kind(self) -> Kind:
        """The component's kind."""
        kind: Kind = self.spec.kind
        return kind

    @property
    def spec(self) -> Any:  # noqa: ANN401
        """The component's spec, of its kind's class."""
        return self.resolved.spec

    @property
    def component(self) -> str:
        """The component's id."""
        return self.resolved.component

    @property
    def params(self) -> Any:  # noqa: ANN401
        """The parameters: an instance of the component's own dataclass."""
        return self.resolved.params

    @property
    def has_default_params(self) -> bool:
        """Whether every parameter has its default."""
        try:
            return bool(self.params == self.params_class())
        except TypeError:  # some parameter has none
            return False

    def can(self, capability: str) -> bool:
        """Say whether the spec announces a capability."""
        return capability in self.spec.capabilities

    @cached_property
    def target(self) -> type[Any]:
        """The component's class."""
        found: type[Any] = pkgutil.resolve_name(self.spec.target)
        return found

    @cached_property
    def params_class(self) -> type[Any]:
        """The class of the parameters."""
        return self.registry.catalog.find(self.kind, self.component).params_class()

    @cached_property
    def cannot_be_built(self) -> str:
        """Why the class cannot be imported and built; empty if it can."""
        with tempfile.TemporaryDirectory() as folder:
            try:
                with offline():
                    self.target(self.params, self.env(Path(folder)))
            except (Exception, SystemExit) as error:  # noqa: BLE001  (foreign code may raise anything)
                return f"{type(error).__name__}: {error}"
        return ""

    def env(self, folder: Path, *, seed: int = 0) -> Env:
        """Return a machine with a folder of its own."""
        return Env(
            seed=seed,
            device=str(self.settings.get("device", "cpu")),
            folder=folder,
            cache=folder / "cache",
            settings=self.settings,
            secrets=self.secrets,
            entry=self.resolved.entry.name,
        )

    @property
    def member_names(self) -> tuple[str, ...]:
        """The entries that the component combines, as its parameters name them."""
        key = getattr(self.spec, "combines", None)
        return tuple(self.resolved.params_json.get(key, ())) if key else ()

    def built(self, env: Env) -> Any:  # noqa: ANN401
        """Return a new instance; a corpus gets the corpora that it combines."""
        component: Any = bare(
            self.registry.create(self.kind, self.component, self.resolved.params_json, env)
        )
        if self.kind == "corpus" and self.member_names:
            component.combine({name: self._member(name, env) for name in self.member_names})
        return component

    def _member(self, name: str, env: Env) -> Any:  # noqa: ANN401
        resolved = self.registry.resolve(self.registry.entry(self.kind, name))
        made = self.registry.create(self.kind, resolved.component, resolved.params_json, env)
        return bare(made)

    def with_params(self, params: Mapping[str, Json]) -> Subject:
        """Return the same component with some parameters changed."""
        entry = self.resolved.entry
        kept = {**self.resolved.params_json, **params}
        return replace(self, resolved=self.registry.resolve(entry, kept), kept={})

    @contextlib.contextmanager
    def opened(self, *, seed: int = 0) -> Iterator[Any]:
        """Yield a new instance, entered where it can be, with a folder that goes afterwards."""
        with tempfile.TemporaryDirectory(prefix="deshi-check-") as name:
            folder = Path(name)
            (folder / "cache").mkdir()
            with open_component(self.built(self.env(folder, seed=seed))) as component:
                yield component

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what `make` gives; it is called once, and what it raised is raised again."""
        if name not in self.kept:
            try:
                self.kept[name] = make()
            except (Exception, SystemExit) as error:  # noqa: BLE001  (foreign code may raise anything)
                self.kept[name] = error
        if isinstance(self.kept[name], BaseException):
            raise self.kept[name]
        made: Made = self.kept[name]
        return made

    def other(self, kind: Kind, component: str) -> Any:  # noqa: ANN401
        """Return a component of deshi's own by its bare name, such as a loss to train with."""
        return bare(self.registry.create(kind, component, {}, Env()))


def as_json(value: object) -> Json:
    """Return a value as JSON; raises TypeError where it is none."""
    return msgspec.json.decode(msgspec.json.encode(value))
