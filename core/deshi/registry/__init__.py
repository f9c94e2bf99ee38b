"""Discover plugins, load them safely, overlay the layers of registry.toml, build components."""

from deshi.registry.boundary import bare, complain
from deshi.registry.entries import Entry
from deshi.registry.offer import open_component
from deshi.registry.plugin import PluginRecord
from deshi.registry.plugin_code import code_of
from deshi.registry.registry import Registry
from deshi.registry.resolve import Resolved, terms_of
from deshi.registry.settings import REGISTRY_TABLES, parse_setting, split_settings
from deshi.registry.tomltext import read_toml_text

__all__ = [
    "REGISTRY_TABLES",
    "Entry",
    "PluginRecord",
    "Registry",
    "Resolved",
    "bare",
    "code_of",
    "complain",
    "open_component",
    "parse_setting",
    "read_toml_text",
    "split_settings",
    "terms_of",
]
