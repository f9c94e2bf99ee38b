"""Decoding rules by name.

A built-in rule has a short name, any other is named `module:Class`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from importlib.metadata import distributions
from typing import Final

from deshi.api import ComponentError, DecodingRule, Loss
from deshi_plugins.students.rules import ExpectedJaccard, Threshold, Zero

RULES: Final[Mapping[str, type[DecodingRule]]] = {
    "expected-jaccard": ExpectedJaccard,
    "threshold": Threshold,
    "zero": Zero,
}
"""The rules that a loss may name, those of `deshi.api.RuleName`."""
_GROUPS: Final = "deshi.v"
"""How the groups of entry points begin in which plugins are offered, whatever their version."""
_METHODS: Final = ("probabilities", "bias", "tune", "select")


def rule_of(loss: Loss) -> DecodingRule:
    """Return the rule of a loss: the one that it names, or its own.

    Raises:
        ComponentError: there is no rule of that name, or the object is no rule.
    """
    rule: object = getattr(loss, "decoding", None)
    where = f"loss {type(loss).__module__}:{type(loss).__qualname__}"
    if isinstance(rule, str) and rule in RULES:
        return RULES[rule]()
    if isinstance(rule, DecodingRule) and not isinstance(rule, type):
        load_rule(rule_name(rule))  # as it will be when the student is loaded
        return rule
    raise ComponentError(
        f"its decoding is {rule!r}, which is not a rule",
        where=where,
        fix=f"name {', '.join(RULES)}, or set an object with the methods {', '.join(_METHODS)} "
        "(deshi.api.DecodingRule)",
    )


def rule_name(rule: DecodingRule) -> str:
    """Return the name by which `load_rule` loads the class of a rule.

    Raises:
        ComponentError: the class is none of a module's own, or of a module of no plugin.
    """
    cls = type(rule)
    for name, known in RULES.items():
        if cls is known:
            return name
    name = f"{cls.__module__}:{cls.__qualname__}"
    if _class(name) is not cls:
        raise ComponentError(
            "its class cannot be imported by that name",
            where=f"decoding rule {name}",
            fix="define the class at the top of a module of your plugin",
        )
    return name


def load_rule(name: str) -> DecodingRule:
    """Return a rule by the name under which a student stored it.

    Raises:
        ComponentError: there is none, or its plugin is not installed here.
    """
    cls = RULES.get(name) or _class(name)
    if cls is None or not issubclass(cls, DecodingRule):
        raise ComponentError(
            f"there is no decoding rule '{name}' here",
            where="a stored student",
            fix=f"install the plugin that offers it; the built-in rules are {', '.join(RULES)}",
        )
    try:
        return cls()
    except TypeError as error:
        raise ComponentError(
            f"it cannot be constructed without arguments: {error}",
            where=f"decoding rule {name}",
            fix="give each argument a default; what differs belongs in the state",
        ) from error


def _class(name: str) -> type | None:
    """Return the class `module:Class` of a plugin; None if there is none.

    A folder with a student is data that may come from anywhere: a name in it reaches the modules
    of installed plugins and those that are imported already, and no other.
    """
    module, _, attribute = name.partition(":")
    points = (point for one in distributions() for point in one.entry_points)
    plugins = {p.module.partition(".")[0] for p in points if p.group.startswith(_GROUPS)}
    if module not in sys.modules and module.partition(".")[0] not in plugins:
        return None
    try:
        cls = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None
    return cls if isinstance(cls, type) else None
