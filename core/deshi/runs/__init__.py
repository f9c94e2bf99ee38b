"""A finished run: its results as one view, and what it left in the workspace."""
