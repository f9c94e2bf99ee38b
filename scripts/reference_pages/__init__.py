"""What `scripts/reference.py` writes: a module for each part of the code that is told of."""
