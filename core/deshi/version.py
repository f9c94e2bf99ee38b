"""The version of deshi."""

__version__ = "0.1.0"
