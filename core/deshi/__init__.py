"""deshi: distil big teachers into small students, and compare every combination honestly."""

__version__ = "0.1.0"
