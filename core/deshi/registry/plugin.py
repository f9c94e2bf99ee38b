"""What is known about one plugin: where it comes from, and whether it can be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from deshi.api import NotReadyError
from deshi.api.installing import pip_command, upgrade_command

HOST: Final = "deshi"
"""The distribution whose plugins give bare component names."""

GROUP: Final = "deshi.v2"
"""The entry-point group that this host reads."""

NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""The form of the name of a plugin and of a component."""
NAME_FORM: Final = "'lower-case-words' of letters and digits"

State: TypeAlias = Literal["found", "ready", "disabled", "incompatible", "broken", "invalid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """One plugin and its state.

    `found` was not loaded yet. `ready` offers all that it says. `disabled` and `incompatible` are
    never imported. `broken` failed to import. `invalid` imported, but something that it offers is
    wrong: `problems` says what for each kind (or for `hooks` and `layers`); its other kinds stay.
    `reason` and `trace` tell what happened; `offers` holds pairs of a kind (or `executor`) and an id.
    """

    name: str
    distribution: str
    version: str
    entry: str
    group: str = GROUP
    state: State = "found"
    reason: str = ""
    trace: str = field(default="", repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)
    offers: tuple[tuple[str, str], ...] = ()

    @property
    def is_builtin(self) -> bool:
        """Whether it is of deshi's own distribution, so that its components have bare names."""
        return self.distribution == HOST

    @property
    def is_local(self) -> bool:
        """Whether it is one file that the project's registry.toml names, and no distribution."""
        return self.entry.endswith(".py")

    @property
    def title(self) -> str:
        """The plugin as messages call it: `plugin 'acme' (acme-pkg 0.2)`."""
        source = f"{self.distribution} {self.version}".strip()
        return f"plugin '{self.name}' ({source})" if source else f"plugin '{self.name}'"

    @property
    def fix(self) -> str:
        """The next command for somebody who needs the plugin."""
        if self.state != "incompatible":
            return f"run `deshi plugins info {self.name}`"
        if self.group < GROUP:
            return f"run `{pip_command('install', '--upgrade', self.distribution)}`"
        return upgrade_command(self.distribution)

    def component_id(self, component: str) -> str:
        """Return the name under which registry.toml knows the component."""
        return component if self.is_builtin else f"{self.name}/{component}"

    def invalid(self, reason: str, about: str = "hooks") -> PluginRecord:
        """Return the record with one problem more, of a kind or of all hooks."""
        problems = {**self.problems, about: reason}
        together = "; ".join(problems.values())
        return replace(self, state="invalid", reason=together, problems=problems)

    def not_ready(self, where: str = "", reason: str = "") -> NotReadyError:
        """Return the error for a run that names this plugin."""
        what = f"{self.title} is {self.state}: {reason or self.reason}"
        return NotReadyError(what, where=where, fix=self.fix)
