"""The comparison table of a run: short, whole, and in every format."""
