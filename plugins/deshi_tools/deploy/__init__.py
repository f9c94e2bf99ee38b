"""Fitted students in use: predict, export, publish with cards."""
