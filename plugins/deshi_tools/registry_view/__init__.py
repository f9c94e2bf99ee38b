"""Entries, where their values come from, and plugins, as tables."""
