"""Settings that hold a secret are refused: they would be kept with every result, and published."""

from __future__ import annotations

import os
from collections.abc import Mapping

from deshi.api import Json, UsageError
from deshi.redaction import names_variable, secret_in
from deshi.registry.entries import Entry
from deshi.registry.settings import path_text
from deshi.registry.tree import Origin, Source


def refuse_secrets(entry: Entry, overrides: Mapping[str, Json], overriding: Source) -> None:
    """Raise UsageError, which shows no value, for the first setting that looks like a secret."""
    key = entry.env.get("key", "")
    if key != "" and not names_variable(key, os.environ):
        what = "is not the name of an environment variable; does it hold the key itself?"
        raise secret_fault(entry, ("env", "key"), entry.origin_of("env", "key"), what)
    env = {name: value for name, value in entry.env.items() if name != "key"}
    params = {**entry.params, **overrides}
    tables = {"params": params, "env": env, "limits": entry.limits, "terms": entry.terms}
    if at := secret_in(tables):
        own = at[0] == "params" and at[1] in overrides
        raise secret_fault(entry, at, Origin(overriding, at[1:]) if own else entry.origin_of(*at))


def secret_fault(
    entry: Entry, at: tuple[str, ...], origin: Origin | None, what: str = "looks like a secret"
) -> UsageError:
    """Return the error about a setting; of one on the command line it shows no value."""
    place = f" ({str(origin).partition('=')[0]})" if origin else ""
    fix = f"put it in an environment variable, and name that in [{entry.path}.env] key{place}"
    return UsageError(what, where=path_text((entry.kind, entry.name, *at)), fix=fix)
