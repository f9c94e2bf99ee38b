"""The terms of an entry: those that it states, over those of its component."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from deshi.api import CorpusSpec, TeacherSpec, Terms
from deshi.registry import params as parameters
from deshi.registry.origin import complaint
from deshi.registry.params import ParamsFault

if TYPE_CHECKING:
    from deshi.api import Spec
    from deshi.registry.entries import Entry


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
        where = ".".join((entry.path, "terms", *fault.path))
        at = (*fault.path, fault.key) if fault.key else fault.path
        raise complaint(where, fault.what, entry.origin_of("terms", *at), fault.fix) from fault
    return found
