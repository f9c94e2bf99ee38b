"""Transformer students and their shared training loop."""
