"""JSON Schemas of registry.toml and of benchmark files, for editors that complete and check TOML.

They are made of what reads the files: the settings' dataclasses, the axes, the parameters of the
components that are installed. What a schema refuses, deshi refuses; deshi itself looks at more.
"""

from deshi_tools.schema.benchmark import benchmark_schema
from deshi_tools.schema.registry import registry_schema

__all__ = ["benchmark_schema", "registry_schema"]
