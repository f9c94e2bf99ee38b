"""Splits, near-test checks, statistics and comparisons."""
