"""The record that every table is, and what prints it: on a terminal, as text, as data."""
