"""A third-party plugin in miniature: quick, in pure Python, and it keeps a diary of its work."""
