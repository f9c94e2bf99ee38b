"""Prepare a run, schedule its stages, put its results together."""
