"""The checks: those of every component, and those of each kind, a module each.

A module has `CHECKS`, and `ALWAYS`, the number of them that apply to every component of its kind.
"""
